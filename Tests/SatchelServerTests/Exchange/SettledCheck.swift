import GRDB
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// What must hold of a server and its homes when nothing is under way any more.
struct SettledCheck {
    let server: ExchangeServer
    let homes: [ExchangeHome]

    /// What does not hold, a sentence each.
    func problems() async throws -> [String] {
        let digest = try await server.digest()
        let ledger = try await server.ledger()
        let records = try await server.records()
        let rows = try server.inspect { try Self.rows($0, schema: server.schema) }
        try await server.store.read { try $0.verifyLog() }
        var problems = try server.inspect(Self.brokenReferences).map { "server: \($0)" }
        problems += try server.inspect { try Self.unfaithful(records, $0, schema: server.schema) }
            .map { "server: \($0)" }
        problems += try await server.derivedProblems(digest: digest).map { "server: \($0)" }
        for home in homes {
            let own = try Self.ownView(of: home, rows, schema: server.schema)
            var found = try home.replica.digest() == digest ? [] : ["its digest differs"]
            found += try rowDifferences(home, rows, except: own) + queueProblems(home, ledger, except: own)
            found += try stateProblems(home, records, except: own) + home.inspect(Self.brokenReferences)
            found += try ownConflicts(of: home)
            problems += found.map { "\(home.name): \($0)" }
        }
        return problems
    }

    /// The records that a home shows in a way of its own: those with work that is parked, and what those refer to or would refer
    /// to without it, for a living child keeps a deleted parent in sight.
    private static func ownView(
        of home: ExchangeHome, _ rows: [String: [DatabaseValue]], schema: Schema
    ) throws -> Set<RecordID> {
        let mine = try home.inspect { try Self.rows($0, schema: schema) }
        var own: Set<RecordID> = []
        var queue = try home.replica.reading { try $0.ownChangeSets(.inOverlay).flatMap { $0.changeSet.changes } }
            .map(\.record)
        while let id = queue.popLast() {
            guard own.insert(id).inserted else { continue }
            let values = (mine[id.description] ?? []) + (rows[id.description] ?? [])
            queue += values.compactMap { String.fromDatabaseValue($0).flatMap { RecordID($0) } }
        }
        return own
    }

    /// Nothing is pending, and both ends tell the same of every own change-set.
    private func queueProblems(
        _ home: ExchangeHome, _ ledger: [Dot: LedgerState], except own: Set<RecordID>
    ) throws -> [String] {
        var problems: [String] = []
        let told = try home.ledger()
        let queue = try home.own()
        for entry in queue {
            let dot = entry.changeSet.dot
            if !entry.state.hasVerdict { problems.append("change-set \(dot.counter) has no verdict") }
            if entry.isInOverlay != (entry.isParked && entry.fixedBy == nil && !entry.isDouble) {
                problems.append("change-set \(dot.counter) is neither in base nor parked")
            }
            // Whether a life is contested rests on children, which the home may show in a way of its own.
            let isOwnView = entry.changeSet.changes.contains { $0.life != nil && own.contains($0.record) }
            guard told[dot] != ledger[dot], !isOwnView else { continue }
            let words = (told[dot]?.word ?? "nothing", ledger[dot]?.word ?? "nothing")
            problems.append("change-set \(dot.counter) is \(words.0) here and \(words.1) at the server")
        }
        let parked = queue.filter { $0.state.isParked && !$0.isDouble }.map(\.changeSet.dot)
        let identity = try home.replica.reading { try $0.identity() }
        let isOwn = { (dot: Dot) in dot.actor == identity.actor || identity.lineage.forkPoints.covers(dot) }
        if Set(parked) != Set(ledger.filter { $0.value == .parked && isOwn($0.key) }.keys) {
            problems.append("it has \(parked.map(\.counter)) parked, and the server others")
        }
        for (actor, own) in Dictionary(grouping: queue.map(\.changeSet.dot), by: \.actor) {
            let counters = own.map(\.counter)
            if counters != counters.indices.map({ UInt64($0 + 1) }) { problems.append("its counters are \(counters)") }
            if !own.allSatisfy(isOwn) { problems.append("it has change-sets of \(actor.shortDescription)") }
        }
        return problems
    }

    /// Base equals the server's state, life and conflict; the effective state is base with the overlay.
    private func stateProblems(
        _ home: ExchangeHome, _ records: [StoredRecord], except own: Set<RecordID>
    ) throws -> [String] {
        var mine: [RecordID: StoredRecord] = [:]
        var problems = try home.replica.reading { transaction in
            try transaction.records.forEach { mine[$0.id] = $0 }
            return try mine.values.flatMap { try Self.overlayProblems($0, transaction) }
        }
        for record in records {
            guard let found = mine[record.id] else {
                problems.append("record \(record.name) is missing")
                continue
            }
            if found.confirmed != record.state { problems.append("base of \(record.name) differs") }
            if found.sequence != record.sequence { problems.append("the sequence of \(record.name) differs") }
            if !own.contains(record.id), found.status != record.status {
                problems.append("\(record.name) is \(found.status.word) here and \(record.status.word) at the server")
            }
        }
        return try problems
            + home.inspect { try Self.unfaithful(mine.values.sorted { $0.key < $1.key }, $0, schema: server.schema) }
    }

