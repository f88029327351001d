package import SatchelSync

/// A record and its past, as a store tells them: what an explanation of a change-set's part in it rests on.
package struct ExplainedRecord {
    /// The record.
    package let record: RecordID
    /// Its type.
    package let type: EntityType
    /// What stands for it.
    package let state: RecordState
    /// Whether it lives, living children included.
    package let life: LifeStatus
    /// The change-sets that touched it in the order in which they came.
    package let past: [RecordTouch]
    /// Whether that is the whole past in its true order; a device knows only own work and what still stands.
    package let isPastWhole: Bool
    /// The look-ups.
    package let context: InspectionContext

    /// Collects what is known of a record.
    package init(
        record: RecordID, type: EntityType, state: RecordState, life: LifeStatus, past: [RecordTouch],
        isPastWhole: Bool, context: InspectionContext
    ) {
        self.record = record
        self.type = type
        self.state = state
        self.life = life
        self.past = past
        self.isPastWhole = isPastWhole
        self.context = context
    }
}

extension PartExplanation {
    /// Explains a part that touches a record which the store has.
    ///
    /// `fate` is `nil` for work that is in the store under the dot of the part, else the ledger's word for the whole change-set;
    /// `isShown` says whether its writes stand in the state all the same, as a device shows its pending and parked work.
    /// - Throws: What the look-ups throw.
    /// - Complexity: O(writes of the record's past + writes of the part × writes of the past about the same).
    package init(
        of touch: RecordTouch, line: VersionVector, in record: ExplainedRecord, fate: LedgerState? = nil,
        isShown: Bool = true
    ) throws {
        let context = record.context
        type = record.type.name
        self.record = record.record.description
        ending = context.ending
        title = Explanation.short(record.type.title(of: record.state))
        life = record.life.word
        let seen = touch.seen?.vector.entries.filter { !line.covers($0) && $0.actor != touch.dot.actor }
        let apart = touch.seen?.exceptions ?? []
        let kept = Explanation.contextMax
        hadSeen = try seen.map { try $0.prefix(kept).map(context.explained) }
        exceptions = try apart.prefix(kept).map(context.explained)
        seenOmitted = max(0, (seen?.count ?? 0) - kept) + max(0, apart.count - kept)
        self.line = line.entries.map(\.description)
        let subjects = touch.subjectWrites
        let decider = WriteDecider(of: touch, in: record, fate: fate, isShown: isShown)
        writes = try subjects.prefix(Explanation.writesMax).map(decider.explain)
        writesOmitted = max(0, subjects.count - Explanation.writesMax)
    }

    /// Names a part that touches a record which the store does not have.
    package init(missing touch: RecordTouch, schema: Schema, line: VersionVector, fate: LedgerState) {
        let type = schema.type(touch.change.type)
        self.type = type?.name ?? "type \(touch.change.type.number)"
        record = touch.change.record.description
        (ending, title, life) = ("", "", LifeStatus.absent.word)
        let seen = touch.change.context.entries
        hadSeen = seen.prefix(Explanation.contextMax).map { ExplainedDot(dot: $0.description, user: "", device: "") }
        seenOmitted = max(0, seen.count - Explanation.contextMax)
        self.line = line.entries.map(\.description)
        exceptions = []
        let subjects = touch.subjectWrites
        writes = subjects.prefix(Explanation.writesMax).map { write in
            WriteExplanation(
                field: write.name(in: type), value: Explanation.short(write.text),
                policy: write.field.flatMap { type?.field($0)?.policy.word } ?? "", state: fate.word,
                decision: "the record is not here", replaced: [], concurrent: [], coveredBy: nil, relatedOmitted: 0)
        }
        writesOmitted = max(0, subjects.count - Explanation.writesMax)
    }
}

extension InspectionContext {
    /// Who made a change-set, as far as it is known.
    func explained(_ dot: Dot) throws -> ExplainedDot {
        let facts = try writer(dot)
        return ExplainedDot(dot: dot.description, user: facts?.user ?? "", device: facts?.device ?? "")
    }

    /// A change-set and its author in a sentence, such as `4cc73f09:2 (Bo)`.
    func phrase(_ dot: Dot) throws -> String {
        let facts = try writer(dot)
        let who = [facts?.user, facts?.device].lazy.compactMap(\.self).first { !$0.isEmpty }
        return who.map { "\(dot.shortDescription) (\($0))" } ?? dot.shortDescription
    }
}

extension SubjectWrite {
    /// The name by which people call what it is about.
    func name(in type: EntityType?) -> String {
        let name = field.map { type?.field($0)?.name ?? "field \($0.number)" } ?? "life"
        if case .key(_, let key) = subject { return "\(name).\(key)" }
        return name
    }
}
