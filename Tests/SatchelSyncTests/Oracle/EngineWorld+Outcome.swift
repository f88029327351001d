import SatchelSync
import SatchelTestSupport

extension EngineWorld {
    /// What stands of a record, in the oracle's terms.
    func outcome(of state: RecordState?) -> RecordOutcome {
        var outcome = RecordOutcome()
        guard let state else { return outcome }
        outcome.life = state.lifeStatus.word
        for number in HistorySchema.registers.indices {
            let siblings = state.field(HistorySchema.register(number))?.siblings ?? []
            guard !siblings.isEmpty else { continue }
            outcome.siblings[.register(number)] = standing(siblings.map(\.dot))
            let winner = Winner.among(siblings, policy: HistorySchema.registers[number])
            outcome.winners[number] = winner.flatMap { names[$0.dot] }
        }
        for element in state.field(HistorySchema.tags)?.elements ?? [] {
            guard let number = Int(element.value.string) else { continue }
            outcome.elements[number] = standing(element.dots.map(\.dot))
        }
        for entry in state.field(HistorySchema.facts)?.entries ?? [] {
            guard let number = Int(entry.key.string) else { continue }
            outcome.siblings[.key(number)] = standing(entry.siblings.map(\.dot))
        }
        if let field = type.field(HistorySchema.visits) { outcome.total = Int(state.total(of: field)) }
        for conflict in state.conflicts(in: type) {
            switch conflict.subject {
            case .life: outcome.isLifeInConflict = true
            case .field(let field): outcome.conflicts.insert(.register(Int(field.number) - 1))
            case .key(_, let key): outcome.conflicts.insert(.key(Int(key.string) ?? -1))
            }
        }
        return outcome
    }

    private func standing(_ dots: [Dot]) -> EditSet { EditSet(dots.compactMap { names[$0] }) }
}

extension HistoryStep.Edit {
    /// What the edit does to the life of its record.
    var lifeWrite: LifeWrite? {
        switch self {
        case .create: .create
        case .delete: .delete
        case .revive: .revive
        default: nil
        }
    }

    /// The fields that the edit writes.
    var fieldChanges: [FieldChange] {
        func write(_ register: Int, _ value: Int) -> FieldChange {
            FieldChange(
                HistorySchema.register(register), .register(HistorySchema.value(value, of: register)))
        }
        func tags(add: [Int] = [], remove: [Int] = []) -> FieldChange {
            let texts = { (numbers: [Int]) in numbers.map { UTF8Text(String($0)) } }
            return FieldChange(HistorySchema.tags, .set(add: texts(add), remove: texts(remove)))
        }
        return switch self {
        case .nothing, .create, .delete, .revive: []
        case .write(let register, let value): [write(register, value)]
        case .add(let tag): [tags(add: [tag])]
        case .remove(let tag): [tags(remove: [tag])]
        case .writeAndTag(let register, let value, let tag): [write(register, value), tags(add: [tag])]
        case .increment(let delta): [FieldChange(HistorySchema.visits, .counter(Int64(delta)))]
        case .put(let key, let value):
            [
                FieldChange(
                    HistorySchema.facts,
                    .map([MapWrite(UTF8Text(String(key)), value == 0 ? .null : .integer(Int64(value)))]))
            ]
        }
    }
}

extension RecordChange {
    /// The same change, whose life write is not a delete: a planted fault.
    var reviving: RecordChange {
        RecordChange(type: type, record: record, context: context, life: .revive, writes: writes)
    }

    /// The same change, whose author claims to have seen all that stands where he removes elements: a planted fault.
    func seeing(_ state: RecordState) -> RecordChange {
        let removes = writes.contains { if case .set(_, let remove) = $0.write { !remove.isEmpty } else { false } }
        guard removes else { return self }
        return RecordChange(
            type: type, record: record, context: context.union(state.context), life: life, writes: writes)
    }
}
