import Foundation
import SatchelStorage
import SatchelSync
import Synchronization

/// The operator's socket in a data folder, under a path that is short enough for the kernel.
///
/// A socket's path takes 107 bytes on Linux and 103 elsewhere, and SwiftNIO takes 103 everywhere. Where the folder lies deeper, the path goes through the folder's descriptor, which this
/// value keeps open.
final class SocketPath: Sendable {
    /// The path to bind or connect to.
    let path: String
    private let descriptor: Int32?

    /// - Throws: `SatchelError` `invalid_request` where no short path can be made.
    init(folder: DataFolder) throws(SatchelError) {
        let plain = folder.url.appending(path: Self.fileName).path
        if plain.utf8.count <= Self.bytesMax {
            path = plain
            descriptor = nil
            return
        }
        let opened = unsafe open(folder.url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let short = "/proc/self/fd/\(opened)/\(Self.fileName)"
        guard opened >= 0, FileManager.default.fileExists(atPath: "/proc/self/fd/\(opened)") else {
            if opened >= 0 { close(opened) }
            throw SatchelError(
                .invalidRequest, "The path \(plain) is too long for a socket, which takes \(Self.bytesMax) bytes.",
                remedy: "Put the data folder where its path is shorter.")
        }
        path = short
        descriptor = opened
    }

    deinit { if let descriptor { close(descriptor) } }

    /// Whether something is there; it may be what a killed server left.
    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    /// Lets nobody but the owner connect.
    func restrict() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Takes the socket away.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static let fileName = "satchel.sock"
    private static let bytesMax = 103
}
