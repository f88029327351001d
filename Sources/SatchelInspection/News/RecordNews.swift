package import SatchelSync

/// What others did to one record, or to one field of it, between two states that a replica had of it.
package struct RecordNews: Hashable, Sendable {
    /// What happened; the raw value is what is stored.
    package enum Kind: Int, Sendable {
        /// Somebody made the record.
        case made = 1
        /// Somebody deleted it.
        case deleted = 2
        /// Somebody brought it back.
        case revived = 3
        /// A value is another one now.
        case changed = 4
        /// Values stood against each other, and somebody settled that.
        case settled = 5
        /// A value came beside an own one that its author had not seen.
        case contends = 6

        /// The word, as `--json` prints it.
        package var word: String {
            switch self {
            case .made: "made"
            case .deleted: "deleted"
            case .revived: "revived"
            case .changed: "changed"
            case .settled: "settled"
            case .contends: "in_conflict"
            }
        }
    }

    /// What happened.
    package let kind: Kind
    /// The field, `field.key` in a map, or `life`.
    package let subject: String
    /// The value before, for one that stands in conflict the own one; `nil` where there was none.
    package var before: String?
    /// The value now; of a set or a counter, what was added and taken; `nil` where there is none.
    package var after: String?
    /// The change-set that it comes from; `nil` where the state does not tell.
    package var dot: Dot?
    /// When that was made, by the server's reckoning.
    package var time: Timestamp?
    /// The value before, where it was the replica's own.
    package var ownValue: FieldValue?
    /// Whether it is about what the replica wrote itself.
    package var isOwn = false
}

