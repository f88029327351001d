package import Foundation
import SatchelSync

/// The right to write one store: an exclusive lock on a file beside it, held for as long as the store is open for writing.
///
/// SQLite before 3.51.3 can corrupt a write-ahead log when one connection checkpoints while another commits. It needs two
/// read-write connections at once, so there is never a second: processes take turns. The kernel drops the lock with the
/// process, however it ends.
package struct Lease: ~Copyable, Sendable {
    /// What is taken turns at.
    package enum Subject: String, Sendable {
        /// Writing the database.
        case database = "satchel.lease"
        /// Talking to the server: two exchanges of one replica at once would only do the work twice.
        case exchange = "satchel.exchange"
        /// Keeping the replica in sync by itself: one program does.
        case watch = "satchel.watch"
        /// Trying a backup in a scratch folder.
        case drill = "satchel.drill"
    }

    private let descriptor: CInt
    private let folder: URL
    private let subject: Subject
    /// What the last holder left in the file: nothing, the name of a log, or itself where it died.
    private let found: String
    private var isInDoubt = false

    /// Waits for the lease and takes it.
    ///
    /// - Throws: ``SatchelError`` `database_in_use`, naming the holder, when `patience` is over.
    package init(
        folder: URL, purpose: String, subject: Subject = .database, patience: Duration = .seconds(5)
    ) throws {
        // Once a descriptor is stored, a throw from here runs `deinit`, which would truncate and close a number that may be
        // another file's by then: so it is stored last.
        let taken = try Self.locked(folder: folder, subject: subject, patience: patience)
        (self.folder, self.subject, found) = (folder, subject, Self.text(of: taken))
        descriptor = taken
        Self.write("process \(getpid()) (\(purpose))", to: descriptor)
    }

    deinit {
        defer { close(descriptor) }
        guard !isInDoubt else { return }
        ftruncate(descriptor, 0)
        let path = DataFolder(path: folder.path).databasePath
        if subject == .database, let log = DamageCheck.logName(path: path) { Self.write("log \(log)", to: descriptor) }
    }

    /// The disk failed under this holder: the next one is to look at what it left as if it had died.
    mutating func doubt() { isInDoubt = true }

    /// Whether the last holder died with the lease.
    var wasLeftBehind: Bool { !found.isEmpty && !found.hasPrefix("log ") }
    /// The write-ahead log that the last holder left beside the database; `nil` where it left none.
    var expectedLog: String? { found.hasPrefix("log ") ? String(found.dropFirst(4)) : nil }

    private static func locked(folder: URL, subject: Subject, patience: Duration) throws -> CInt {
        let path = folder.appending(path: subject.rawValue).path
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw SatchelError(
                errno == ENOSPC ? .diskFull : .storageFailed,
                "The lock file \(path) cannot be opened: \(systemMessage()).",
                remedy: "Check that the folder exists, is yours, and that its disk has space.")
        }
        let deadline = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            guard reason == EWOULDBLOCK || reason == EINTR else {
                close(descriptor)
                throw SatchelError(
                    .storageFailed, "The file system of \(folder.path) takes no locks (error \(reason)).",
                    remedy: "Keep the folder on a local disk.")
            }
            guard ContinuousClock.now < deadline else {
                let name = holder(of: descriptor)
                close(descriptor)
                throw SatchelError(
                    .databaseInUse,
                    subject.refusal(folder.path, holder: name),
                    remedy: "Wait until it is done, or stop it, and try again.", isTransient: true)
            }
            usleep(10_000)
        }
        return descriptor
    }

    /// Whether somebody holds it now.
    package static func isHeld(_ subject: Subject, in folder: URL) -> Bool {
        let descriptor = unsafe open(folder.appending(path: subject.rawValue).path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        // Shared, so that two who look do not see each other.
        let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0
        close(descriptor)
        return isHeld
    }

    /// Who holds the lease, for an error message; best effort.
    private static func holder(of descriptor: CInt) -> String {
        let text = text(of: descriptor)
        return text.hasPrefix("process ") ? text : "another process"
    }

    private static func text(of descriptor: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe pread(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer[0..<max(count, 0)], as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: CInt) {
        ftruncate(descriptor, 0)
        let bytes = Array(text.utf8)
        _ = unsafe pwrite(descriptor, bytes, bytes.count, 0)
    }

    private static func systemMessage() -> String { unsafe String(cString: strerror(errno)) }
}

extension Lease.Subject {
    fileprivate func refusal(_ folder: String, holder: String) -> String {
        switch self {
        case .database: "The database in \(folder) is in use by \(holder)."
        case .exchange: "Another sync of \(folder) is under way, by \(holder)."
        case .watch: "\(folder) is kept in sync by \(holder) already."
        case .drill: "A drill in \(folder) is under way, by \(holder)."
        }
    }
}
