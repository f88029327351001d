import SatchelSync

// What the ledger must say of what entered the server's store (causality.md §9).
extension SeenModel {
    /// All writes of registers and keys of a record that the server has applied.
    func writes(
        of record: RecordID, type: EntityTypeID
    ) -> [(place: RecordExpectation.Place, writes: [(dot: Dot, value: FieldValue)])] {
        var writes: [RecordExpectation.Place: [(dot: Dot, value: FieldValue)]] = [:]
        for (event, part) in parts(of: record, type: type, in: server) {
            let dot = effectiveDot(event, in: server)
            for entry in part.writes {
                switch entry.write {
                case .register(let value): writes[.register(entry.field), default: []].append((dot, value))
                case .map(let keys):
                    for key in keys { writes[.key(entry.field, key.key), default: []].append((dot, key.value)) }
                case .set, .counter: break
                }
            }
        }
        return writes.map { ($0.key, $0.value) }
    }

    /// The strongest state of what an applied change-set wrote; `statuses` says which records live, living children included.
    func standing(of event: Int, statuses: [RecordID: LifeStatus]) -> LedgerState {
        var strongest = LedgerState.superseded
        let dot = effectiveDot(event, in: server)
        for (record, part) in events[event].parts {
            guard let expected = expectation(of: record, in: server, base: server), expected.type == part.type else {
                continue
            }
            if expected.life[dot] != nil {
                strongest = max(strongest, statuses[record] == .contested ? .sibling : .visible)
            }
            for entry in part.writes { strongest = max(strongest, standing(of: entry, dot: dot, expected)) }
        }
        return strongest
    }

    private func standing(of entry: FieldChange, dot: Dot, _ expected: RecordExpectation) -> LedgerState {
        func state(at place: RecordExpectation.Place) -> LedgerState {
            guard let values = expected.values[place], let own = values[dot] else { return .superseded }
            return values.values.contains { $0 != own } ? .sibling : .visible
        }
        switch entry.write {
        case .register: return state(at: .register(entry.field))
        case .map(let keys): return keys.map { state(at: .key(entry.field, $0.key)) }.max() ?? .superseded
        case .counter: return .visible
        case .set(let add, let remove):
            let elements = expected.elements[entry.field] ?? [:]
            let stands = add.contains { elements[$0]?.contains(dot) == true }
            let removes = remove.contains { value in
                elements[value]?.contains { $0.actor == dot.actor && $0.counter > dot.counter } != true
            }
            return stands || removes ? .visible : .superseded
        }
    }
}
