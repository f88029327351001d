package import SatchelInspection
import SatchelStorage
import SatchelSync

extension Replica {
    /// What became of every change-set that this replica made or holds values of: one line a dot, by dot.
    ///
    /// - Complexity: O(records + own change-sets); the dots are kept in memory.
    package func ledger() throws -> [LedgerLine] {
        try reading { transaction in
            var lines: [Dot: LedgerLine] = [:]
            let identity = try transaction.identity()
            try transaction.records.forEach { record in
                for (dot, state) in record.confirmed.standingDots(life: record.confirmedStatus)
                where lines[dot].map({ $0.state < state }) ?? true {
                    let user = try transaction.name(of: dot.actor)?.user ?? ""
                    lines[dot] = LedgerLine(dot: dot, changeSet: "", state: state, by: user, place: "server")
                }
            }
            for own in try transaction.ownChangeSets(.all) {
                let dot = own.changeSet.dot
                lines[dot] = LedgerLine(
                    dot: dot, changeSet: own.digest.hexString, state: try state(of: own, transaction),
                    by: identity.user, place: own.state.hasVerdict ? "server" : "device")
            }
            return lines.values.sorted { $0.dot < $1.dot }
        }
    }

    func state(of own: OwnChangeSet, _ transaction: ReplicaTransaction) throws -> LedgerState {
        if own.state == .reissued { return .reissued }
        if let rejection = own.rejection {
            return rejection.isDuplicate ? .duplicate : .parked
        }
        if own.isInOverlay { return .pending }
        return try own.changeSet.changes.reduce(LedgerState.superseded) { strongest, change in
            guard let record = try transaction.record(change.record) else { return strongest }
            return max(
                strongest, record.confirmed.standing(of: change, dot: own.changeSet.dot, life: record.confirmedStatus))
        }
    }
}

extension RecordState {
    /// Every dot that stands here, with the strongest state of what it wrote.
    func standingDots(life status: LifeStatus) -> [Dot: LedgerState] {
        var states: [Dot: LedgerState] = [:]
        func note(_ dot: Dot, _ state: LedgerState) { states[dot] = max(states[dot] ?? .superseded, state) }
        func note(_ siblings: [Sibling]) {
            for sibling in siblings {
                note(sibling.dot, siblings.contains { $0.value != sibling.value } ? .sibling : .visible)
            }
        }
        let isContested = status == .contested
        for pair in life { note(pair.dot, isContested ? .sibling : .visible) }
        for entry in fields {
            switch entry.state {
            case .register(let siblings): note(siblings)
            case .map(let keys): for key in keys { note(key.siblings) }
            case .set, .counter: for stamp in entry.state.stamps { note(stamp.dot, .visible) }
            }
        }
        return states
    }
}
