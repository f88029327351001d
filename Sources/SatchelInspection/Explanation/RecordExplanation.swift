package import SatchelSync

/// One of the values that stand for a field.
package struct StandingValueExplanation: Codable, Hashable, Sendable {
    /// The value, as people read it: `+element` of a set, `key=value` of a map, what one actor added to a counter.
    package let text: String
    /// The change-set that wrote it.
    package let by: ExplainedDot
    /// When that was made by the server's reckoning, RFC 3339.
    package let time: String
    /// Whether the tables show it.
    package let isShown: Bool
}

/// One field of a record: what the tables show, and why.
package struct FieldExplanation: Codable, Hashable, Sendable {
    /// The field's name.
    package let field: String
    /// Its policy.
    package let policy: String
    /// What the tables show, as people read it.
    package let value: String
    /// How much its open conflict asks of people; `nil` without one.
    package let severity: String?
    /// Why the tables show that, in a sentence without its full stop.
    package let decision: String
    /// The values that stand, the shown ones first.
    package let values: [StandingValueExplanation]
    /// How many more stand.
    package let valuesOmitted: Int
}

/// A standing write of a record's life.
package struct LifeExplanation: Codable, Hashable, Sendable {
    /// `alive` or `deleted`.
    package let mark: String
    /// The change-set that wrote it.
    package let by: ExplainedDot
    /// When that was made by the server's reckoning, RFC 3339.
    package let time: String
}

/// A change-set in the past of a record.
package struct PastExplanation: Codable, Hashable, Sendable {
    /// The change-set.
    package let by: ExplainedDot
    /// When it was made by the server's reckoning, RFC 3339.
    package let time: String
    /// What its author called it; `nil` where that is not known here.
    package let label: String?
    /// What became of it, in the ledger's word.
    package let state: String
    /// The fields of the record that it wrote.
    package let fields: [String]

    /// Describes a change-set in the past of a record.
    package init(
        dot: Dot, user: String, device: String, time: Timestamp, label: String?, state: LedgerState, fields: [String]
    ) {
        by = ExplainedDot(dot: dot.description, user: user, device: device)
        self.time = time.description
        self.label = label
        self.state = state.word
        self.fields = fields
    }
}

/// All that is known of one record.
package struct RecordExplanation: Codable, Hashable, Sendable {
    /// The name of its type.
    package let type: String
    /// Its id.
    package let record: String
    /// The shortest unique ending of it.
    package let ending: String
    /// The value that people know it by.
    package let title: String
    /// Whether it lives, in a word.
    package let life: String
    /// The standing writes of its life.
    package let lives: [LifeExplanation]
    /// Its context: the latest change-set of each actor that it covers.
    package let context: [ExplainedDot]
    /// The sequence of the newest commit that changed it; 0 where none is known.
    package let sequence: UInt64
    /// Its fields that were ever written, in the order of the schema.
    package let fields: [FieldExplanation]
    /// The change-sets that touched it last, the latest first.
    package let past: [PastExplanation]
    /// Whether more touched it before those.
    package let isPastCut: Bool
    /// What touches it and is not in the store: pending or parked on a device, waiting for it at a server.
    package let waiting: [PastExplanation]
    /// Who has it as it stands.
    package let holders: [HolderExplanation]

    /// Describes a record from what stands of it.
    /// - Throws: What the look-ups of `context` throw.
    package init(
        record: RecordID, type: EntityType, state: RecordState, life: LifeStatus, sequence: ServerSequence,
        past: [PastExplanation], isPastCut: Bool, waiting: [PastExplanation], holders: [HolderExplanation],
        context: InspectionContext
    ) throws {
        self.type = type.name
        self.record = record.description
        ending = context.ending
        title = Explanation.short(type.title(of: state))
        self.life = life.word
        lives = try state.life.map { pair in
            LifeExplanation(
                mark: pair.isDelete ? "deleted" : "alive", by: try context.explained(pair.dot),
                time: pair.time.description)
        }
        self.context = try state.context.entries.map(context.explained)
        self.sequence = sequence.number
        let items = state.conflicts(in: type, life: life)
        fields = try type.fields.compactMap { field in
            guard let standing = state.field(field.id) else { return nil }
            let severity = items.filter { $0.subject.field == field.id }.map(\.severity).max()
            return try FieldExplanation(
                field, standing: standing, in: state, severity: severity, context: context)
        }
        self.past = past
        self.isPastCut = isPastCut
        self.waiting = waiting
        self.holders = holders
    }
}

extension FieldExplanation {
    fileprivate init(
        _ field: Field, standing: FieldState, in state: RecordState, severity: ConflictSeverity?,
        context: InspectionContext
    ) throws {
        self.field = field.name
        policy = field.policy.word
        self.severity = severity?.word
        value = Explanation.short(try ShownValue(of: field, in: state, title: context.title).text)
        var values: [(text: String, stamp: ElementDot, isShown: Bool)] = []
        switch standing {
        case .register(let siblings):
            let distinct = Winner.distinctValues(of: siblings, policy: field.policy)
            decision =
                siblings.isEmpty
                ? "nothing stands" : ConflictItemReport.winnerReason(among: distinct, policy: field.policy)
            for (index, value) in distinct.enumerated() {
                let text = try ShownValue(value.value, title: context.title).text
                values += value.siblings.map { (text, $0.stamp, index == 0) }
            }
        case .set(let elements):
            decision = elements.isEmpty ? "no add stands" : "the adds that no remove had seen"
            for element in elements { values += element.dots.map { ("+\(element.value)", $0, true) } }
        case .counter(let parts):
            decision = "the sum of what \(Counted.text(parts.count, "actor")) added"
            values = parts.map { ("\($0.sum)", ElementDot(dot: $0.dot, time: $0.time), true) }
        case .map(let keys):
            decision = "each key by its latest value"
            for key in keys {
                let distinct = Winner.distinctValues(of: key.siblings, policy: .latest)
                for (index, value) in distinct.enumerated() {
                    values += value.siblings.map { ("\(key.key)=\(value.value.text)", $0.stamp, index == 0) }
                }
            }
        }
        self.values = try values.prefix(Explanation.valuesMax).map { value in
            StandingValueExplanation(
                text: Explanation.short(value.text), by: try context.explained(value.stamp.dot),
                time: value.stamp.time.description, isShown: value.isShown)
        }
        valuesOmitted = max(0, values.count - Explanation.valuesMax)
    }
}
