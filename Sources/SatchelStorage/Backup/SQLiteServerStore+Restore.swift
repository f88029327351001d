import Foundation
import GRDB
package import SatchelSync

extension SQLiteServerStore {
    /// What a restore came to.
    package struct Restored: Sendable {
        /// Up to where the store has everything.
        package let point: RestorePoint
        /// The new life of the store.
        package let epoch: StoreEpoch
        /// Where the store that stood there was put; `nil` where none did.
        package let replacedPath: String?
    }

    /// Puts a verified backup in the place of a store, and begins a new life of it, in recovery (causality.md §7).
    ///
    /// The store that stood there is put aside whole, beside it, and never deleted. A failure leaves it in its place. Devices that are locked
    /// out in it stay so, as far as it can be read: whoever holds a lost one must not be let in by a backup of before.
    ///
    /// - Parameters:
    ///   - backup: The file, which is not touched.
    ///   - folder: The folder of the store; made where it is not there.
    ///   - life: Who the store is from then on.
    ///   - isWindowOpen: Whether devices may offer the states that they received, too, from the first moment on.
    ///   - clock: Says when.
    ///   - readSchema: Reads the schema file that the backup holds.
    ///   - progress: Told now and then how far it came; what it throws ends the restore.
    /// - Returns: Where the store stands now, and where the one of before is kept.
    /// - Throws: ``SatchelError`` as ``BackupFile/verify(path:readSchema:progress:)`` does, `foreign_data` where another store than the
    ///   backup's stands there, `database_in_use` while a server runs, `disk_full`, `storage_failed`.
    package static func restore(
        _ backup: String, into folder: DataFolder, life: StoreLife = .random(), isWindowOpen: Bool = false,
        clock: any WallClock, readSchema: (String) throws -> Schema,
        progress: (BackupProgress) throws -> Void = { _ in }
    ) throws -> Restored {
        let point = try BackupFile.verify(path: backup, readSchema: readSchema, progress: progress)
        let path = folder.databasePath
        try folder.makeIfMissing()
        let lease = try Lease(folder: folder.url, purpose: "restore")
        try requireSameStore(backup, path)
        let target = BackupTarget(path: path)
        let lockedOut = lockedOut(in: path)
        let restored = try StorageFailure.translated(path: path) {
            try target.begin(overwrites: true)
            do {
                try target.fill(from: backup)
                let note = BackupNote(
                    point: point, path: backup, byteCount: target.byteCount(), verifiedAt: clock.now())
                try begin(
                    life, in: target.partPath, note, lockedOut: lockedOut, isWindowOpen: isWindowOpen, at: clock.now())
                let replaced = try target.replace(
                    keeping: "\(path)\(DataFolder.replacedMark)\(clock.now().milliseconds)")
                DamageCheck.clear(folder)
                return Restored(point: point, epoch: life.epoch, replacedPath: replaced)
            } catch {
                target.discard()
                throw error
            }
        }
        _ = consume lease
        return restored
    }

    /// A device that is locked out, as its row has it.
    private struct LockedOut {
        let id: Data
        let at: Int64
        let reason: String?
    }

    /// Who is locked out in a store that is to be replaced; nobody where it is not there, is of before, or cannot be read.
    private static func lockedOut(in path: String) -> [LockedOut] {
        read(path) { db in
            try Row.fetchAll(
                db, sql: "SELECT id, revoked_at, revocation_reason FROM satchel_device WHERE revoked_at IS NOT NULL"
            ).map { LockedOut(id: $0["id"], at: $0["revoked_at"], reason: $0["revocation_reason"]) }
        } ?? []
    }

    /// Refuses a backup that shares no life with the store that it is to replace, as far as that can be read.
    private static func requireSameStore(_ backup: String, _ path: String) throws {
        func lives(_ path: String) -> Set<String> {
            read(path) { try String.fetchSet($0, sql: "SELECT epoch FROM satchel_epoch") } ?? []
        }
        let (present, coming) = (lives(path), lives(backup))
        guard present.isEmpty || coming.isEmpty || !present.isDisjoint(with: coming) else {
            throw SatchelError(
                .foreignData, "\(backup) is a backup of another store than the one at \(path).",
                remedy: "Name a backup of that one, or restore into an empty folder (--data DIR).")
        }
    }

    /// Reads from a store; `nil` where it is not there, is of before, or cannot be read.
    private static func read<Result>(_ path: String, _ body: (Database) throws -> Result) -> Result? {
        guard FileManager.default.fileExists(atPath: path),
            let queue = try? DatabaseQueue(
                path: path, configuration: DatabaseFile.readerConfiguration(label: "satchel.replaced"))
        else { return nil }
        defer { try? queue.close() }
        return try? queue.read { db in
            try DatabaseFile.check(db, kind: .server, path: path)
            return try body(db)
        }
    }

    /// Begins a new life of a copied store, and notes that it is in recovery.
    private static func begin(
        _ life: StoreLife, in path: String, _ note: BackupNote, lockedOut: [LockedOut], isWindowOpen: Bool,
        at time: Timestamp
    ) throws {
        let queue = try DatabaseQueue(
            path: path, configuration: DatabaseFile.writerConfiguration(label: "satchel.restore"))
        try queue.writeWithoutTransaction { db in
            try DatabaseFile.migrate(db, migrations: ServerTables.migrations)
            try db.inTransaction(.immediate) {
                guard let name = try String.fetchOne(db, sql: "SELECT name FROM satchel_meta") else {
                    throw damaged("the store's identity")
                }
                try ActorTable().setName(ActorName(user: "", device: name), of: life.actor, db)
                try db.execute(
                    sql: """
                        INSERT INTO satchel_epoch
                          (number, epoch, began_at, sequence, position, is_recovering, is_window_open)
                          SELECT (SELECT max(number) + 1 FROM satchel_epoch), ?, ?, sequence, position, 1, ?
                          FROM satchel_meta
                        """, arguments: [life.epoch.description, time.milliseconds, isWindowOpen])
                try db.execute(
                    sql: "UPDATE satchel_meta SET epoch = ?, actor = ?, checkpoint_key = ?",
                    arguments: [life.epoch.description, life.actor.blob, Data(life.checkpointKey)])
                // A device that was not seen in this life counts as having nothing.
                try db.execute(sql: "UPDATE satchel_device SET checkpoint = 0")
                for device in lockedOut {
                    try db.execute(
                        sql: """
                            UPDATE satchel_device SET revoked_at = ?, revocation_reason = ?
                            WHERE id = ? AND revoked_at IS NULL
                            """, arguments: [device.at, device.reason, device.id])
                }
                // What the new life answers is not open any more.
                try db.execute(
                    sql: "UPDATE satchel_alarm SET confirmed_at = ? WHERE code = ? AND confirmed_at IS NULL",
                    arguments: [time.milliseconds, SatchelError.Code.storeRolledBack.word])
                try BackupTable.add(note.point, note: note, db)
                return .commit
            }
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            try db.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()
    }
}
