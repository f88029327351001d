import Foundation
import GRDB
package import SatchelSync

/// Makes the database of a damaged replica anew: who it is, and its own change-sets.
///
/// Everything else the server has, and tells with the next exchange, as to a device that was never there.
package struct ReplicaRepair {
    /// What was made.
    package struct Outcome: Hashable, Sendable {
        /// How many own change-sets there are.
        package let changeSetCount: Int
        /// Of these, how many have no answer.
        package let pendingCount: Int
        /// Whether the end of the queue could not be read, and is in the damaged file alone.
        package let isCut: Bool
        /// Where the damaged file is kept.
        package let keptAt: String
    }

    private let identity: ReplicaIdentity
    private let facts: ExchangeFacts
    private let schemaSource: String
    private let machine: String?
    private let doubt: ReplicaDoubt?
    private let isReturning: Int64?
    /// Own change-sets with the names of their actors, in own order.
    private let rows: [Row]
    private let names: [Row]
    /// Whether what was made last cannot be read.
    private let isCut: Bool

    /// Repairs the replica in a folder; `nil` where it is whole.
    ///
    /// The new file takes the place of the damaged one when it is finished; a crash on the way leaves either of them, or the new one to be put into place by the next
    /// attempt.
    ///
    /// - Throws: ``SatchelError`` `damaged_data` where a part of what is needed cannot be read, and what opening throws; nothing was changed then.
    package static func run(
        _ folder: DataFolder, schemaReader: (String) throws -> Schema
    ) throws -> Outcome? {
        let lease = try Lease(folder: folder.url, purpose: "repair")
        defer { _ = lease }
        try folder.finishReplacing()
        try folder.requireDatabase(remedy: "Name the home with --home or SATCHEL_HOME.")
        guard try isDamaged(folder) else {
            DamageCheck.clear(folder)
            return nil
        }
        let salvage = try readWhole(folder)
        let schema = try schemaReader(salvage.schemaSource)
        do {
            try DatabaseFile.makeUnfinished(in: folder, kind: .replica, migrations: ReplicaTables.migrations) { db in
                try salvage.fill(db, schema: schema)
            }
        } catch {
            folder.removeUnfinished()
            throw error
        }
        let keptAt = try folder.replaceByUnfinished()
        DamageCheck.clear(folder)
        return Outcome(
            changeSetCount: salvage.rows.count,
            pendingCount: salvage.rows.count { ($0["state"] as Int) < QueueState.applied.rawValue },
            isCut: salvage.isCut, keptAt: keptAt)
    }

    private static func isDamaged(_ folder: DataFolder) throws -> Bool {
        do {
            try StorageFailure.translated(path: folder.databasePath) {
                try DatabaseFile.checkKind(path: folder.databasePath, kind: .replica, isSuspect: true)
            }
            return false
        } catch let error as SatchelError where error.code == .damagedData {
            return true
        }
    }

    private static func readWhole(_ folder: DataFolder) throws -> ReplicaRepair {
        let queue = try DatabaseQueue(
            path: folder.databasePath, configuration: DatabaseFile.readerConfiguration(label: "satchel.repair"))
        defer { try? queue.close() }
        do {
            // Without a transaction: after a broken page SQLite would refuse to end it.
            return try queue.unsafeRead { try ReplicaRepair($0) }
        } catch is DatabaseError {
            throw SatchelError(
                .damagedData, "A part of the queue in \(folder.databasePath) cannot be read.",
                remedy:
                    "Nothing was changed. Keep a copy of the folder, write out what can be read with `satchel queue export`, and enrol anew beside it."
            )
        }
    }

    private init(_ db: Database) throws {
        let meta = ReplicaMeta(db: db)
        identity = try meta.identity()
        facts = try meta.exchangeFacts()
        guard let source = try meta.text(.schemaSource) else { throw damaged("the schema") }
        schemaSource = source
        machine = try meta.text(.machine)
        isReturning = try meta.number(.isReturning)
        (rows, isCut) = try Self.queue(db)
        // Without its end the replica does not know its own counter, and asks for a fork (causality.md §6).
        doubt =
            isCut
            ? ReplicaDoubt(reason: .isUnreadable, position: rows.last?["position"] ?? 0) : try meta.doubt()
        for own in Dictionary(grouping: rows, by: { $0["actor"] as Int64? }).values {
            let counters = own.compactMap { $0["counter"] as Int64? }
            // None is ever left out or dropped.
            guard let first = counters.min(), let last = counters.max(), last - first + 1 == own.count else {
                throw damaged("the counters of the queue")
            }
        }
        names =
            (try? Row.fetchAll(db, sql: "SELECT name, user, device FROM satchel_actor WHERE user IS NOT NULL")) ?? []
    }

    /// The own change-sets up to the first that cannot be read, and whether there is one.
    ///
    /// - Throws: `DatabaseError` where others lie behind it: their digests follow from what is lost.
    private static func queue(_ db: Database) throws -> (rows: [Row], isCut: Bool) {
        let sql = """
            SELECT c.*, a.name AS actor_name FROM satchel_change_set c NOT INDEXED
            LEFT JOIN satchel_actor a ON a.key = c.actor ORDER BY c.position
            """
        var rows: [Row] = []
        do {
            let cursor = try Row.fetchCursor(db, sql: sql)
            while let row = try cursor.next() { rows.append(row.copy()) }
            return (rows, false)
        } catch let error as DatabaseError {
            let last = try? Int64.fetchOne(
                db, sql: "SELECT position FROM satchel_change_set NOT INDEXED ORDER BY position DESC LIMIT 1")
            guard last == nil else { throw error }
            return (rows, true)
        }
    }

    private func fill(_ db: Database, schema: Schema) throws {
        try EntityTables.prepare(db, schema: schema)
        try Captures.prepare(db, schema: schema)
        let meta = ReplicaMeta(db: db), actors = ActorTable()
        try meta.set(.schemaSource, schemaSource)
        try meta.setIdentity(identity)
        // The checkpoint stays: it proves what the waiting work had seen.
        try meta.setExchangeFacts(facts)
        try meta.set(.isBaseLost, 1)
        try meta.set(.machine, machine)
        try meta.setDoubt(doubt)
        try meta.set(.isReturning, isReturning)
        for row in names {
            guard let actor = ActorID(blob: row["name"] as Data) else { continue }
            try actors.setName(ActorName(user: row["user"], device: row["device"] ?? ""), of: actor, db)
        }
        let transaction = ReplicaTransaction(
            StateApart(db, schema: schema, actors: actors, readsCaptures: true, notes: nil), actors: actors)
        try transaction.takeBack(rows, lineage: identity.lineage)
        try transaction.flush()
    }
}

