import Foundation
import GRDB
package import SatchelSync

/// What one transaction of a replica can read and change.
package final class ReplicaTransaction {
    let session: RecordSession<StateApart>
    let actors: ActorTable
    /// Change-sets read or made in this transaction, by position: one that touches a thousand records is decoded once.
    private var decoded: [Int64: ChangeSet] = [:]
    /// Whether base is that of an earlier life of the store, once that was read.
    var returning: Bool?
    /// Records of which own change-sets got a verdict, until they are put together again.
    var judged: Set<RecordID> = []
    /// Whether own work was taken back, as if it had never been made.
    var hasWithdrawn = false
    var db: Database { session.db }
    var meta: ReplicaMeta { ReplicaMeta(db: session.db) }

    init(_ layout: StateApart, actors: ActorTable) {
        session = RecordSession(layout)
        self.actors = actors
    }

    /// The replica's schema.
    package var schema: Schema { session.schema }

    /// The rows of records, for reading.
    package var records: StateApart { session.layout }

    /// Who the replica is.
    package func identity() throws -> ReplicaIdentity { try meta.identity() }

    /// Where the replica stands with its server.
    package func exchangeFacts() throws -> ExchangeFacts { try meta.exchangeFacts() }

    /// Keeps where the replica stands with its server.
    package func setExchangeFacts(_ facts: ExchangeFacts) throws { try meta.setExchangeFacts(facts) }

    /// Takes a newer schema: makes the tables and columns that it adds.
    ///
    /// The store reads with it from its next opening on.
    ///
    /// - Throws: ``SatchelError`` `database_in_use` where another program has just changed a row; the next turn seals it.
    package func adopt(_ schema: Schema, source: String) throws {
        try flush()
        guard try Captures.isEmpty(db, schema: self.schema) else {
            throw SatchelError(
                .databaseInUse, "Another program is writing to this replica.", remedy: "Try again.", isTransient: true)
        }
        try EntityTables.prepare(db, schema: schema)
        try Captures.prepare(db, schema: schema)
        try meta.set(.schemaSource, source)
    }

    /// The record as it stands in this transaction; `nil` when the replica has none.
    package func record(_ id: RecordID) throws -> StoredRecord? { try session.record(id) }

    /// Whether a record lives, as this transaction sees it.
    package func status(of id: RecordID) throws -> LifeStatus {
        try session.record(id).map { record in
            record.state.lifeStatus == .deleted ? record.status : record.state.lifeStatus
        } ?? .absent
    }

    /// The living records that refer to `id`.
    package func visibleChildren(of id: RecordID, type: EntityTypeID) throws -> [(
        type: EntityType, id: RecordID, rule: DeleteRule
    )] {
        try session.visibleChildren(of: id, type: type)
    }

    /// What went with a record by the same deletes, and would come back with it (`RecordSession.goneWith`).
    package func goneWith(_ id: RecordID, type: EntityTypeID) throws -> [(type: EntityTypeID, id: RecordID)] {
        try flush()
        return try session.goneWith(id, type: type)
    }

    /// Runs plain SQL as an application would: the triggers notice what it changes.
    package func execute(sql: String, arguments: [ColumnValue]) throws {
        try flush()
        try db.execute(sql: sql, arguments: StatementArguments(arguments.map(ColumnCodec.databaseValue)))
    }

    /// Writes what was saved so far, with capturing off, since these writes are our own.
    package func flush() throws {
        guard session.pendingCount > 0 else { return }
        try Captures.suspended(db) { try session.flush() }
    }

    /// Who an actor is; `nil` when nobody said.
    package func name(of actor: ActorID) throws -> ActorName? { try ActorTable.name(of: actor, db) }

    /// Keeps who an actor is, as the server told it.
    package func setName(_ name: ActorName, of actor: ActorID) throws {
        try actors.setName(name, of: actor, db)
    }
}

// Own change-sets.
extension ReplicaTransaction {
    /// The own change-set with the highest counter of the present actor; `nil` when it made none.
    package func newestOwn(of actor: ActorID) throws -> (counter: UInt64, digest: [UInt8])? {
        guard let key = try actors.existingKey(of: actor, db) else { return nil }
        let statement = try db.cachedStatement(
            sql: "SELECT counter, digest FROM satchel_change_set WHERE actor = ? ORDER BY counter DESC LIMIT 1")
        return try Row.fetchOne(statement, arguments: [key]).map {
            (try unsigned($0["counter"], "a counter"), Array($0["digest"] as Data))
        }
    }

