import Foundation
import SatchelSync

/// Space that a home keeps for the day on which its disk is full: with it the home can be read then, and what was queued be sent.
///
/// Edits are taken only while it is there, so that they never use it up.
struct DiskReserve {
    /// Enough for SQLite's shared memory, and for the few pages that an exchange without records writes.
    static let byteCount = 256 * 1024

    private let path: String
    private let folder: String

    init(folder: DataFolder) {
        path = folder.url.appending(path: "satchel.reserve").path
        self.folder = folder.url.path
    }

    /// Puts the space aside, where it is not yet.
    ///
    /// - Throws: ``SatchelError`` `disk_full` where there is none to put aside.
    func keep() throws {
        var status = stat()
        if unsafe lstat(path, &status) == 0, status.st_size >= off_t(Self.byteCount) { return }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        // A folder in which no file can be made says so where the database is opened.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard Self.allocate(descriptor) == ENOSPC else { return }
        release()
        throw SatchelError(
            .diskFull, "The disk that holds \(folder) is full, but for what is kept to read and to sync with.",
            remedy: "Free some space and try again. What was made before is kept, and can be synced.")
    }

    /// Gives the space back; says whether there was any.
    @discardableResult func release() -> Bool { unsafe unlink(path) == 0 }

    /// Gives the space back where the disk has none besides.
    func releaseIfShort() {
        if let free = DiskSpace.free(at: folder), free < UInt64(Self.byteCount) { release() }
    }

    private static func allocate(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            posix_fallocate(descriptor, 0, off_t(byteCount))
        #else
            ftruncate(descriptor, off_t(byteCount)) == 0 ? 0 : errno
        #endif
    }
}
