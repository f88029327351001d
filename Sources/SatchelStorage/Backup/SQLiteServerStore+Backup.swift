import Foundation
import GRDB
import SatchelSync

extension SQLiteServerStore {
    /// Copies the store as it stands at one sequence into a new file, verifies the copy, and notes it (G24).
    ///
    /// Digest and copy come from one transaction that reads: nobody who writes waits for it, and no later commit gets in; until it
    /// ends, the write-ahead log keeps what is written meanwhile. The file is there under its name only once it was opened anew,
    /// looked through, and found to hold the log and the records whose chain and digest the store had. It is readable by its owner
    /// alone: like the store, it holds the hashes of credentials.
    ///
    /// - Parameters:
    ///   - path: The file, which must not be there; its folder must.
    ///   - clock: Says when.
    ///   - progress: Told now and then how far it came; what it throws ends the backup.
    /// - Returns: What the store notes of it, the restore point among that.
    /// - Throws: ``SatchelError`` `data_exists`, `disk_full`, `storage_failed`, `damaged_data`; nothing is left behind then.
    package func backUp(
        to path: String, clock: any WallClock,
        progress: @escaping @Sendable (BackupProgress) throws -> Void = { _ in }
    ) async throws -> BackupNote {
        let target = BackupTarget(path: path)
        try target.begin()
        let note: BackupNote
        do {
            let schema = schema
            note = try await read { snapshot in
                let digest = try snapshot.digest {
                    try progress(BackupProgress(step: .hashing, done: $0, total: $1))
                }
                let point = try snapshot.restorePoint(digest: digest, at: clock.now())
                try FaultPoint.backupCopies.reach()
                try BackupFile.copy(snapshot.db, at: point, to: target.partPath, progress: progress)
                return BackupNote(point: point, path: path, byteCount: target.byteCount(), verifiedAt: clock.now())
            }
            try FaultPoint.backupCopied.reach()
            let found = try await Self.verify(target.partPath, schema: schema, progress: progress)
            guard found == note.point else {
                throw StorageFailure.damage(path: path, "the copy is not the one of the moment that was copied")
            }
            try target.publish()
        } catch {
            target.discard()
            throw StorageFailure.translate(error, path: path)
        }
        let verified = BackupNote(
            point: note.point, path: path, byteCount: note.byteCount, verifiedAt: clock.now())
        try FaultPoint.backupNamed.reach()
        try await write { try $0.addBackup(verified) }
        return verified
    }

    /// Verifies a copy on a thread of its own.
    private static func verify(
        _ path: String, schema: Schema, progress: @escaping @Sendable (BackupProgress) throws -> Void
    ) async throws -> RestorePoint {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try BackupFile.verify(path: path, readSchema: { _ in schema }, progress: progress) })
            }
        }
    }
}
