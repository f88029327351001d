import Foundation
import GRDB
package import SatchelSync
import Synchronization

/// A server's store in one SQLite file: one connection writes and checkpoints, the others only read.
///
/// The lease is held for as long as the store is open.
package final class SQLiteServerStore: Sendable {
    /// The schema that the store is read and written with.
    package let schema: Schema
    /// Who the store is.
    package let identity: StoreIdentity
    private let connections: Mutex<ServerConnections>
    private let path: String
    private let lease: Mutex<Lease?>

    /// Makes a store in an empty folder and closes it again.
    ///
    /// A failure takes back what was made.
    ///
    /// - Throws: ``SatchelError`` `data_exists`, `foreign_data`, `disk_full`, `storage_failed`, `database_in_use`.
    package static func create(in folder: DataFolder, identity: StoreIdentity, schema: Schema, at time: Timestamp)
        throws
    {
        try DatabaseFile.create(in: folder, kind: .server, purpose: "init", migrations: ServerTables.migrations) { db in
            try EntityTables.prepare(db, schema: schema, heads: StateInRow.rowColumns)
            let actors = ActorTable()
            try actors.setName(ActorName(user: "", device: identity.name), of: identity.actor, db)
            try db.execute(
                sql: """
                    INSERT INTO satchel_meta
                      (id, epoch, actor, checkpoint_key, name, schema_source, created_at, sequence, position, chain)
                    VALUES (1, ?, ?, ?, ?, ?, ?, 0, 0, ?)
                    """,
                arguments: [
                    identity.epoch.description, identity.actor.blob, Data(identity.checkpointKey), identity.name,
                    identity.schemaSource, time.milliseconds, Data(StoreHead.empty.chain),
                ])
            try db.execute(
                sql: """
                    INSERT INTO satchel_epoch (number, epoch, began_at, sequence, position, is_recovering, is_window_open)
                    VALUES (1, ?, ?, 0, 0, 0, 0)
                    """, arguments: [identity.epoch.description, time.milliseconds])
        }
    }

    /// Opens a store for its life in this process.
    ///
    /// `readSchema` reads the schema file that the store holds. `newSchemaSource` replaces it, where the schema in it only
    /// adds to the present one.
    /// - Throws: ``SatchelError`` `missing_data`, `foreign_data`, `newer_data`, `database_in_use`, `invalid_schema`.
    package init(
        folder: DataFolder, purpose: String, patience: Duration = .seconds(5), newSchemaSource: String? = nil,
        readSchema: (String) throws -> Schema
    ) throws {
        try folder.requireDatabase(remedy: "Make one with `satchel-server init`.")
        path = folder.databasePath
        let lease = try Lease(folder: folder.url, purpose: purpose, patience: patience)
        let isSuspect = DamageCheck.isDue(folder, lease: lease)
        let opened: ServerConnections
        (opened, identity, schema) = try StorageFailure.translated(path: path) { [path] in
            let connections = try Self.connections(path: path, folder: folder, isSuspect: isSuspect)
            let (identity, schema) = try connections.pool.writeWithoutTransaction { db in
                try DatabaseFile.migrate(db, migrations: ServerTables.migrations)
                if Mutant.parkedDroppedAtStart.isPlanted { try db.execute(sql: "DELETE FROM satchel_parked") }
                return try Self.prepare(db, newSchemaSource: newSchemaSource, readSchema: readSchema)
            }
            return (connections, identity, schema)
        }
        connections = Mutex(opened)
        try FaultPoint.serverOpened.reach()
        self.lease = Mutex(consume lease)
    }

    private static func connections(path: String, folder: DataFolder, isSuspect: Bool) throws -> ServerConnections {
        do {
            let connections = try ServerConnections(path: path, isSuspect: isSuspect)
            if isSuspect { DamageCheck.clear(folder) }
            return connections
        } catch {
            DamageCheck.note(error, in: folder)
            throw error
        }
    }

    private static func prepare(
        _ db: Database, newSchemaSource: String?, readSchema: (String) throws -> Schema
    ) throws -> (StoreIdentity, Schema) {
        guard let source = try String.fetchOne(db, sql: "SELECT schema_source FROM satchel_meta") else {
            throw damaged("the store's identity")
        }
        let present = try readSchema(source)
        var schema = present
        try db.inTransaction(.immediate) {
            if let newSchemaSource, newSchemaSource != source {
                schema = try readSchema(newSchemaSource)
                try schema.requireAdds(to: present)
                try db.execute(sql: "UPDATE satchel_meta SET schema_source = ?", arguments: [newSchemaSource])
            }
            try EntityTables.prepare(db, schema: schema, heads: StateInRow.rowColumns)
            return .commit
        }
        return (try SQLiteServerSnapshot(db, schema: schema, actors: ActorTable()).identity(), schema)
    }

    /// Closes the file, once running reads and writes are done, and gives the lease back.
    ///
    /// May be called twice. What is in the write-ahead log and cannot be moved now, because another program reads, stays there
    /// for the next opening.
    package func close() throws {
        guard lease.withLock({ $0 != nil }) else { return }
        try FaultPoint.serverCloses.reach()
        try StorageFailure.translated(path: path) {
            let closing = try connections.withLock { connections in
                let log = try connections.close()
                if !connections.areSound { lease.withLock { $0?.doubt() } }
                try FaultPoint.serverClosed.reach()
                return log
            }
            lease.withLock { $0 = nil }
            try closing.get()
        }
    }

    /// The connections to work with: where the disk failed under the last ones these are closed, and the file is opened anew.
    ///
    /// Whoever comes meanwhile waits, since nobody can do anything.
    func sound() throws -> ServerConnections {
        try connections.withLock { connections in
            if connections.areSound { return connections }
            _ = try connections.close()
            connections = try ServerConnections(path: path, isSuspect: false, hasFailed: true)
            return connections
        }
    }

    /// Runs `body` in one write transaction, durable when this returns; where it throws, nothing was written.
    ///
    /// Only where the disk failed at the very end may the next to look find it done: a sync that fails does not tell what it did.
    /// It runs to its end even when the calling task is cancelled: others may ride in the same transaction.
    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerTransaction) throws -> Result
    ) async throws -> Result {
        let connections = try StorageFailure.translated(path: path) { try sound() }
        return try await withCheckedThrowingContinuation { continuation in
            connections.pool.asyncWrite(
                { [schema, path, desk = connections.desk] db in
                    try connections.requireSound(path: path)
                    do {
                        let transaction = try SQLiteServerTransaction(db, schema: schema, desk: desk)
                        let result = try body(transaction)
                        try transaction.flush()
                        try FaultPoint.serverCommits.reach()
                        return result
                    } catch {
                        // Numbers that the transaction gave out are gone with it.
                        desk.actors.reset()
                        throw error
                    }
                },
                completion: { [path] _, result in
                    do {
                        let value = try result.get()
                        try FaultPoint.serverCommitted.reach()
                        continuation.resume(returning: value)
                    } catch {
                        connections.note(error)
                        continuation.resume(throwing: StorageFailure.translate(error, path: path))
                    }
                })
        }
    }

    /// The records with these numbers, in their order; `nil` for a number that names none.
    ///
    /// Reads on the caller's thread: a lookup by key a number.
    /// - Throws: ``SatchelError``.
    package func records(numbered keys: [UInt64]) throws(SatchelError) -> [RecordID?] {
        do {
            return try sound().pool.read { db in
                let statement = try HotStatement(db, "SELECT id FROM satchel_record WHERE key = ?")
                return try keys.map { key in
                    guard let key = Int64(exactly: key) else { return nil }
                    statement.bind(key)
                    return try statement.row { RecordID(bytes: $0.blob(0)) } ?? nil
                }
            }
        } catch {
            throw StorageFailure.translate(error, path: path) as? SatchelError
                ?? SatchelError(.storageFailed, "The numbers of records cannot be looked up.", cause: error)
        }
    }

    /// Runs `body` on one consistent view, which does not hold back writers.
    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerSnapshot) throws -> Result
    ) async throws -> Result {
        do {
            return try await sound().pool.read { [schema] db in
                try body(SQLiteServerSnapshot(db, schema: schema, actors: ActorTable()))
            }
        } catch {
            throw StorageFailure.translate(error, path: path)
        }
    }
}
