import Foundation
package import GRDB
import SatchelSync

/// What a database file is for: the two kinds must not be taken for each other.
package enum StoreKind: Sendable {
    /// A device's replica.
    case replica
    /// A server's store.
    case server

    /// SQLite's `application_id`: "SaRp" and "SaSv".
    var applicationID: Int32 { self == .replica ? 0x5361_5270 : 0x5361_5376 }

    var description: String { self == .replica ? "a device's replica" : "a server's store" }
}

/// Opens database files as every Satchel program does: one connection writes and checkpoints, all others only read.
package enum DatabaseFile {
    /// The version of our own tables that this program writes.
    ///
    /// A file with a higher one is refused before anything is written.
    package static let formatVersion: Int32 = 13

    /// Settings of the one connection that writes.
    package static func writerConfiguration(label: String) -> Configuration {
        var configuration = commonConfiguration(label: label)
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA synchronous = \(Mutant.deviceNeverSyncs.isPlanted ? "OFF" : "FULL"); PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA recursive_triggers = OFF;
                    """)
        }
        return configuration
    }

    /// Settings of a connection that only reads.
    ///
    /// It cannot checkpoint.
    package static func readerConfiguration(label: String) -> Configuration {
        var configuration = commonConfiguration(label: label)
        configuration.readonly = true
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")
        }
        return configuration
    }

    private static func commonConfiguration(label: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = label
        configuration.foreignKeysEnabled = true
        // Only a foreign program can be in the way: Satchel's own take turns by the lease.
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Makes a database in an empty folder, whole or not at all.
    ///
    /// It gets its name when it is finished: whatever interrupts on the way leaves a folder in which it can be made anew.
    /// - Throws: ``SatchelError`` `data_exists`, `foreign_data`, `disk_full`, `storage_failed`, `database_in_use`, and what
    ///   `fill` throws.
    package static func create(
        in folder: DataFolder, kind: StoreKind, purpose: String, migrations: [(Database) throws -> Void],
        fill: (Database) throws -> Void
    ) throws {
        try folder.make()
        let lease = try Lease(folder: folder.url, purpose: purpose)
        try folder.requireNoDatabase()
        do {
            try FaultPoint.createBegins.reach()
            try makeUnfinished(in: folder, kind: kind, migrations: migrations, fill: fill)
            try FaultPoint.createFilled.reach()
            try folder.publishUnfinished()
        } catch {
            folder.removeUnfinished()
            throw error
        }
        try FaultPoint.createDone.reach()
        _ = consume lease
    }

    /// Makes a whole database under the name that nobody opens.
    static func makeUnfinished(
        in folder: DataFolder, kind: StoreKind, migrations: [(Database) throws -> Void],
        fill: (Database) throws -> Void
    ) throws {
        try folder.makeUnfinished()
        try StorageFailure.translated(path: folder.databasePath) {
            let queue = try DatabaseQueue(
                path: folder.unfinishedPath, configuration: writerConfiguration(label: "satchel.create"))
            try queue.writeWithoutTransaction { db in
                // The mode stays in the file.
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA application_id = \(kind.applicationID);")
                try migrate(db, migrations: migrations)
                try db.inTransaction(.immediate) {
                    try fill(db)
                    return .commit
                }
                // Closing would do it too, and say nothing where it fails; and the log does not go with the name.
                _ = try db.checkpoint(.truncate)
            }
            try queue.close()
        }
    }

    /// Refuses a file that is not ours, or newer than this program, before anything is written to it.
    ///
    /// The connection only reads: one that writes would empty a leftover write-ahead log into the file when it closes. Where there
    /// is a reason for it (``DamageCheck``), the whole file is looked through.
    static func checkKind(path: String, kind: StoreKind, isSuspect: Bool) throws {
        let queue = try DatabaseQueue(path: path, configuration: readerConfiguration(label: "satchel.check"))
        try queue.read { db in
            try check(db, kind: kind, path: path)
            if isSuspect { try DamageCheck.look(db, path: path) }
        }
        try queue.close()
    }

    /// Checks that the file is one of ours, of the right kind, and not newer than this program.
    ///
    /// - Throws: ``SatchelError`` `foreign_data` or `newer_data`. Nothing was written.
    package static func check(_ db: Database, kind: StoreKind, path: String) throws {
        let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard applicationID == kind.applicationID else {
            throw SatchelError(
                .foreignData, "\(path) is not \(kind.description).",
                remedy: kind == .replica
                    ? "Name a home that `satchel enrol` made." : "Name a folder that `satchel-server init` made.")
        }
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= formatVersion else {
            throw SatchelError(
                .newerData, "\(path) has format \(version); this program knows formats up to \(formatVersion).",
                remedy: "Use the newer Satchel that wrote it. Nothing was changed.")
        }
    }

    /// Moves what a write-ahead log holds into the file and syncs that, before anything is written behind it.
    ///
    /// Where a sync failed, or a process died before one, a log may hold transactions that only the kernel's memory has. Where one
    /// failed later syncs do not write them either, so a log that is suspect is written again first: what is committed behind them
    /// would go with them when the power does, and so would what the file has of them, for the rest of the log is played over it.
    /// A program that reads meanwhile is not waited for.
    package static func settleLog(_ db: Database, isSuspect: Bool) throws {
        if isSuspect { try LogFile.writeAgain(db) }
        try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Whether a write-ahead log lies beside a file that is not open here: its last user did not close it, or still reads.
    package static func hasLog(path: String) -> Bool {
        let facts = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
        return (facts?[.size] as? UInt64 ?? 0) > 0
    }

    /// Brings our own tables forward, one version after the other, in one transaction.
    ///
    /// - Precondition: the caller holds the lease and `check` has passed.
    package static func migrate(_ db: Database, migrations: [(Database) throws -> Void]) throws {
        precondition(migrations.count == Int(formatVersion), "one migration for each version")
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version < formatVersion else { return }
        try db.inTransaction(.immediate) {
            for migration in migrations[Int(version)...] { try migration(db) }
            try db.execute(sql: "PRAGMA user_version = \(formatVersion)")
            return .commit
        }
    }
}
