import GRDB
import SatchelServer
import SatchelStorage
import SatchelSync

// What must hold once nothing is under way any more, and the checks that look at whole stores.
extension World {
    /// Every replica is what the server is, every queue is empty but for parked work, and the ledger has every dot once.
    func checkSettled() throws {
        let sequence = try serverHead()
        for device in devices {
            let sight = try device.look()
            if sight.checkpoint != sequence {
                report(.stuck, "\(device.name) stands at \(sight.checkpoint) and the server at \(sequence)")
            }
            if sight.digest != serverDigests[model.books.epoch]?[sequence], sequence > 0 {
                report(.divergent, "\(device.name) has another digest than the server")
            }
            for own in sight.own where !own.state.hasVerdict {
                report(.stuck, "\(device.name):\(own.changeSet.dot.counter) has no verdict")
            }
            for own in sight.own where own.isInOverlay && !own.isParked {
                report(
                    .stuck, "\(device.name):\(own.changeSet.dot.counter) is \(own.state.word) and still laid over base")
            }
            for (event, own) in zip(model.devices[device.number].own, sight.own)
            where (model.parked[event] != nil) != (own.state.isParked && !own.isDouble) {
                report(.stuck, "\(device.name):\(own.changeSet.dot.counter) is \(own.state.word), unlike at the server")
            }
            for problem in try device.inspect(Self.brokenPages) { report(.torn, "\(device.name): \(problem)") }
        }
        for problem in try server.inspect(Self.brokenPages) { report(.torn, "the server: \(problem)") }
        try checkLedger(force: true)
        _ = try finish { try await $0.server.process.service.perform(.verifyLog) }
        try tallyConflicts()
    }

    /// References of plain rows that lead nowhere.
    static func brokenReferences(_ db: Database) throws -> [String] {
        try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map {
            "a reference of \($0["table"] as String) is broken"
        }
    }

    /// What SQLite finds wrong with a file.
    static func brokenPages(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
    }

    /// What one purse lost the other got, in every table that anybody can see.
    func checkPurses(of device: SimulatedDevice) throws {
        if let sum = try device.inspect(Self.purseSum), sum != [0, 0] {
            report(.torn, "the purses of \(device.name) add up to \(sum)")
        }
    }

    private static func purseSum(_ db: Database) throws -> [Int64]? {
        try Row.fetchOne(db, sql: "SELECT total(amount), total(moved) FROM purse").map {
            [Int64($0[0] as Double), Int64($0[1] as Double)]
        }
    }

    /// The server's ledger has each change-set once, in the state that the oracle says.
    ///
    /// It costs as much as the log is long, so it is done once in a while, and at the end.
    func checkLedger(force: Bool) throws {
        guard force || logPosition >= ledgerAt + 40 else { return }
        ledgerAt = logPosition
        let lines = try finish { world -> [LedgerReply] in
            var lines: [LedgerReply] = []
            var position: Int64? = 0
            while let after = position {
                guard
                    case .ledger(let page, let next) = try await world.server.process.service.perform(
                        .ledger(after: after, limit: 1_000))
                else { throw SatchelError.unexpectedReply }
                lines += page
                position = next
            }
            return lines
        }
        var states: [Dot: UInt8] = [:]
        for line in lines {
            guard let dot = Dot(line.dot) else { continue }
            if states.updateValue(line.state, forKey: dot) != nil {
                report(.lost, "the ledger has \(dot.shortDescription) twice")
            }
        }
        // What was not judged is called by a name of its device's own, which the server may have given to another.
        for dot in model.books.doubles.sorted() {
            let state = states.removeValue(forKey: dot).flatMap(LedgerState.init)
            let isParked = model.parked.keys.contains { model.books.aliases[$0]?.contains(dot) == true }
            if state != .duplicate, state != .reissued, !(state == .parked && (isParked || model.books.isRecovering)) {
                report(.lost, "\(dot.shortDescription) is \(state?.word ?? "nothing") and there under another name")
            }
        }
        for event in model.events.indices where model.books.judged.contains(event) {
            let name = model.name(of: event)
            let state = states.removeValue(forKey: name).flatMap(LedgerState.init)
            let released = states.removeValue(forKey: name.released).flatMap(LedgerState.init)
            let wanted = ledgerState(of: event)
            if state != wanted {
                report(
                    .lost,
                    "\(name.shortDescription) is \(state?.word ?? "nothing") in the ledger and not \(wanted?.word ?? "nothing")"
                )
            }
            if (released != nil) != model.server.released.contains(event) {
                report(.lost, "the release of \(name.shortDescription) is \(released?.word ?? "nothing")")
            }
        }
        for dot in states.keys.sorted() { report(.lost, "the ledger has \(dot.shortDescription), which nobody made") }
        if let sum = try server.inspect(Self.purseSum), sum != [0, 0] {
            report(.torn, "the purses of the server add up to \(sum)")
        }
    }

    private func ledgerState(of event: Int) -> LedgerState? {
        guard model.books.judged.contains(event) else { return nil }
        if model.reissued.contains(event) { return .reissued }
        if model.parked[event] != nil { return .parked }
        return model.standing(of: event, statuses: serverStatuses)
    }

    /// Counts, pair by pair of writes of one place, where the oracle and the server see a conflict.
    private func tallyConflicts() throws {
        let records = try finish { world in
            try await world.server.process.store.inspect { snapshot in
                var records: [StoredRecord] = []
                try snapshot.forEachRecord { records.append($0) }
                return records
            }
        }
        for record in records {
            guard let type = server.schema.type(record.type),
                let expected = model.expectation(of: record.id, in: model.server, base: model.server)
            else { continue }
            let reported = Set(record.state.conflicts(in: type, life: record.status).map(\.subject))
            for (place, writes) in model.writes(of: record.id, type: record.type) {
                let subject: ConflictSubject
                switch place {
                case .register(let field): subject = .field(field)
                case .key(let field, let key): subject = .key(field, key)
                }
                let isReported = reported.contains(subject)
                let isReal = expected.contendingPlaces(in: type).contains(place) && record.status.isVisible
                let standing = Set(record.state.siblings(of: subject).map(\.dot))
                tally.add(
                    writes, isReal: { isReal && expected.values[place]?[$0] != nil },
                    isReported: { isReported && standing.contains($0) })
            }
        }
        if tally.missed + tally.invented > 0 { report(.inexact, "pairs of writes: \(tally)") }
    }
}

extension ConflictTally {
    /// Judges every pair of writes of one place.
    fileprivate mutating func add(
        _ writes: [(dot: Dot, value: FieldValue)], isReal: (Dot) -> Bool, isReported: (Dot) -> Bool
    ) {
        pairs += writes.count * (writes.count - 1) / 2
        for (index, one) in writes.enumerated() {
            for two in writes[(index + 1)...] where one.value != two.value {
                switch (isReal(one.dot) && isReal(two.dot), isReported(one.dot) && isReported(two.dot)) {
                case (true, true): agreed += 1
                case (true, false): missed += 1
                case (false, true): invented += 1
                case (false, false): break
                }
            }
        }
    }
}

extension OwnChangeSet {
    /// Whether the same change-set is in base under another name.
    fileprivate var isDouble: Bool { rejection?.code == SatchelError.Code.duplicate.word }
}
