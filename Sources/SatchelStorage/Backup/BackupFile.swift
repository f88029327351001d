import Foundation
import GRDB
package import SatchelSync

/// A copy of a server's store in one file, which can be verified without the store (G24).
///
/// It is a store as `init` makes it, in one file without a write-ahead log, with a row that says what it is a copy of.
package enum BackupFile {
    /// Opens a backup for reading only and verifies it: that SQLite finds it whole, that its log holds, and that its records are
    /// those of the restore point that it names.
    ///
    /// - Throws: ``SatchelError`` `missing_data`, `foreign_data` where it is no backup, `newer_data`, `damaged_data`.
    /// - Complexity: O(bytes of the file).
    package static func verify(
        path: String, readSchema: (String) throws -> Schema,
        progress: (BackupProgress) throws -> Void = { _ in }
    ) throws -> RestorePoint {
        guard FileManager.default.fileExists(atPath: path) else {
            throw SatchelError(.missingData, "There is no file \(path).", remedy: "Name one that `backup` made.")
        }
        return try StorageFailure.translated(path: path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let point = try queue.read { db in
                try DatabaseFile.check(db, kind: .server, path: path)
                return try verify(db, path: path, readSchema: readSchema, progress: progress)
            }
            try queue.close()
            return point
        }
    }

    /// A file that nobody writes: SQLite needs no files beside it then, and finds none that are not its own.
    private static var configuration: Configuration {
        var configuration = DatabaseFile.readerConfiguration(label: "satchel.backup")
        configuration.busyMode = .immediateError
        return configuration
    }

    private static func verify(
        _ db: Database, path: String, readSchema: (String) throws -> Schema,
        progress: (BackupProgress) throws -> Void
    ) throws -> RestorePoint {
        guard let point = try BackupTable.ownPoint(db) else {
            throw SatchelError(
                .foreignData, "\(path) is a server's store, but no backup of one.",
                remedy: "Name a file that `satchel-server backup` made.")
        }
        try progress(BackupProgress(step: .checking, done: 0, total: 0))
        let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
        guard found == ["ok"] else {
            throw StorageFailure.damage(path: path, found.first ?? "SQLite does not find it whole")
        }
        guard let source = try String.fetchOne(db, sql: "SELECT schema_source FROM satchel_meta") else {
            throw damaged("the store's identity")
        }
        let snapshot = SQLiteServerSnapshot(db, schema: try readSchema(source), actors: ActorTable())
        guard try snapshot.head() == point.head, try snapshot.identity().epoch == point.epoch else {
            throw StorageFailure.damage(path: path, "it does not end where it says, at sequence \(point.sequence)")
        }
        try snapshot.verifyLog()
        let digest = try snapshot.digest { done, total in
            try progress(BackupProgress(step: .checking, done: done, total: total))
        }
        guard digest == point.digest else {
            throw StorageFailure.damage(
                path: path, "its records do not have the digest that the store had at sequence \(point.sequence)")
        }
        return point
    }

    /// Copies what `source` sees into a new file, and lets it say that it is a copy of that moment.
    ///
    /// - Precondition: `source` is in a transaction that reads, so that no page of a later commit gets in; the file is empty.
    static func copy(
        _ source: Database, at point: RestorePoint, to path: String, progress: (BackupProgress) throws -> Void
    ) throws {
        let queue = try DatabaseQueue(
            path: path, configuration: DatabaseFile.writerConfiguration(label: "satchel.backup"))
        try queue.writeWithoutTransaction { db in
            try withoutActuallyEscaping(progress) { progress in
                try source.backup(to: db, pagesPerStep: pagesPerStep) { state in
                    try progress(
                        BackupProgress(step: .copying, done: state.completedPageCount, total: state.totalPageCount))
                }
            }
            // One file, which needs no other beside it, and can be read where nothing can be written.
            try db.execute(sql: "PRAGMA journal_mode = DELETE")
            try db.inTransaction(.immediate) {
                try BackupTable.add(point, note: nil, db)
                return .commit
            }
        }
        try queue.close()
    }

    /// A mebibyte.
    private static let pagesPerStep: CInt = 256
}

