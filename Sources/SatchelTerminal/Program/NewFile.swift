import Foundation
package import SatchelSync

/// A file that a command makes for its user, and that nobody else may read.
package final class NewFile {
    private let handle: FileHandle
    private let path: String

    /// Makes the file.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `data_exists` for one that is there, `invalid_request` where none can be made.
    package init(_ path: String) throws(SatchelError) {
        self.path = path
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw SatchelError(
                    .dataExists, "The file \(path) exists already.", remedy: "Name another one, or remove it first.")
            }
            throw SatchelError(
                .invalidRequest, "The file \(path) cannot be made.", remedy: "Check the folder and who may write to it."
            )
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
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
                remedy: "What is in it is not whole: free some space and export anew.", cause: error)
        }
    }
}
