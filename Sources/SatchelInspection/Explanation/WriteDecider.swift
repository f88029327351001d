import SatchelSync

/// Says of each write of one part what became of it, and why: a function of the record's state and of who had seen whom.
struct WriteDecider {
    private let touch: RecordTouch
    private let record: ExplainedRecord
    private let fate: LedgerState?
    private let isShown: Bool
    /// The writes of the record's past by what they are about, each with its place in the order of arrival.
    private let past: [WriteSubject: [(place: Int, write: SubjectWrite)]]
    /// The place of the part itself; behind all where it is not in the store.
    private let place: Int

    init(of touch: RecordTouch, in record: ExplainedRecord, fate: LedgerState?, isShown: Bool) {
        self.touch = touch
        self.record = record
        self.fate = fate
        self.isShown = isShown
        let subjects = Set(touch.subjectWrites.map(\.subject))
        var past: [WriteSubject: [(place: Int, write: SubjectWrite)]] = [:]
        for (place, other) in record.past.enumerated() where other.dot != touch.dot {
            for write in other.subjectWrites where subjects.contains(write.subject) {
                past[write.subject, default: []].append((place, write))
            }
        }
        self.past = past
        place = record.past.firstIndex { $0.dot == touch.dot } ?? record.past.count
    }

    /// What became of one write.
    func explain(_ write: SubjectWrite) throws -> WriteExplanation {
        let field = write.field.flatMap { record.type.field($0) }
        let standing = record.state.standing(of: write.alone, dot: write.dot, life: record.life)
        // Increments add up: none replaces another, and none stands against it.
        let others = field?.policy == .counter || !isShown ? [] : past[write.subject] ?? []
        let replaced = others.filter { isReplaced($0, by: write, among: others) }.map(\.write)
        let concurrent = others.filter { isConcurrent($0.write, with: write) }.map(\.write)
        let cover = standing == .superseded ? self.cover(of: write, among: others) : nil
        let kept = Explanation.relatedMax
        return WriteExplanation(
            field: write.name(in: record.type), value: Explanation.short(write.text), policy: field?.policy.word ?? "",
            state: (fate ?? standing).word,
            decision: try decision(on: write, field: field, standing: standing, cover: cover),
            replaced: try replaced.suffix(kept).map(explained), concurrent: try concurrent.suffix(kept).map(explained),
            coveredBy: try cover.map { try record.context.explained($0.write.dot) },
            relatedOmitted: max(0, replaced.count - kept) + max(0, concurrent.count - kept))
    }

    private func explained(_ write: SubjectWrite) throws -> ExplainedValue {
        ExplainedValue(by: try record.context.explained(write.dot), text: Explanation.short(write.text))
    }

    /// It came before, the author had seen it, and nobody else had replaced it yet.
    private func isReplaced(
        _ other: (place: Int, write: SubjectWrite), by write: SubjectWrite,
        among others: [(place: Int, write: SubjectWrite)]
    ) -> Bool {
        guard other.place < place, other.write.canStand, let seen = write.seen, seen.covers(other.write.dot) else {
            return false
        }
        // From the latest back: where anybody had seen it, the next write mostly had.
        return !others.contains { $0.place < place && $0.write.seen?.covers(other.write.dot) == true }
    }

    /// Neither author had seen the other; where that is not known, both stand.
    private func isConcurrent(_ other: SubjectWrite, with write: SubjectWrite) -> Bool {
        guard let seen = write.seen else { return false }
        if seen.covers(other.dot) { return false }
        if let theirs = other.seen { return !theirs.covers(write.dot) }
        return stands(other) && stands(write)
    }

    private func stands(_ write: SubjectWrite) -> Bool {
        record.state.standing(of: write.alone, dot: write.dot) != .superseded
    }

    /// Who covers a write: of those whose authors had seen it the one that came first.
    private func cover(
        of write: SubjectWrite, among others: [(place: Int, write: SubjectWrite)]
    ) -> (place: Int, write: SubjectWrite)? {
        others.first { $0.write.seen?.covers(write.dot) == true }
    }

    private func decision(
        on write: SubjectWrite, field: Field?, standing: LedgerState, cover: (place: Int, write: SubjectWrite)?
    ) throws -> String {
        if let fate, !isShown {
            switch fate {
            case .reissued: return "not under this name"
            case .duplicate: return "in the store under another name"
            default: return "not in the store"
            }
        }
        let sentence =
            standing == .superseded && !isCounter(field)
            ? try coverSentence(write, cover) : try standingSentence(write, field: field, standing: standing)
        return fate == nil ? sentence : "here: \(sentence)"
    }

    private func isCounter(_ field: Field?) -> Bool { field?.policy == .counter }

    private func coverSentence(_ write: SubjectWrite, _ cover: (place: Int, write: SubjectWrite)?) throws -> String {
        if let cover {
            let who = try record.context.phrase(cover.write.dot)
            return record.isPastWhole && cover.place < place
                ? "came late: \(who) had seen it and was there" : "superseded by \(who)"
        }
        let standing = (past[write.subject] ?? []).filter { stands($0.write) }
        guard let last = standing.last else { return "superseded by work that is not known here" }
        return "superseded; what stands is of \(try record.context.phrase(last.write.dot))"
    }

    private func standingSentence(_ write: SubjectWrite, field: Field?, standing: LedgerState) throws -> String {
        switch (write.subject, field) {
        case (.life, _):
            return standing == .sibling ? "contested: others had not seen it" : "stands"
        case (.element(let id, let element), _):
            let elements = record.state.field(id)?.elements ?? []
            let adds = elements.first { $0.value == element }?.dots.map(\.dot) ?? []
            if adds.contains(write.dot) { return adds.count > 1 ? "stands, added by others too" : "stands" }
            return adds.isEmpty ? "taken out" : "taken out as far as its author had seen; other adds stand"
        case (.field, let field?) where field.policy == .counter:
            guard standing == .visible else { return "not counted" }
            return "counted: the sum is \(record.state.total(of: field))"
        case (.field(let id), let field?):
            return try choice(among: record.state.field(id)?.siblings ?? [], for: write, policy: field.policy)
        case (.key(let id, let key), _):
            let entry = record.state.field(id)?.entries.first { $0.key == key }
            return try choice(among: entry?.siblings ?? [], for: write, policy: .latest)
        case (.field, nil):
            return "the schema has no such field"
        }
    }

    private func choice(among siblings: [Sibling], for write: SubjectWrite, policy: MergePolicy) throws -> String {
        let values = Winner.distinctValues(of: siblings, policy: policy)
        guard let winner = values.first, values.count > 1 else {
            return siblings.count > 1 ? "the only value, written by \(siblings.count) alike" : "the only value"
        }
        let reason = ConflictItemReport.winnerReason(among: values, policy: policy)
        if winner.siblings.contains(where: { $0.dot == write.dot }) { return "won: \(reason)" }
        return "kept beside \(try record.context.phrase(winner.latest.dot)), which won: \(reason)"
    }
}
