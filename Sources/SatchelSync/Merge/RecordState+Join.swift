extension RecordState {
    /// Joins what another replica knows: keeps what both have, and what one has and the other's context does not cover.
    ///
    /// Commutative, associative, idempotent; applying a change is joining its delta where K(r) ⊇ C.
    /// - Complexity: O(pairs × log actors) over both.
    public mutating func formJoin(_ other: RecordState) {
        let life = Self.join(life, context, other.life, other.context, dot: \.dot) { $0.joined($1) }
        let ids = Set(fields.map(\.field)).union(other.fields.map(\.field))
        let fields = ids.map { FieldEntry($0, joinField(field($0), other.field($0), other.context)) }
        self = RecordState(context: context.union(other.context), life: life, fields: fields)
    }

    /// Joins what another replica knows, less what does not enter (causality.md §7): the pairs with the dots in `out`, and those
    /// that the late rule keeps out, given for each dot what was written by those who had seen it.
    /// - Complexity: as of ``formJoin(_:)``.
    package mutating func formJoin(_ other: RecordState, leavingOut out: Set<Dot>, late: [Dot: LateRule]) {
        func enters(_ dot: Dot, _ field: FieldID, _ element: UTF8Text? = nil) -> Bool {
            !out.contains(dot) && late[dot]?.covers(field, element) != true
        }
        let newlyLate = late.filter { !context.covers($0.key) && !$0.value.deletes.isEmpty }
        let life = other.life.filter { !out.contains($0.dot) && late[$0.dot]?.isLifeWritten != true }
        let fields = other.fields.map { entry in
            let field = entry.field
            switch entry.state {
            case .register(let siblings):
                return FieldEntry(field, .register(siblings.filter { enters($0.dot, field) }))
            case .set(let elements):
                let left = elements.map { element in
                    SetElement(
                        value: element.value, dots: element.dots.filter { enters($0.dot, field, element.value) })
                }
                return FieldEntry(field, .set(left.filter { !$0.dots.isEmpty }))
            case .map(let entries):
                let left = entries.map { entry in
                    MapEntry(key: entry.key, siblings: entry.siblings.filter { enters($0.dot, field, entry.key) })
                }
                return FieldEntry(field, .map(left.filter { !$0.siblings.isEmpty }))
            // Counters know no late rule.
            case .counter: return entry
            }
        }
        formJoin(RecordState(context: other.context, life: life, fields: fields))
        guard !newlyLate.isEmpty else { return }
        var pairs = self.life
        for (dot, rule) in newlyLate { pairs = pairs.map { $0.covering(dot, where: rule.deletes) } }
        self = RecordState(context: context, life: pairs, fields: self.fields)
    }

    /// The join of both.
    public func joined(_ other: RecordState) -> RecordState {
        var result = self
        result.formJoin(other)
        return result
    }

    private func joinField(_ mine: FieldState?, _ theirs: FieldState?, _ theirContext: VersionVector) -> FieldState {
        switch mine ?? theirs {
        case .set: .set(Self.joinSets(mine?.elements ?? [], context, theirs?.elements ?? [], theirContext))
        case .counter: .counter(Self.joinParts(mine?.parts ?? [], theirs?.parts ?? []))
        case .map: .map(Self.joinMaps(mine?.entries ?? [], context, theirs?.entries ?? [], theirContext))
        case .register, nil:
            .register(Self.joinSiblings(mine?.siblings ?? [], context, theirs?.siblings ?? [], theirContext))
        }
    }

    private static func joinSiblings(
        _ mine: [Sibling], _ myContext: VersionVector, _ theirs: [Sibling], _ theirContext: VersionVector
    ) -> [Sibling] {
        join(mine, myContext, theirs, theirContext, dot: \.dot) { one, _ in one }
    }

    /// Per actor the part with the higher counter.
    private static func joinParts(_ mine: [CounterEntry], _ theirs: [CounterEntry]) -> [CounterEntry] {
        var parts = Dictionary(mine.map { ($0.dot.actor, $0) }) { first, _ in first }
        for part in theirs where part.dot.counter > parts[part.dot.actor]?.dot.counter ?? 0 {
            parts[part.dot.actor] = part
        }
        return parts.values.sorted { $0.dot < $1.dot }
    }

    private static func joinMaps(
        _ mine: [MapEntry], _ myContext: VersionVector, _ theirs: [MapEntry], _ theirContext: VersionVector
    ) -> [MapEntry] {
        let (one, two) = (mine.byKey, theirs.byKey)
        return Set(one.keys).union(two.keys).sorted().compactMap { key in
            let siblings = joinSiblings(one[key] ?? [], myContext, two[key] ?? [], theirContext)
            return siblings.isEmpty ? nil : MapEntry(key: key, siblings: siblings)
        }
    }

    private static func joinSets(
        _ mine: [SetElement], _ myContext: VersionVector, _ theirs: [SetElement], _ theirContext: VersionVector
    ) -> [SetElement] {
        let values = Set(mine.map(\.value)).union(theirs.map(\.value)).sorted()
        return values.compactMap { value in
            let dots = join(
                mine.dots(of: value), myContext, theirs.dots(of: value), theirContext, dot: \.dot
            ) { one, _ in one }
            return dots.isEmpty ? nil : SetElement(value: value, dots: dots)
        }
    }

    /// S∩T ∪ {s ∈ S : K_T does not cover its dot} ∪ the mirror, in dot order.
    private static func join<Pair>(
        _ mine: [Pair], _ myContext: VersionVector, _ theirs: [Pair], _ theirContext: VersionVector,
        dot: (Pair) -> Dot, both: (Pair, Pair) -> Pair
    ) -> [Pair] {
        var result: [Pair] = []
        for pair in mine {
            if let match = theirs.first(where: { dot($0) == dot(pair) }) {
                result.append(both(pair, match))
            } else if !theirContext.covers(dot(pair)) {
                result.append(pair)
            }
        }
        for pair in theirs where !myContext.covers(dot(pair)) && !mine.contains(where: { dot($0) == dot(pair) }) {
            result.append(pair)
        }
        return result.sorted { dot($0) < dot($1) }
    }
}

extension LifePair {
    /// The same pair on two replicas: the deleting contexts unite.
    fileprivate func joined(_ other: LifePair) -> LifePair {
        guard case .deleted(let mine) = mark, case .deleted(let theirs) = other.mark else { return self }
        return LifePair(dot: dot, time: time, mark: .deleted(context: mine.union(theirs)))
    }
}

extension [MapEntry] {
    fileprivate var byKey: [UTF8Text: [Sibling]] {
        Dictionary(map { ($0.key, $0.siblings) }) { first, _ in first }
    }
}
