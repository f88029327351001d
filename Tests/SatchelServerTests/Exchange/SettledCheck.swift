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
        for home in homes {
            let found = try home.replica.digest() == digest ? [] : ["its digest differs"]
            let all =
                try found + rowDifferences(home, rows) + queueProblems(home, ledger) + stateProblems(home, records)
                + home.inspect(Self.brokenReferences)
            problems += all.map { "\(home.name): \($0)" }
        }
        return problems
    }

    /// Nothing is pending, and both ends tell the same of every own change-set.
    private func queueProblems(_ home: ExchangeHome, _ ledger: [Dot: LedgerState]) throws -> [String] {
        var problems: [String] = []
        let told = try home.ledger()
        for own in try home.own() {
            let dot = own.changeSet.dot
            if !own.state.hasVerdict { problems.append("change-set \(dot.counter) has no verdict") }
            if own.isInOverlay, !own.isParked {
                problems.append("change-set \(dot.counter) is applied and in the overlay")
            }
            if told[dot] != ledger[dot] {
                let words = (told[dot]?.word ?? "nothing", ledger[dot]?.word ?? "nothing")
                problems.append("change-set \(dot.counter) is \(words.0) here and \(words.1) at the server")
            }
        }
        let counters = try home.own().map(\.changeSet.dot.counter)
        if counters != counters.indices.map({ UInt64($0 + 1) }) { problems.append("its counters are \(counters)") }
        return problems
    }

    /// Base equals the server's state, life and conflict; the effective state is base with the overlay.
    private func stateProblems(_ home: ExchangeHome, _ records: [StoredRecord]) throws -> [String] {
        var problems: [String] = []
        let lineage = try home.replica.reading { try $0.identity().lineage }
        try home.replica.reading { transaction in
            var mine: [RecordID: StoredRecord] = [:]
            try transaction.records.forEach { mine[$0.id] = $0 }
            for record in records {
                guard let own = mine[record.id] else {
                    problems.append("record \(record.name) is missing")
                    continue
                }
                if own.confirmed != record.state { problems.append("base of \(record.name) differs") }
                if own.sequence != record.sequence { problems.append("the sequence of \(record.name) differs") }
                if own.base == nil, own.status != record.status {
                    problems.append("\(record.name) is \(own.status.word) here and \(record.status.word) at the server")
                }
            }
            let queue = try transaction.ownChangeSets(.inOverlay)
            for record in mine.values {
                let entries = queue.filter { $0.changeSet.changes.contains { $0.record == record.id } }.map { own in
                    OverlayEntry(
                        changes: own.changeSet.changes.filter { $0.record == record.id }, dot: own.changeSet.dot,
                        time: own.correctedTime, isParked: own.isParked)
                }
                if record.confirmed.overlaid(with: entries, lineage: lineage) != record.state {
                    problems.append("the effective state of \(record.name) is not base with the overlay")
                }
                if entries.isEmpty != (record.base == nil) { problems.append("\(record.name) has a base for nothing") }
            }
        }
        return try problems
            + home.inspect { db in
                let mine = try home.replica.reading { transaction in
                    var all: [StoredRecord] = []
                    try transaction.records.forEach { all.append($0) }
                    return all
                }
                return try Self.unfaithful(mine, db, schema: server.schema)
            }
    }

    private func rowDifferences(_ home: ExchangeHome, _ rows: [String: [String]]) throws -> [String] {
        // A row with parked work shows that work too.
        let parked = Set(
            try home.replica.reading { transaction in
                try transaction.ownChangeSets(.inOverlay).flatMap { $0.changeSet.changes.map(\.record.description) }
            })
        let mine = try home.inspect { try Self.rows($0, schema: server.schema) }
        return Set(mine.keys).union(rows.keys).sorted().compactMap { id in
            guard !parked.contains(id), mine[id] != rows[id] else { return nil }
            return "row \(id.suffix(4)) is \(mine[id] ?? ["nowhere"]) and not \(rows[id] ?? ["nowhere"])"
        }
    }

    /// Every row of the plain tables, by id.
    private static func rows(_ db: Database, schema: Schema) throws -> [String: [String]] {
        var rows: [String: [String]] = [:]
        for type in schema.types {
            for row in try Row.fetchAll(db, sql: "SELECT id, * FROM \(type.name.quoted)") {
                rows[row["id"]] = [type.name] + row.databaseValues.map(\.description)
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