/// The file that a backup becomes: it gets its name when it is verified and on the disk.
struct BackupTarget {
    /// Where it shall be.
    let path: String
    /// Where it is before.
    var partPath: String { path + ".part" }

    /// Makes an empty file (0600) under its working name.
    ///
    /// - Throws: ``SatchelError`` `data_exists`, `disk_full`, `storage_failed`.
    func begin(overwrites: Bool = false) throws {
        guard overwrites || !FileManager.default.fileExists(atPath: path) else { throw isThere }
        discard()
        let descriptor = unsafe open(partPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SatchelError(
                errno == ENOSPC ? .diskFull : .storageFailed,
                "The file \(partPath) cannot be made: \(unsafe String(cString: strerror(errno))).",
                remedy: "Check that the folder is there, who owns it, and that its disk has space.")
        }
        close(descriptor)
    }

    /// How large the file is.
    func byteCount() -> Int64 {
        let facts = try? FileManager.default.attributesOfItem(atPath: partPath)
        return (facts?[.size] as? NSNumber)?.int64Value ?? 0
    }

    /// Gives the file its name, durably; never over another one.
    func publish() throws {
        try sync(partPath, O_RDONLY | O_CLOEXEC)
        if unsafe link(partPath, path) == 0 {
            unsafe unlink(partPath)
        } else if errno == EEXIST {
            throw isThere
        } else {
            // A file system without links.
            guard !FileManager.default.fileExists(atPath: path) else { throw isThere }
            guard unsafe rename(partPath, path) == 0 else { throw notInPlace }
        }
        try sync(
            URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    /// Fills the file with the bytes of another.
    func fill(from source: String) throws {
        let input = try FileHandle(forReadingFrom: URL(filePath: source))
        defer { try? input.close() }
        let output = try FileHandle(forWritingTo: URL(filePath: partPath))
        defer { try? output.close() }
        while let part = try input.read(upToCount: 1 << 20), !part.isEmpty { try output.write(contentsOf: part) }
    }

    /// Gives the file its name, durably, and what stood there another; answers whether anything did.
    func replace(keeping aside: String) throws -> String? {
        try sync(partPath, O_RDONLY | O_CLOEXEC)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        // A write-ahead log belongs to its store alone: beside another it would be read into that, and without it the store lacks what
        // was last. So it gets its second name first, and the store is whole whenever this ends.
        let hasSecondName = unsafe link(path + "-wal", aside + "-wal") == 0
        let hadStore = try move(path, aside)
        var hadLog = hasSecondName
        if hasSecondName {
            // Renaming a file to another name of itself does nothing.
            guard unsafe unlink(path + "-wal") == 0 else { throw notInPlace }
        } else {
            hadLog = try move(path + "-wal", aside + "-wal")
        }
        return try takePlace(in: folder, kept: hadStore || hadLog ? aside : nil)
    }

    /// Gives a file another name; says whether it was there.
    private func move(_ from: String, _ to: String) throws -> Bool {
        if unsafe rename(from, to) == 0 { return true }
        guard errno == ENOENT else { throw notInPlace }
        return false
    }

    private func takePlace(in folder: String, kept: String?) throws -> String? {
        unsafe unlink(path + "-shm")
        try sync(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard unsafe rename(partPath, path) == 0 else { throw notInPlace }
        try sync(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return kept
    }

    /// Takes back what is not whole.
    func discard() {
        for suffix in ["", "-wal", "-shm", "-journal"] { unsafe unlink(partPath + suffix) }
    }

    private func sync(_ path: String, _ flags: Int32) throws {
        let descriptor = unsafe open(path, flags)
        guard descriptor >= 0 else { throw notInPlace }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw notInPlace }
    }

    private var isThere: SatchelError {
        SatchelError(
            .dataExists, "\(path) is there already, and a backup overwrites nothing.", remedy: "Name another file.")
    }

    private var notInPlace: SatchelError {
        SatchelError(
            .storageFailed, "The file \(path) cannot be put into place.",
            remedy: "Check who owns the folder and whether its disk has space, and try again.")
    }
}
