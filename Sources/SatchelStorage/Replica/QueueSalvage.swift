import Foundation
import GRDB
package import SatchelSync

/// Own change-sets read from a replica that may be damaged: what can still be read, and how much cannot.
package struct QueueSalvage {
    /// One own change-set that waits for the server or is parked.
    package struct Piece: Sendable {
        /// Its place in own order.
        package let position: Int64
        /// Its name; `nil` where its actor cannot be read.
        package let dot: Dot?
        /// Where it stands, as a word.
        package let state: String
        /// Its canonical bytes as they are stored.
        package let body: [UInt8]
        /// Its digest as it is stored.
        package let digest: [UInt8]
        /// What the bytes say; `nil` where they say nothing.
        package let changeSet: ChangeSet?
        /// Whether the bytes are those that were sealed, as far as the one before it tells.
        package let isIntact: Bool
    }

    /// The pieces, in own order.
    package private(set) var pieces: [Piece] = []
    /// Whether some of the queue may be missing.
    package private(set) var isPartial = false
    /// The schema's text; `nil` where it cannot be read.
    package private(set) var schemaSource: String?

    /// Reads what can be read, without the lease and without writing: with what the write-ahead log holds, or where that cannot be
    /// followed, from a copy of the file alone.
    ///
    /// - Throws: ``SatchelError`` `missing_data`, or `damaged_data` where nothing can be read at all.
    package init(_ folder: DataFolder) throws {
        try folder.requireDatabase(remedy: "Name the home with --home or SATCHEL_HOME.")
        do {
            try read(path: folder.databasePath)
        } catch {
            let aside = FileManager.default.temporaryDirectory.appending(path: "satchel-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: aside) }
            try StorageFailure.translated(path: folder.databasePath) {
                try FileManager.default.createDirectory(
                    at: aside, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
                let copy = aside.appending(path: "satchel.sqlite")
                try FileManager.default.copyItem(at: folder.databaseURL, to: copy)
                try read(path: copy.path)
                isPartial = true
            }
        }
    }

    private mutating func read(path: String) throws {
        let queue = try DatabaseQueue(
            path: path, configuration: DatabaseFile.readerConfiguration(label: "satchel.salvage"))
        defer { try? queue.close() }
        pieces = []
        // Without a transaction: after a broken page SQLite would refuse to end it.
        try queue.unsafeRead { db in
            try DatabaseFile.check(db, kind: .replica, path: path)
            schemaSource = try? ReplicaMeta(db: db).text(.schemaSource)
            try read(db)
        }
    }

    /// From both ends, since a broken page ends a walk: what lies behind it may be whole.
    private mutating func read(_ db: Database) throws {
        let actors = ActorTable()
        var found: [Int64: Piece] = [:]
        for order in ["ASC", "DESC"] {
            do {
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT position, actor, counter, digest, body, state FROM satchel_change_set NOT INDEXED
                        WHERE state < \(QueueState.applied.rawValue) OR is_in_overlay ORDER BY position \(order)
                        """)
                while let row = try rows.next() {
                    let piece = Self.piece(row, actors, db)
                    if found.updateValue(piece, forKey: piece.position) != nil, order == "DESC" { break }
                }
                if order == "ASC" { break }
            } catch let error as DatabaseError {
                isPartial = true
                guard error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_IOERR else { throw error }
            }
        }
        pieces = found.values.sorted { $0.position < $1.position }
    }

    private static func piece(_ row: Row, _ actors: ActorTable, _ db: Database) -> Piece {
        let (body, digest): (Data, Data) = (row["body"] ?? Data(), row["digest"] ?? Data())
        let counter = UInt64(exactly: (row["counter"] as Int64?) ?? 0) ?? 0
        let actor = (row["actor"] as Int64?).flatMap { try? actors.actor($0, db) }
        let dot = counter > 0 ? actor.map { Dot($0, counter) } : nil
        let state = (row["state"] as Int?).flatMap { QueueState(rawValue: $0) }
        var before: [UInt8]? = []
        if counter > 1 {
            before = try? Data.fetchOne(
                db, sql: "SELECT digest FROM satchel_change_set WHERE actor = ? AND counter = ?",
                arguments: [row["actor"] as Int64?, Int64(counter) - 1]
            ).map { Array($0) }
        }
        // The first one after a fork stands on what the line was at.
        let fork = counter == 1 ? try? ReplicaMeta(db: db).bytes(.forkDigest) : nil
        let isIntact = [before, fork].contains { before in
            before.map { Hashing.changeSetDigest(canonicalBytes: Array(body), previous: $0) == Array(digest) } ?? false
        }
        return Piece(
            position: row["position"], dot: dot, state: state?.word ?? "unknown", body: Array(body),
            digest: Array(digest), changeSet: dot.flatMap { try? ChangeSet(dot: $0, canonicalBytes: Array(body)) },
            isIntact: isIntact)
    }
}
