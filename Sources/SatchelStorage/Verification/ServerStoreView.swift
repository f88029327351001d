import Foundation
import GRDB
package import SatchelSync

/// A server's store that is only looked at, whoever has it open.
package enum ServerStoreView {
    /// Runs `body` on one consistent view of the store in a folder, on a thread of its own.
    ///
    /// Takes no lease and writes nothing: a server that runs goes on, and its write-ahead log keeps meanwhile what it writes.
    ///
    /// - Throws: ``SatchelError`` `missing_data`, `foreign_data`, `newer_data`; `unavailable` where the store has an older format,
    ///   which `serve` brings forward.
    package static func read<Result: Sendable>(
        _ folder: DataFolder, readSchema: @escaping @Sendable (String) throws -> Schema,
        _ body: @escaping @Sendable (SQLiteServerSnapshot) throws -> Result
    ) async throws -> Result {
        try folder.requireDatabase(remedy: "Make one with `satchel-server init`.")
        let path = folder.databasePath
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Swift.Result {
                        try StorageFailure.translated(path: path) { try look(path, readSchema: readSchema, body) }
                    })
            }
        }
    }

    private static func look<Result>(
        _ path: String, readSchema: (String) throws -> Schema, _ body: (SQLiteServerSnapshot) throws -> Result
    ) throws -> Result {
        let queue = try DatabaseQueue(
            path: path, configuration: DatabaseFile.readerConfiguration(label: "satchel.view"))
        let result = try queue.read { db in
            try DatabaseFile.check(db, kind: .server, path: path)
            let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard version == DatabaseFile.formatVersion else {
                throw SatchelError(
                    .unavailable,
                    "\(path) has format \(version); this program looks at format \(DatabaseFile.formatVersion).",
                    remedy: "Start `satchel-server serve` once, which brings it forward.")
            }
            guard let source = try String.fetchOne(db, sql: "SELECT schema_source FROM satchel_meta") else {
                throw damaged("the store's identity")
            }
            return try body(SQLiteServerSnapshot(db, schema: try readSchema(source), actors: ActorTable()))
        }
        try queue.close()
        return result
    }
}