    /// The digest of an own change-set; `nil` where there is none.
    package func ownDigest(of dot: Dot) throws -> [UInt8]? {
        guard let key = try actors.existingKey(of: dot.actor, db) else { return nil }
        let statement = try db.cachedStatement(
            sql: "SELECT digest FROM satchel_change_set WHERE actor = ? AND counter = ?")
        return try Data.fetchOne(statement, arguments: [key, Int64(dot.counter)]).map(Array.init)
    }

    /// The own change-set with the highest counter that has a verdict; `nil` when none has.
    package func newestConfirmed(of actor: ActorID) throws -> (counter: UInt64, digest: [UInt8])? {
        guard let key = try actors.existingKey(of: actor, db) else { return nil }
        let statement = try db.cachedStatement(
            sql: """
                SELECT counter, digest FROM satchel_change_set WHERE actor = ? AND state >= ?
                ORDER BY counter DESC LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [key, QueueState.applied.rawValue]).map {
            (try unsigned($0["counter"], "a counter"), Array($0["digest"] as Data))
        }
    }

    /// Appends a sealed change-set to the queue and its writes to the effective state.
    ///
    /// What makes it `rejection` parks it at once; it is sent all the same, since a counter is never left out. Where it fixes
    /// `target`, it stands in that one's place, and what `target` wrote is gone from the effective state. The first one after a fork
    /// gives the actor its name.
    package func append(
        _ draft: ChangeSet, by author: ReplicaIdentity, estimatedTime: Timestamp, rejection: Rejection?,
        fixing target: OwnChangeSet? = nil
    ) throws -> OwnChangeSet {
        let previous = try newestOwn(of: draft.dot.actor)
        precondition(draft.dot.counter == (previous?.counter ?? 0) + 1, "a counter is left out")
        let body = draft.canonicalBytes
        let digest = Hashing.changeSetDigest(
            canonicalBytes: body, previous: previous?.digest ?? author.fork?.digest ?? [])
        try FaultPoint.sealBegins.reach()
        let identity = try named(author, first: digest)
        let lineage = identity.lineage
        let changeSet = draft.renamed(to: Dot(identity.actor, draft.dot.counter))
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_change_set (actor, counter, digest, body, label, author, made_at, estimated_at, state,
                  is_in_overlay, code, record, field, sentence, place)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            try actors.key(of: changeSet.dot.actor, db), Int64(changeSet.dot.counter), Data(digest),
            Data(body), changeSet.label, changeSet.author, changeSet.time.milliseconds, estimatedTime.milliseconds,
            QueueState.queued.rawValue, rejection?.code, rejection?.record?.blob, rejection?.field?.number,
            rejection?.sentence, target?.placePosition,
        ])
        let position = db.lastInsertedRowID
        try FaultPoint.sealQueued.reach()
        let own = OwnChangeSet(
            position: position, changeSet: changeSet, digest: digest, correctedTime: estimatedTime,
            timeErrorMilliseconds: nil, state: .queued, isInOverlay: true, rejection: rejection,
            place: target?.place ?? changeSet.dot,
            placePosition: target?.placePosition ?? position, fixedBy: nil)
        decoded[position] = changeSet
        if let target {
            try db.execute(
                sql: "UPDATE satchel_change_set SET is_in_overlay = 0, fixed_by = ? WHERE position = ?",
                arguments: [own.position, target.position])
        }
        for change in changeSet.changes {
            var record = try session.recordOrNew(change.record, type: change.type)
            records.notes?.note(change, of: record)
            if record.base == nil { record.base = record.state }
            try db.cachedStatement(sql: "INSERT INTO satchel_change_part (record, position) VALUES (?, ?)")
                .execute(arguments: [record.key, own.position])
            try rebuild(record, lineage: lineage)
        }
        let touched = Set(changeSet.changes.map(\.record))
        for change in target?.changeSet.changes ?? [] where !touched.contains(change.record) {
            try rebuild(change.record, lineage: lineage)
        }
        return own
    }

    /// The first change-sets without a verdict, in own order: as many as fit into one push, at least one, and the bytes that they
    /// take.
    ///
    /// Those up to the position `first`, where there are any, go without the others.
    ///
    /// - Complexity: O(bytes of those); the rest of the queue is not read.
    package func firstUnconfirmed(
        countMax: Int, bytesMax: Int, first: Int64? = nil
    ) throws -> (batch: [OwnChangeSet], hasMore: Bool, bytes: Int) {
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT * FROM satchel_change_set WHERE \(OwnFilter.unconfirmed.sql) ORDER BY position")
        var batch: [OwnChangeSet] = []
        var bytes = 0
        while let row = try cursor.next() {
            let size = (row["body"] as Data).count
            if let last = batch.last {
                let isApart = first.map { (row["position"] as Int64) > $0 && last.position <= $0 } ?? false
                if batch.count == countMax || bytes + size > bytesMax || isApart { return (batch, true, bytes) }
            }
            bytes += size
            let own = try ownChangeSet(row)
            try requireSealed(own, body: row["body"], after: batch.last)
            batch.append(own)
        }
        return (batch, false, bytes)
    }

    /// Refuses to hand out bytes that are not those that were sealed: something else than Satchel has changed them.
    private func requireSealed(_ own: OwnChangeSet, body: Data, after last: OwnChangeSet?) throws {
        let dot = own.changeSet.dot
        var before: [UInt8] = []
        if dot.counter > 1 {
            let previous = Dot(dot.actor, dot.counter - 1)
            if let last, last.changeSet.dot == previous {
                before = last.digest
            } else {
                let key = try actors.key(of: dot.actor, db)
                let sql = "SELECT digest FROM satchel_change_set WHERE actor = ? AND counter = ?"
                // What is no longer kept tells nothing.
                guard let found = try Data.fetchOne(db, sql: sql, arguments: [key, Int64(previous.counter)]) else {
                    return
                }
                before = Array(found)
            }
        } else if try identity().lineage != Lineage() {
            return
        }
        guard Hashing.changeSetDigest(canonicalBytes: Array(body), previous: before) == own.digest else {
            throw damaged("change-set \(dot): its bytes are not those that were sealed")
        }
    }

    /// The actors of the `x*` of own work that is parked: no context names them (causality.md §2).
    ///
    /// Nor of work that came back and that base does not hold yet: this device was not served it, and what follows in its line has
    /// seen it without a word.
    package func parkedReleases() throws -> Set<ActorID> {
        if Mutant.contextNamesParked.isPlanted { return [] }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT actor, counter FROM satchel_change_set
                WHERE is_in_overlay
                  AND (code IS NOT NULL OR base_state IS NOT NULL OR state = \(QueueState.reissued.rawValue))
                """)
        return Set(
            try rows.map { row in
                try storedDot(row).released.actor
            })
    }