    private static func overlayProblems(_ record: StoredRecord, _ transaction: ReplicaTransaction) throws -> [String] {
        let lineage = try transaction.identity().lineage
        // With the whole queue laid over it, less what a later one fixes: what base holds tells what its author had seen.
        let queue = try transaction.ownChangeSets(.all).filter { own in
            own.changeSet.changes.contains { $0.record == record.id }
        }
        let context = record.confirmed.context
        let entries = queue.filter { own in
            own.isInOverlay || own.state.isApplied || context.covers(own.changeSet.dot.released)
                || own.originalInBase(of: context) != nil
        }.sorted { ($0.placePosition, $0.position) < ($1.placePosition, $1.position) }
            .map { $0.entry(touching: record.id, type: record.type, over: context) }
        var problems: [String] = []
        if record.confirmed.overlaid(with: entries, lineage: lineage) != record.state {
            problems.append("the effective state of \(record.name) is not base with the overlay")
        }
        if queue.contains(where: \.isInOverlay) != (record.base != nil) {
            problems.append("\(record.name) has a base for nothing")
        }
        return problems
    }

    /// Parked work stands beside nothing that its author wrote over it later: nobody conflicts with himself on one device.
    private func ownConflicts(of home: ExchangeHome) throws -> [String] {
        let queue = try home.own()
        return try home.replica.reading { transaction in
            try queue.filter { $0.isParked && $0.isInOverlay }.flatMap { parked in
                try parked.changeSet.changes.compactMap { change -> String? in
                    guard let state = try transaction.record(change.record)?.state else { return nil }
                    let later = queue.filter { $0.placePosition > parked.placePosition && $0.isInEffect }.flatMap(
                        \.changeSet.changes
                    )
                    .filter { $0.record == change.record }
                    let isOver = change.writes.contains { write in
                        later.contains { $0.writes.contains { $0.overwrites(write) } }
                            && state.field(write.field)?.dots.contains(parked.effectiveDot) == true
                    }
                    return isOver ? "parked \(parked.changeSet.dot.counter) stands though it was written over" : nil
                }
            }
        }
    }

    private func rowDifferences(
        _ home: ExchangeHome, _ rows: [String: [DatabaseValue]], except own: Set<RecordID>
    ) throws -> [String] {
        let mine = try home.inspect { try Self.rows($0, schema: server.schema) }
        let ids = Set(mine.keys).union(rows.keys).subtracting(own.map(\.description))
        return ids.sorted().compactMap { id in
            guard mine[id] != rows[id] else { return nil }
            return "row \(id.suffix(4)) is \(mine[id] ?? []) and not \(rows[id] ?? [])"
        }
    }

    /// Every row of the plain tables, by id.
    private static func rows(_ db: Database, schema: Schema) throws -> [String: [DatabaseValue]] {
        var rows: [String: [DatabaseValue]] = [:]
        for type in schema.types {
            for row in try Row.fetchAll(db, sql: "SELECT \(type.columnList), id FROM \(type.name.quoted)") {
                rows[row["id"], default: []] += Array(row.databaseValues.dropLast()) + [type.name.databaseValue]
            }
        }
        return rows
    }

    /// Conflict columns and plain rows that do not say what the states say.
    private static func unfaithful(_ records: [StoredRecord], _ db: Database, schema: Schema) throws -> [String] {
        var problems: [String] = []
        for record in records {
            guard let type = schema.type(record.type) else { continue }
            let severity = record.state.conflicts(in: type, life: record.status).map(\.severity.rawValue).max() ?? 0
            let stored = try UInt8.fetchOne(
                db, sql: "SELECT conflict FROM satchel_record WHERE id = ?", arguments: [record.id.blob])
            if stored != severity { problems.append("\(record.name) has the conflict column \(stored ?? 99)") }
            let isThere =
                try Row.fetchOne(
                    db, sql: "SELECT 1 FROM \(type.name.quoted) WHERE id = ?", arguments: [record.id.description])
                != nil
            if isThere != record.status.isVisible {
                problems.append("the row of \(record.name), \(record.status.word)")
            }
            if record.state.lifeStatus.isVisible, record.status != record.state.lifeStatus {
                problems.append("\(record.name) is \(record.status.word) and its state \(record.state.lifeStatus.word)")
            }
        }
        return problems
    }

    private static func brokenReferences(_ db: Database) throws -> [String] {
        try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map {
            "a reference of \($0["table"] as String) is broken"
        }
    }
}

extension StoredRecord {
    /// The record, for a sentence.
    fileprivate var name: String { id.scriptName ?? "…\(id.description.suffix(8))" }
}

extension FieldChange {
    /// Whether nothing of `earlier` is left where its author has seen it.
    fileprivate func overwrites(_ earlier: FieldChange) -> Bool {
        guard field == earlier.field else { return false }
        switch (write, earlier.write) {
        case (.register, .register): return true
        case (.set(let add, let remove), .set(let added, _)): return Set(added).isSubset(of: add + remove)
        case (.map(let writes), .map(let written)): return Set(written.map(\.key)).isSubset(of: writes.map(\.key))
        default: return false
        }
    }
}

extension OwnChangeSet {
    /// Whether its writes are in the effective state or were, and no fix stands in its place.
    fileprivate var isInEffect: Bool { isInOverlay || state.isApplied }
}

extension OwnChangeSet {
    /// Whether the same change-set is in base under another name.
    fileprivate var isDouble: Bool { rejection?.code == SatchelError.Code.duplicate.word }
}
