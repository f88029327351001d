import Crypto
import Foundation
import SatchelStorage

/// A certificate that nobody but its own key vouches for: a P-256 key in X.509 version 3 (RFC 5280).
///
/// It has no end (RFC 5280 §4.1.2.5) and began before anybody could have it: devices know the server by its key, and a device whose clock is
/// wrong must get through all the same.
struct SelfSignedCertificate {
    /// PEM.
    let certificate: String
    /// PEM, PKCS #8.
    let key: String

    /// Makes a fresh key, and the certificate for these names and addresses.
    init(hosts: [String]) throws {
        let privateKey = P256.Signing.PrivateKey()
        let content = Self.content(
            key: Array(privateKey.publicKey.derRepresentation), serial: Hashing.randomBytes(16), hosts: hosts)
        let signature = Array(try privateKey.signature(for: content).derRepresentation)
        let bytes = DERValue.sequence(content, Self.signatureAlgorithm, DERValue.bits(signature))
        certificate = Self.pem("CERTIFICATE", bytes)
        key = privateKey.pemRepresentation + "\n"
    }

    private static let signatureAlgorithm = DERValue.sequence(DERValue.objectIdentifier(1, 2, 840, 10045, 4, 3, 2))

    /// What is signed.
    private static func content(key: [UInt8], serial: [UInt8], hosts: [String]) -> [UInt8] {
        let commonName = DERValue.sequence(DERValue.objectIdentifier(2, 5, 4, 3), DERValue.utf8("Satchel server"))
        let name = DERValue.sequence(DERValue.set(commonName))
        let validity = DERValue.sequence(
            DERValue.utcTime("700101000000Z"), DERValue.generalizedTime("99991231235959Z"))
        let extensions = DERValue.sequence(
            // Basic constraints: its own authority, and nobody else's; so `--ca` takes the certificate itself.
            ext(19, isCritical: true, DERValue.sequence(DERValue.bool(true), DERValue.integer([0]))),
            // Key usage: signatures, of certificates too.
            ext(15, isCritical: true, DERValue.bits([0x84], unused: 2)),
            // Extended key usage: a server of TLS.
            ext(37, isCritical: false, DERValue.sequence(DERValue.objectIdentifier(1, 3, 6, 1, 5, 5, 7, 3, 1))),
            // Subject alternative names.
            ext(17, isCritical: false, DERValue.tagged(0x30, hosts.flatMap(alternativeName))))
        return DERValue.sequence(
            DERValue.explicit(0, DERValue.integer([2])), DERValue.integer([0x40] + serial), signatureAlgorithm, name,
            validity, name, key, DERValue.explicit(3, extensions))
    }

    private static func ext(_ number: UInt32, isCritical: Bool, _ value: [UInt8]) -> [UInt8] {
        DERValue.sequence(
            DERValue.objectIdentifier(2, 5, 29, number), isCritical ? DERValue.bool(true) : [], DERValue.octets(value))
    }

    private static func alternativeName(_ host: String) -> [UInt8] {
        if let address = address(host) { return DERValue.tagged(0x87, address) }
        return DERValue.tagged(0x82, Array(host.utf8))
    }

    /// The bytes of an address of the Internet; `nil` for a name.
    private static func address(_ host: String) -> [UInt8]? {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 { return unsafe withUnsafeBytes(of: four) { unsafe Array($0) } }
        var six = in6_addr()
        if unsafe inet_pton(AF_INET6, host, &six) == 1 { return unsafe withUnsafeBytes(of: six) { unsafe Array($0) } }
        return nil
    }

    private static func pem(_ label: String, _ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
    }
}
