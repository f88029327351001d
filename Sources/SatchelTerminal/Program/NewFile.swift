import Foundation
package import SatchelSync

/// A file that a command makes for its user, and that nobody else may read.
///
/// It is written under another name beside its own, and gets its own when it is whole: of a command that fails or is stopped nothing is left.
package final class NewFile {
    private let handle: FileHandle
    private let path: String
    private let draftPath: String
    private var isWhole = false

    /// Begins the file.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `data_exists` for one that is there, `invalid_request` where none can be made.
    package init(_ path: String) throws(SatchelError) {
        self.path = path
        guard !Self.isThere(path) else { throw Self.exists(path) }
        let folder = (path as NSString).deletingLastPathComponent
        let name = ".satchel-\(UInt64.random(in: .min ... .max)).part"
        let isNamed = !path.isEmpty && !path.hasSuffix("/")
        draftPath = folder.isEmpty ? name : (folder as NSString).appendingPathComponent(name)
        Interruption.ofProcess.begin(draft: draftPath)
        let descriptor =
            isNamed ? unsafe open(draftPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) : -1
        guard descriptor >= 0 else {
            Interruption.ofProcess.end(draft: draftPath)
            throw SatchelError(
                .invalidRequest, "The file \(path) cannot be made.", remedy: "Check the folder and who may write to it."
            )
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit {
        if !isWhole { unsafe unlink(draftPath) }
        Interruption.ofProcess.end(draft: draftPath)
    }

    /// Adds text.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `disk_full` or `storage_failed`.
    package func write(_ text: String) throws(SatchelError) {
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace || errno == ENOSPC
            throw SatchelError(
                isFull ? .diskFull : .storageFailed, "The file \(path) cannot be written.",
                remedy: "Nothing is left of it: free some space and export anew.", cause: error)
        }
    }

    /// Gives the file its name; nothing that is there is written over.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `data_exists` where one came meanwhile, `storage_failed`.
    package func finish() throws(SatchelError) {
        if unsafe link(draftPath, path) == 0 {
            unsafe unlink(draftPath)
        } else if errno == EEXIST || Self.isThere(path) {
            throw Self.exists(path)
        } else if unsafe rename(draftPath, path) != 0 {
            // Not every file system has links.
            throw SatchelError(
                .storageFailed, "The file \(path) cannot be written.",
                remedy: "Check the folder and who may write to it.")
        }
        isWhole = true
    }

    private static func isThere(_ path: String) -> Bool {
        var facts = stat()
        return unsafe lstat(path, &facts) == 0
    }

    private static func exists(_ path: String) -> SatchelError {
        SatchelError(.dataExists, "The file \(path) exists already.", remedy: "Name another one, or remove it first.")
    }
}
