import SatchelSync

extension ConflictItemReport {
    /// Describes a field that has several distinct values.
    init(field: Field, severity: ConflictSeverity, state: RecordState, context: InspectionContext) throws {
        let siblings = state.field(field.id)?.siblings ?? []
        let values = Winner.distinctValues(of: siblings, policy: field.policy)
        subject = field.name
        label = field.name.replacing("_", with: " ")
        policy = field.policy.word
        self.severity = severity
        base = try context.baseValue(field.id).map { try ShownValue($0, title: context.title) }
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

    private static func winnerReason(among values: [DistinctValue], policy: MergePolicy) -> String {
        if policy == .manual { return "a person must decide; the table shows the latest until then" }
        guard values.count > 1 else { return "the only value" }
        let winner = values[0].latest
        let next = values[1].latest
        if winner.time != next.time { return "latest by corrected time" }
        return winner.dot.actor != next.dot.actor
            ? "same time: the higher actor" : "same time, same actor: the higher counter"
    }
}

extension MergePolicy {
    /// The word of the schema file.
    package var word: String {
        switch self {
        case .latest: "latest"
        case .manual: "manual"
        case .set: "set"
        }
    }
}
