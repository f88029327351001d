import NIOSSL
import SatchelStorage
package import SatchelSync
import SatchelWire

/// The certificate that a server shows, and its key.
package struct TransportKeys: Sendable {
    let context: NIOSSLContext
    /// By what devices know the server.
    let key: ServerKey
    /// The same as people read it: 24 letters in groups of four.
    package var keyText: String { key.description }
    /// The same whole: the SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits.
    package var keyHash: String { key.hexadecimal }
    /// Whether nobody but its own key vouches for the certificate.
    package let isSelfSigned: Bool
    /// The key that an enrolment code names; `nil` where an authority vouches for the certificate, whose key changes with each one.
    var knownKey: ServerKey? { isSelfSigned ? key : nil }
    private let certificatePath: String
    private let keyPath: String

    /// Reads a chain of certificates and a private key, both PEM.
    ///
    /// - Throws: `SatchelError` `invalid_request` where a file cannot be read as that, or the two do not belong together.
    package init(certificatePath: String, keyPath: String) throws(SatchelError) {
        (self.certificatePath, self.keyPath) = (certificatePath, keyPath)
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
            guard let leaf = chain.first else { throw NIOSSLError.failedToLoadCertificate }
            let privateKey = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
            configuration.minimumTLSVersion = .tlsv12
            configuration.cipherSuiteValues = Self.ciphers
            configuration.applicationProtocols = ["http/1.1"]
            // Looks whether the two belong together, before the server says that it listens.
            context = try NIOSSLContext(configuration: configuration)
            guard let key = ServerKey(hash: Hashing.sha256(try leaf.extractPublicKey().toSPKIBytes())) else {
                throw NIOSSLError.failedToLoadCertificate
            }
            self.key = key
            isSelfSigned = try chain.count == 1 && Self.isSelfSigned(leaf.toDERBytes())
        } catch {
            throw SatchelError(
                .invalidRequest, "The certificate \(certificatePath) and the key \(keyPath) cannot be read as a pair.",
                remedy: "Give PEM files that belong together and that this user may read.", cause: error)
        }
    }

    /// What the files hold now.
    ///
    /// - Throws: As making it does.
    func reread() throws(SatchelError) -> TransportKeys {
        try TransportKeys(certificatePath: certificatePath, keyPath: keyPath)
    }

    /// Of TLS 1.2 what keeps past talk secret and encrypts with authentication; those of TLS 1.3 all do.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    /// Whether issuer and subject of a certificate are the same name.
    ///
    /// In it stand, after the version where there is one, the serial number, the algorithm, the issuer, the times and the subject.
    private static func isSelfSigned(_ certificate: [UInt8]) -> Bool {
        guard let content = DERValue.content(of: certificate[...]).flatMap(DERValue.parts)?.first,
            let parts = DERValue.content(of: content).flatMap(DERValue.parts), let first = parts.first?.first
        else { return false }
        let start = first == 0xA0 ? 1 : 0
        return parts.count > start + 4 && parts[start + 2] == parts[start + 4]
    }
}