/// Finds out what others did to a record.
package struct NewsReader {
    private let type: EntityType
    private let isOwn: (Dot) -> Bool
    private let text: (FieldValue) throws -> String?

    /// `isOwn` says whether the replica made a change-set, and `text` how people read a value.
    package init(type: EntityType, isOwn: @escaping (Dot) -> Bool, text: @escaping (FieldValue) throws -> String?) {
        (self.type, self.isOwn, self.text) = (type, isOwn, text)
    }

    /// What others did, from one confirmed state to a later one; nothing of what the replica did itself.
    ///
    /// `shown` is the record as the replica's user had it before, own edits included. A record that others made or deleted is told
    /// of as a whole, and one that came and went meanwhile not at all.
    ///
    /// - Throws: What `text` throws.
    /// - Complexity: O(fields × siblings²).
    package func news(
        from before: RecordState, to after: RecordState, shown: RecordState
    ) throws -> [RecordNews] {
        let life = life(from: before, to: after, shown: shown)
        if let life, life.kind != .revived { return [life] }
        guard after.lifeStatus != .deleted else { return [] }
        return try (life.map { [$0] } ?? [])
            + type.fields.flatMap { try self.news(of: $0, from: before, to: after, shown: shown) }
    }

    private func life(from before: RecordState, to after: RecordState, shown: RecordState) -> RecordNews? {
        let fresh = after.life.filter { pair in !isOwn(pair.dot) && !before.life.contains { $0.dot == pair.dot } }
        guard let last = fresh.max(by: { ($0.time, $0.dot) < ($1.time, $1.dot) }) else { return nil }
        let becomes = after.lifeStatus
        // What the replica made itself may have gone before it came back confirmed.
        let old = before.life.isEmpty && becomes != .alive ? shown : before
        let was = old.life.isEmpty ? nil : old.lifeStatus
        let kind: RecordNews.Kind
        switch (was, becomes) {
        case (nil, .alive): kind = .made
        case (.deleted?, .alive), (.deleted?, .contested): kind = .revived
        case (.alive?, .deleted), (.contested?, .deleted): kind = .deleted
        case (.alive?, .contested), (nil, .contested): kind = .contends
        default: return nil
        }
        // Who made or wrote what is deleted now is to know.
        let dots = old.life.lazy.map(\.dot) + old.fields.lazy.flatMap(\.state.dots)
        return RecordNews(
            kind: kind, subject: "life", dot: last.dot, time: last.time, isOwn: dots.contains(where: isOwn))
    }

    private func news(
        of field: Field, from before: RecordState, to after: RecordState, shown: RecordState
    ) throws -> [RecordNews] {
        switch after.field(field.id) {
        case .register(let siblings):
            let news = try news(
                of: field.name, from: before.siblings(of: .field(field.id)), to: siblings, policy: field.policy)
            return news.map { [$0] } ?? []
        case .map(let entries):
            return try entries.compactMap { entry in
                try news(
                    of: "\(field.name).\(entry.key)", from: before.siblings(of: .key(field.id, entry.key)),
                    to: entry.siblings, policy: .latest)
            }
        case .set(let elements):
            let here = Set(shown.field(field.id)?.elements.map(\.value) ?? [])
            let taker = after.onlyToucher(since: before, unless: isOwn)
            return elementNews(
                of: field, from: before.field(field.id)?.elements ?? [], to: elements, here: here, taker: taker)
        case .counter(let entries): return counterNews(of: field, from: before, to: entries)
        case nil: return []
        }
    }

    private func news(
        of subject: String, from old: [Sibling], to new: [Sibling], policy: MergePolicy
    ) throws -> RecordNews? {
        let fresh = new.filter { one in !isOwn(one.dot) && !old.contains { $0.dot == one.dot } }
        guard let latest = fresh.max(by: { ($0.time, $0.dot) < ($1.time, $1.dot) }),
            let winner = Winner.among(new, policy: policy)
        else { return nil }
        if let own = new.last(where: { isOwn($0.dot) }) {
            guard own.value != latest.value else { return nil }
            return RecordNews(
                kind: .contends, subject: subject, before: try text(own.value), after: try text(latest.value),
                dot: latest.dot, time: latest.time, ownValue: own.value, isOwn: true)
        }
        // Of values that stood against each other the own one is what its author misses.
        let own = old.last { isOwn($0.dot) && $0.value != winner.value }
        let shown = own ?? Winner.among(old, policy: policy)
        let isSettled = Set(old.map(\.value)).count > 1 && Set(new.map(\.value)).count == 1
        guard isSettled || shown?.value ?? .null != winner.value else { return nil }
        let by = fresh.contains { $0.dot == winner.dot } ? winner : latest
        return RecordNews(
            kind: isSettled ? .settled : .changed, subject: subject, before: try shown.flatMap { try text($0.value) },
            after: try text(winner.value), dot: by.dot, time: by.time, ownValue: own?.value, isOwn: own != nil)
    }

    /// What others added and took; an element that is not `here` any more the replica has taken itself.
    ///
    /// No state tells who took an element: it is the `taker` where that is the only one who touched the record.
    private func elementNews(
        of field: Field, from old: [SetElement], to new: [SetElement], here: Set<UTF8Text>,
        taker: (dot: Dot, time: Timestamp?)?
    ) -> [RecordNews] {
        let added = new.filter { one in
            !old.contains { $0.value == one.value } && one.dots.contains { !isOwn($0.dot) }
        }
        let taken = old.filter { one in here.contains(one.value) && !new.contains { $0.value == one.value } }
        let adder = added.flatMap(\.dots).last { !isOwn($0.dot) }.map { (dot: $0.dot, time: Optional($0.time)) }
        let (plus, minus) = (added.map { "+\($0.value)" }, taken.map { "-\($0.value)" })
        let isOneWriter = adder?.dot.actor == taker?.dot.actor
        let lines = isOneWriter ? [(plus + minus, adder ?? taker)] : [(plus, adder), (minus, taker)]
        return lines.filter { !$0.0.isEmpty }.map { words, by in
            RecordNews(
                kind: .changed, subject: field.name, after: words.joined(separator: " "), dot: by?.dot,
                time: by?.time)
        }
    }

    private func counterNews(of field: Field, from before: RecordState, to new: [CounterEntry]) -> [RecordNews] {
        let old: [CounterEntry] = if case .counter(let entries) = before.field(field.id) { entries } else { [] }
        var sum = Int128(0)
        var by: CounterEntry?
        for entry in new where !isOwn(entry.dot) && !old.contains(entry) {
            sum += Int128(entry.sum) - Int128(old.first { $0.dot.actor == entry.dot.actor }?.sum ?? 0)
            by = entry
        }
        guard let by, sum != 0 else { return [] }
        return [
            RecordNews(
                kind: .changed, subject: field.name, after: sum > 0 ? "+\(sum)" : "\(sum)", dot: by.dot, time: by.time)
        ]
    }
}

extension RecordState {
    /// The last dot of the only other writer who touched the record since, with its time where something of it stands; `nil` where
    /// there were several.
    fileprivate func onlyToucher(
        since before: RecordState, unless isOwn: (Dot) -> Bool
    ) -> (dot: Dot, time: Timestamp?)? {
        let fresh = context.entries.filter { !before.context.covers($0) && !isOwn($0) }
        guard fresh.count == 1, let dot = fresh.first else { return nil }
        return (dot, time(of: dot))
    }
}
