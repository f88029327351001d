package import Foundation

/// A folder of its own for one test, removed with everything in it when the last reference goes.
package final class TemporaryFolder: Sendable {
    /// The folder.
    package let url: URL

    /// Makes an empty folder that nobody else may read.
    ///
    /// `inMemory` asks for one that no disk stands behind, where the machine has such a place: for tests that write much and
    /// prove nothing of durability. Else it is made in `parent`, by default where the system keeps what is temporary.
    package init(inMemory: Bool = false, in parent: URL? = nil) throws {
        let manager = FileManager.default
        let memory = "/dev/shm"
        let parent =
            inMemory && manager.isWritableFile(atPath: memory)
            ? URL(filePath: memory) : parent ?? manager.temporaryDirectory
        url = parent.appending(path: "satchel-test-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of the folder.
    package var path: String { url.path(percentEncoded: false) }

    /// The place of an entry of the folder, whether or not it is there.
    package subscript(name: String) -> URL { url.appending(path: name) }
}
