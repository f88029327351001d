import SatchelSync

extension ConflictItemReport {
    /// Describes a field, or a key of a map, that has several distinct values.
    init(item: ConflictItem, field: Field, state: RecordState, context: InspectionContext) throws {
        let siblings = state.siblings(of: item.subject)
        let values = Winner.distinctValues(of: siblings, policy: field.policy)
        subject = item.subject.name(in: field)
        token = state.token(of: item.subject)
        label = subject.replacing("_", with: " ")
        policy = field.policy.word
        severity = item.severity
        base = try context.baseValue(item.subject).map { try ShownValue($0, title: context.title) }
        self.siblings = try values.enumerated().map { index, value in
            let others = siblings.filter { $0.value != value.value }.map(\.dot)
            return SiblingReport(
                number: index + 1, value: try ShownValue(value.value, title: context.title), isWinner: index == 0,
                writers: try value.siblings.map { sibling in
                    try WriterReport(dot: sibling.dot, time: sibling.time, others: others, context: context)
                })
        }
        winnerReason = Self.winnerReason(among: values, policy: field.policy)
    }

    /// Why the first of the values is the one that the tables show.
    static func winnerReason(among values: [DistinctValue], policy: MergePolicy) -> String {
        guard values.count > 1 else { return "the only value" }
        switch policy {
        case .manual: return "a person must decide; the table shows the latest until then"
        case .immutable: return "earliest by corrected time: the first value stays"
        case .max: return "the greatest value"
        case .min: return "the least value"
        case .precedence(let order):
            let ranks = values.prefix(2).map { value in order.firstIndex { .text($0) == value.value } }
            if ranks[0] != ranks[1] { return "stands later in the order of the field" }
        default: break
        }
        let winner = values[0].latest
        let next = values[1].latest
        if winner.time != next.time { return "latest by corrected time" }
        return winner.dot.actor != next.dot.actor
            ? "same time: the higher actor" : "same time, same actor: the higher counter"
    }
}

extension ConflictSubject {
    /// The name by which people and commands call it: `life`, a field's name, or `field.key` for a key of a map.
    func name(in field: Field?) -> String {
        switch self {
        case .life: "life"
        case .field(let id): field?.name ?? "\(id.number)"
        case .key(let id, let key): "\(field?.name ?? "\(id.number)").\(key)"
        }
    }
}
