package import SatchelSync

/// Where a server may listen without encryption: on this machine only, unless a proxy in front of it encrypts.
package enum TransportRule {
    /// Refuses plain HTTP where others could read along.
    ///
    /// - Throws: `SatchelError` `insecure_transport`.
    package static func check(host: String, isEncrypted: Bool, isBehindProxy: Bool) throws(SatchelError) {
        guard !isEncrypted, !isBehindProxy, !isLoopback(host) else { return }
        throw SatchelError(
            .insecureTransport, "Listening on \(host) without encryption would let others read along.",
            remedy:
                "Give --certificate and --key, make a certificate with `satchel-server certificate new`, say --behind-proxy where a proxy encrypts, or listen on 127.0.0.1."
        ).asWrongUsage
    }

    /// Whether an address is this machine's own.
    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || isLoopbackV4(host)
    }

    private static func isLoopbackV4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && parts.allSatisfy { $0 != nil }
    }
}