    /// The own change-sets in own order that `filter` chooses.
    package func ownChangeSets(_ filter: OwnFilter, limit: Int = .max) throws -> [OwnChangeSet] {
        let sql = "SELECT * FROM satchel_change_set WHERE \(filter.sql) ORDER BY position LIMIT ?"
        return try Row.fetchAll(db, sql: sql, arguments: [Int64(limit)]).map(ownChangeSet)
    }

    /// The own change-sets of an actor above a counter, in own order.
    /// - Complexity: O(those).
    func ownChangeSets(of actor: ActorID, above counter: UInt64) throws -> [OwnChangeSet] {
        guard let key = try actors.existingKey(of: actor, db) else { return [] }
        return try Row.fetchAll(
            db, sql: "SELECT * FROM satchel_change_set WHERE actor = ? AND counter > ? ORDER BY counter",
            arguments: [key, Int64(counter)]
        ).map(ownChangeSet)
    }

    /// How many own change-sets `filter` chooses.
    package func ownCount(_ filter: OwnFilter) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM satchel_change_set WHERE \(filter.sql)") ?? 0
    }

    /// How many bytes the own change-sets take that `filter` chooses, as they are sent.
    package func ownBytes(_ filter: OwnFilter) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT sum(length(body)) FROM satchel_change_set WHERE \(filter.sql)") ?? 0
    }

    /// The own change-set with this dot; `nil` when there is none.
    package func ownChangeSet(_ dot: Dot) throws -> OwnChangeSet? {
        guard let key = try actors.existingKey(of: dot.actor, db) else { return nil }
        return try Row.fetchOne(
            db, sql: "SELECT * FROM satchel_change_set WHERE actor = ? AND counter = ?",
            arguments: [key, Int64(dot.counter)]
        ).map(ownChangeSet)
    }

    /// The parts of the overlay that touch a record, in own order.
    package func overlay(of record: StoredRecord) throws -> [OwnChangeSet] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT c.* FROM satchel_change_part p JOIN satchel_change_set c ON c.position = p.position
                WHERE p.record = ? AND c.is_in_overlay ORDER BY c.position
                """, arguments: [record.key]
        ).map(ownChangeSet)
    }

    /// What is laid over base, in the order of places: the overlay, and what base holds already of work that stands at a later
    /// place than parked work or a fix, that has a fix in its place, or that came out of its turn itself.
    ///
    /// Its authors had seen the parked work, which base does not hold, and so that leaves nothing beside it: nobody conflicts with
    /// himself on one device (causality.md §2).
    func layers(of record: StoredRecord) throws -> [OwnChangeSet] {
        let layers = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT c.* FROM satchel_change_part p JOIN satchel_change_set c ON c.position = p.position
                    WHERE p.record = :record AND (c.is_in_overlay OR c.place IS NOT NULL OR c.original_actor IS NOT NULL
                      OR coalesce(c.base_state, c.state) = :reissued
                      OR c.fixed_by IS NOT NULL
                      OR coalesce(c.base_state, c.state) IN (:applied, :conflicting) AND c.position > (
                        SELECT min(coalesce(x.place, x.position))
                        FROM satchel_change_part q JOIN satchel_change_set x ON x.position = q.position
                        WHERE q.record = :record AND x.is_in_overlay
                          AND (x.code IS NOT NULL OR x.base_state IS NOT NULL OR x.state = :reissued
                            OR x.place IS NOT NULL OR x.is_reoffered)))
                    ORDER BY coalesce(c.place, c.position), c.position
                    """),
            arguments: [
                "record": record.key, "reissued": QueueState.reissued.rawValue, "applied": QueueState.applied.rawValue,
                "conflicting": QueueState.appliedWithConflicts.rawValue,
            ]
        ).map(ownChangeSet)
        guard layers.contains(where: \.isInOverlay) else { return [] }
        let context = record.confirmed.context
        return layers.filter { own in
            // What is kept in outline has nothing to lay over base.
            guard !own.changeSet.isOutline else { return false }
            // A duplicate is in base under its original's name: who had seen the one had seen the other.
            if own.originalInBase(of: context) != nil { return true }
            // Of what came back, only what was released is in base, and base says so, also before its verdict does. What has its
            // verdict and was fixed or discarded before it was sent is in base with the records of that reply, and not before.
            return own.isInOverlay || own.laidState.isApplied && context.covers(own.changeSet.dot)
                || context.covers(own.changeSet.dot.released)
        }
    }

    /// Drops what was read of a change-set that is no more.
    func forget(_ position: Int64) { decoded[position] = nil }

    private func decodedChangeSet(_ dot: Dot, _ row: Row) throws -> ChangeSet {
        let position: Int64 = row["position"]
        if let known = decoded[position], known.dot == dot { return known }
        let changeSet = try ChangeSet(dot: dot, canonicalBytes: Array(row["body"] as Data))
        if decoded.count >= Self.decodedMax { decoded.removeAll(keepingCapacity: true) }
        decoded[position] = changeSet
        return changeSet
    }

    /// What was read of a change-set is not what is kept of it any more.
    func forgetDecoded(_ position: Int64) { decoded[position] = nil }

    private static let decodedMax = 64

    /// The dot of a row; a counter that no dot has was written by another program.
    func storedDot(_ row: Row) throws -> Dot {
        let counter = try unsigned(row["counter"], "a counter")
        guard counter > 0 else { throw damaged("a counter of 0") }
        return Dot(try actors.actor(row["actor"], db), counter)
    }

    func ownChangeSet(_ row: Row) throws -> OwnChangeSet {
        let dot = try storedDot(row)
        guard let state = QueueState(rawValue: row["state"]),
            let changeSet = try? decodedChangeSet(dot, row)
        else { throw damaged("change-set \(dot)") }
        let rejection = (row["code"] as String?).map { code in
            Rejection(
                code: code, record: (row["record"] as Data?).flatMap { RecordID(blob: $0) },
                field: (row["field"] as UInt32?).map { FieldID($0) }, sentence: row["sentence"] ?? "")
        }
        return OwnChangeSet(
            position: row["position"], changeSet: changeSet, digest: Array(row["digest"] as Data),
            correctedTime: Timestamp(milliseconds: row["estimated_at"]), timeErrorMilliseconds: row["time_error"],
            state: state, baseState: (row["base_state"] as Int?).flatMap { QueueState(rawValue: $0) },
            isInOverlay: row["is_in_overlay"], rejection: rejection, place: try place(of: dot, row["place"]),
            placePosition: row["place"] ?? row["position"], fixedBy: row["fixed_by"],
            isReleased: row["is_released"], original: original(row))
    }

    private func original(_ row: Row) -> Dot? {
        guard let actor = (row["original_actor"] as Data?).flatMap({ ActorID(blob: $0) }),
            let counter = row["original_counter"] as Int64?, counter > 0
        else { return nil }
        return Dot(actor, UInt64(counter))
    }

    private func place(of dot: Dot, _ position: Int64?) throws -> Dot {
        guard let position else { return dot }
        let statement = try db.cachedStatement(sql: "SELECT actor, counter FROM satchel_change_set WHERE position = ?")
        guard let row = try Row.fetchOne(statement, arguments: [position]) else { throw damaged("the place of \(dot)") }
        return try storedDot(row)
    }
}