extension ReplicaTransaction {
    /// Puts own change-sets of another file into this one, as they are, and lays those over base that it does not hold.
    fileprivate func takeBack(_ rows: [Row], lineage: Lineage) throws {
        var overlaid: Set<RecordID> = []
        var outlineCount: Int64 = 0
        for row in rows {
            guard let name = row["actor_name"] as Data?, let actor = ActorID(blob: name) else {
                throw damaged("who made change-set \(row["counter"] as Int64? ?? 0)")
            }
            // Nothing lies over the base that is lost.
            let columns = row.columnNames.filter { $0 != "actor_name" && $0 != "base_state" }
            let key = try actors.key(of: actor, db)
            try db.execute(
                sql: """
                    INSERT INTO satchel_change_set (\(columns.joined(separator: ", ")))
                    VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
                    """,
                arguments: StatementArguments(
                    columns.map { $0 == "actor" ? key.databaseValue : row[$0] as DatabaseValue }))
            let counter = try unsigned(row["counter"], "a counter")
            guard counter > 0,
                let changeSet = try? ChangeSet(dot: Dot(actor, counter), canonicalBytes: Array(row["body"] as Data))
            else { throw damaged("change-set \(actor):\(counter)") }
            let isInOverlay: Bool = row["is_in_overlay"]
            if changeSet.isOutline { outlineCount += 1 }
            for change in changeSet.changes {
                var record = try session.recordOrNew(change.record, type: change.type)
                if isInOverlay, record.base == nil { record.base = record.state }
                try db.cachedStatement(sql: "INSERT INTO satchel_change_part (record, position) VALUES (?, ?)")
                    .execute(arguments: [record.key, row["position"] as Int64])
                session.save(record)
                if isInOverlay { overlaid.insert(change.record) }
            }
        }
        try flush()
        if outlineCount > 0 { try meta.set(.outlineCount, outlineCount) }
        for record in overlaid.sorted() { try rebuild(record, lineage: lineage) }
    }
}

extension DataFolder {
    private var repairedPath: String { url.appending(path: Self.repairedName).path }

    /// Puts the finished database into the place of the one that is there, which is kept under another name, with its log; returns its path.
    ///
    /// The log goes before the new file comes: it would be taken for that one's.
    fileprivate func replaceByUnfinished() throws -> String {
        try move(unfinishedPath, to: repairedPath)
        try syncNames()
        let aside = try nextAside()
        try move(databasePath, to: aside)
        try finishReplacing(aside: aside)
        return aside
    }

    /// Does what a crash has left undone of it.
    fileprivate func finishReplacing(aside: String? = nil) throws {
        let manager = FileManager.default
        guard !hasDatabase, manager.fileExists(atPath: repairedPath) else {
            try? manager.removeItem(atPath: repairedPath)
            return
        }
        if manager.fileExists(atPath: databasePath + "-wal") {
            try move(databasePath + "-wal", to: (try aside ?? lastAside()) + "-wal")
        }
        try? manager.removeItem(atPath: databasePath + "-shm")
        try syncNames()
        try move(repairedPath, to: databasePath)
        try syncNames()
    }

    private func aside(_ number: Int) -> String { url.appending(path: "satchel.damaged-\(number).sqlite").path }

    private func nextAside() throws -> String {
        for number in 1..<1_000 where !FileManager.default.fileExists(atPath: aside(number)) { return aside(number) }
        throw SatchelError(
            .storageFailed, "\(url.path) holds a thousand damaged databases.",
            remedy: "Move away those that nobody needs, and try again.")
    }

    private func lastAside() throws -> String {
        let next = try nextAside()
        return (1..<1_000).last { FileManager.default.fileExists(atPath: aside($0)) }.map(aside) ?? next
    }

    private func move(_ from: String, to: String) throws {
        guard unsafe rename(from, to) == 0 else { throw notReplaced }
    }

    /// Makes what names there are durable.
    private func syncNames() throws {
        let descriptor = unsafe open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw notReplaced }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw notReplaced }
    }

    private var notReplaced: SatchelError {
        SatchelError(
            .storageFailed, "The repaired database in \(url.path) cannot be put into place.",
            remedy: "Check who owns the folder and the disk, and run `satchel repair` again.")
    }
}
