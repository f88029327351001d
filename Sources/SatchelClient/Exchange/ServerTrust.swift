import Foundation
import SatchelSync
package import SatchelWire

/// By what a device knows that it speaks to its server.
///
/// Over plain HTTP, which is for this machine alone, nothing is checked.
public struct ServerTrust: Hashable, Sendable {
    /// What a server has to show.
    package enum Kind: Hashable, Sendable {
        /// A certificate for the host's name, by an authority that the system trusts.
        case system
        /// A certificate for the host's name, by the authorities in this text, PEM.
        case authority(pem: String)
        /// This public key, whatever its certificate says.
        case key(ServerKey)
    }

    /// What this device asks of its server.
    package let kind: Kind

    package init(_ kind: Kind) { self.kind = kind }

    /// Whoever shows a certificate for the address's host that an authority of the system signed.
    ///
    /// The certificate may be renewed, and its key with it.
    public static let system = ServerTrust(.system)

    /// The same, signed by one of the authorities whose certificates are in `pem`, and by no other.
    ///
    /// - Throws: `SatchelError` `invalid_request` where the text has no certificate.
    public static func authority(pem: String) throws -> ServerTrust {
        guard ServerClients.certificateCount(inPEM: pem) > 0 else {
            throw SatchelError(
                .invalidRequest, "The file of the certificate authority holds no certificate.",
                remedy: "Give a file in PEM, which begins with -----BEGIN CERTIFICATE-----.")
        }
        return ServerTrust(.authority(pem: pem))
    }

    /// The same, with the authorities whose certificates are in a file, which is not needed afterwards.
    ///
    /// - Throws: `SatchelError` `invalid_request`.
    public static func authority(file path: String) throws -> ServerTrust {
        guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= fileBytesMax else {
            throw SatchelError(
                .invalidRequest, "The file \(Excerpt.of(path)) cannot be read.",
                remedy: "Check the path and who may read it.")
        }
        return try authority(pem: String(decoding: data, as: UTF8.self))
    }

    private static let fileBytesMax = 1 << 20

    /// Whoever has this key: 24 letters, or the 64 hexadecimal digits of its SHA-256, as `satchel-server certificate show` prints it.
    ///
    /// Names and dates of the certificate do not matter then.
    /// - Throws: `SatchelError` `invalid_request` where the text is no key.
    public static func key(_ text: String) throws -> ServerTrust {
        guard let key = ServerKey(text) else {
            throw SatchelError.wrongUsage(
                "\"\(Excerpt.of(text))\" is not the key of a server.",
                remedy: "Take the 24 letters that `satchel-server certificate show` prints.")
        }
        return ServerTrust(.key(key))
    }

    /// What it is called: `system`, `authority` or `key`.
    public var name: String {
        switch kind {
        case .system: "system"
        case .authority: "authority"
        case .key: "key"
        }
    }

    /// The key, as people read it; `nil` where it is known by an authority.
    public var key: String? {
        if case .key(let key) = kind { key.description } else { nil }
    }
}

extension ServerTrust {
    /// Reads what ``stored`` writes; `nil` stands for the system's authorities.
    ///
    /// - Throws: `SatchelError` `damaged_data`.
    package init(stored text: String?) throws {
        let parts = (text ?? "system").split(separator: "\n", maxSplits: 1)
        switch (parts.first, parts.dropFirst().first) {
        case ("system", nil): self.init(.system)
        case ("authority", let pem?): self.init(.authority(pem: String(pem)))
        case ("key", let digits?):
            guard let key = ServerKey(String(digits)) else { fallthrough }
            self.init(.key(key))
        default:
            throw SatchelError(
                .damagedData, "What this device keeps of its server's certificate cannot be read.",
                remedy: "Say anew whom it is to trust: `satchel trust`.")
        }
    }

    /// As it is kept.
    package var stored: String? {
        switch kind {
        case .system: nil
        case .authority(let pem): "authority\n\(pem)"
        // What people typed is kept as they typed it: the first 120 bits.
        case .key(let key): "key\n\(key.bytes.count == 32 ? key.hexadecimal : key.description)"
        }
    }
}
