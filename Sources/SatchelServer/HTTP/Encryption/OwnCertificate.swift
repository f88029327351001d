import Foundation
import SatchelStorage
package import SatchelSync

/// The certificate that a store has of its own, for trying and for teams without a certificate authority: two files in its folder.
package struct OwnCertificate: Sendable {
    private let folder: DataFolder

    /// Names the folder; nothing is read yet.
    package init(dataPath: String) { folder = DataFolder(path: dataPath) }

    /// Where the certificate is, PEM.
    package var certificatePath: String { folder.url.appending(path: "satchel.certificate.pem").path }
    /// Where its key is, PEM, for nobody but the folder's owner to read.
    package var keyPath: String { folder.url.appending(path: "satchel.key.pem").path }

    /// Whether there is one.
    package var exists: Bool {
        [certificatePath, keyPath].allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    /// What a server shows with it.
    ///
    /// - Throws: `SatchelError` `missing_data` where there is none, and what ``TransportKeys`` throws.
    package func keys() throws(SatchelError) -> TransportKeys {
        guard exists else {
            throw SatchelError(
                .missingData, "\(folder.url.path) holds no certificate of its own.",
                remedy: "Make one with `satchel-server certificate new`, or give --certificate and --key.")
        }
        return try TransportKeys(certificatePath: certificatePath, keyPath: keyPath)
    }

    /// Makes a fresh key and certificate in place of what is there (0600).
    ///
    /// - Parameter hosts: Names and addresses of the server; this machine's are added.
    /// - Returns: What a server shows with it.
    /// - Throws: `SatchelError` `missing_data` where the folder holds no store, `invalid_request` for no name, `storage_failed`.
    @discardableResult package func make(hosts: [String] = []) throws -> TransportKeys {
        try folder.requireDatabase(remedy: "Make one with `satchel-server init`.")
        for host in hosts where !Self.isHost(host) {
            throw SatchelError.wrongUsage(
                "\"\(Excerpt.of(host))\" is not the name or the address of a server.",
                remedy: "Write it like crm.example.org or 10.0.0.7.")
        }
        let machine = [ProcessInfo.processInfo.hostName].filter { Self.isHost($0) && $0 != "localhost" }
        let made = try SelfSignedCertificate(hosts: hosts + machine + ["localhost", "127.0.0.1", "::1"])
        // The key first: a certificate whose key is another one is refused, and made anew.
        try write(made.key, to: keyPath)
        try write(made.certificate, to: certificatePath)
        return try keys()
    }

    private static func isHost(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "*"): true
                default: false
                }
            }
    }

    /// Writes beside the file and moves it into place.
    private func write(_ text: String, to path: String) throws {
        let fresh = path + ".new"
        try? FileManager.default.removeItem(atPath: fresh)
        let isMade = FileManager.default.createFile(
            atPath: fresh, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isMade, unsafe rename(fresh, path) == 0 else {
            throw SatchelError(
                .storageFailed, "The file \(path) cannot be written.",
                remedy: "Check who owns the folder and that its disk has space.")
        }
    }
}
