/// All that a replica knows of one record's present: a dotted version vector set
/// (Almeida, Baquero, Gonçalves, Preguiça, Fonte, DAIS 2014), one vector a record and one dot a value.
public struct RecordState: Hashable, Sendable {
    /// K(r): every dot applied to the record.
    public private(set) var context: VersionVector
    /// The standing writes of its life, in dot order.
    ///
    /// Empty only where the record was never created here.
    public private(set) var life: [LifePair]
    /// The fields ever written, in the order of their numbers.
    ///
    /// A set keeps its entry when its last element goes.
    public private(set) var fields: [FieldEntry]

    /// A record that nothing is known of.
    public init() {
        context = VersionVector()
        life = []
        fields = []
    }

    /// Takes the parts as another replica or a stored row states them; puts life and fields in order.
    public init(context: VersionVector, life: [LifePair], fields: [FieldEntry]) {
        self.context = context
        self.life = life.sorted { $0.dot < $1.dot }
        self.fields = fields.sorted { $0.field < $1.field }
    }

    /// What stands for a field; `nil` when it was never written.
    public func field(_ id: FieldID) -> FieldState? { fieldIndex(id).map { fields[$0].state } }

    /// Applies one record's part of a change-set (causality.md §1).
    ///
    /// Idempotent: where the record already covers the dot nothing is added, but what the author had seen still goes.
    /// - Parameters:
    ///   - change: The part. Its context lacks the line, as it does on the wire.
    ///   - dot: The change-set's name.
    ///   - time: The corrected time of the change-set.
    ///   - line: The line of `dot`: its author had seen all of it.
    /// - Complexity: O(writes × siblings × log actors).
    public mutating func apply(_ change: RecordChange, dot: Dot, time: Timestamp, line: VersionVector) {
        let seen = change.context.union(line)
        let isNew = !context.covers(dot)
        if let write = change.life { applyLife(write, dot: dot, time: time, seen: seen, isNew: isNew) }
        for entry in change.writes {
            switch entry.write {
            case .register(let value):
                let pair = isNew ? Sibling(dot: dot, time: time, value: value) : nil
                applyRegister(entry.field, adding: pair, seen: seen)
            case .set(let add, let remove):
                let pair = isNew ? ElementDot(dot: dot, time: time) : nil
                applySet(entry.field, add: add, remove: remove, pair: pair, seen: seen)
            }
        }
        context.insert(dot)
    }

    private mutating func applyLife(_ write: LifeWrite, dot: Dot, time: Timestamp, seen: VersionVector, isNew: Bool) {
        life.removeAll { seen.covers($0.dot) }
        guard isNew else { return }
        var covered = seen
        covered.insert(dot)
        let mark: LifeMark = write == .delete ? .deleted(context: covered) : .alive
        life.insertInOrder(LifePair(dot: dot, time: time, mark: mark), by: \.dot)
    }

    private mutating func applyRegister(_ field: FieldID, adding pair: Sibling?, seen: VersionVector) {
        var siblings: [Sibling] = []
        let index = fieldIndex(field)
        if let index, case .register(let standing) = fields[index].state {
            siblings = standing.filter { !seen.covers($0.dot) }
        }
        if let pair { siblings.insertInOrder(pair, by: \.dot) }
        setField(field, .register(siblings), at: index)
    }

    private mutating func applySet(
        _ field: FieldID, add: [UTF8Text], remove: [UTF8Text], pair: ElementDot?, seen: VersionVector
    ) {
        var elements: [SetElement] = []
        let index = fieldIndex(field)
        if let index, case .set(let standing) = fields[index].state { elements = standing }
        for value in remove {
            elements.update(value) { dots in dots.removeAll { seen.covers($0.dot) } }
        }
        for value in add {
            elements.update(value) { dots in
                dots.removeAll { seen.covers($0.dot) }
                if let pair { dots.insertInOrder(pair, by: \.dot) }
            }
        }
        setField(field, .set(elements), at: index)
    }

    private mutating func setField(_ field: FieldID, _ state: FieldState, at index: Int?) {
        let entry = FieldEntry(field, state)
        if let index {
            fields[index] = entry
        } else {
            fields.insertInOrder(entry, by: \.field)
        }
    }

    private func fieldIndex(_ id: FieldID) -> Int? {
        let index = fields.partitioningIndex { $0.field >= id }
        return index < fields.count && fields[index].field == id ? index : nil
    }
}

extension RecordState {
    /// Joins what another replica knows: keeps what both have, and what one has and the other's context does not cover.
    ///
    /// Commutative, associative, idempotent; applying a change is joining its delta where K(r) ⊇ C.
    /// - Complexity: O(pairs × log actors) over both.
    public mutating func formJoin(_ other: RecordState) {
        life = Self.join(life, context, other.life, other.context, dot: \.dot) { $0.joined($1) }
        var joined: [FieldEntry] = []
        joined.reserveCapacity(max(fields.count, other.fields.count))
        let ids = Set(fields.map(\.field)).union(other.fields.map(\.field)).sorted()
        for id in ids { joined.append(FieldEntry(id, joinField(field(id), other.field(id), other.context))) }
        fields = joined
        context.formUnion(other.context)
    }

    /// The join of both.
    public func joined(_ other: RecordState) -> RecordState {
        var result = self
        result.formJoin(other)
        return result
    }

    private func joinField(_ mine: FieldState?, _ theirs: FieldState?, _ theirContext: VersionVector) -> FieldState {
        if case .set = mine ?? theirs {
            return .set(Self.joinSets(mine?.elements ?? [], context, theirs?.elements ?? [], theirContext))
        }
        return .register(
            Self.join(mine?.siblings ?? [], context, theirs?.siblings ?? [], theirContext, dot: \.dot) { one, _ in one }
        )
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

extension FieldState {
    /// The siblings of a register; empty for a set.
    public var siblings: [Sibling] { if case .register(let siblings) = self { siblings } else { [] } }

    /// The elements of a set; empty for a register.
    public var elements: [SetElement] { if case .set(let elements) = self { elements } else { [] } }
}

extension Array where Element == SetElement {
    func dots(of value: UTF8Text) -> [ElementDot] { first { $0.value == value }?.dots ?? [] }

    /// Changes the dots of one element, which comes and goes with them.
    fileprivate mutating func update(_ value: UTF8Text, _ change: (inout [ElementDot]) -> Void) {
        let index = partitioningIndex { $0.value >= value }
        let isThere = index < count && self[index].value == value
        var dots = isThere ? self[index].dots : []
        change(&dots)
        if isThere { remove(at: index) }
        if !dots.isEmpty { insert(SetElement(value: value, dots: dots), at: index) }
    }
}

extension Array {
    /// The first index at which `belongsAfter` holds, where it holds for a suffix.
    func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    fileprivate mutating func insertInOrder<Key: Comparable>(_ element: Element, by key: (Element) -> Key) {
        let index = partitioningIndex { key($0) >= key(element) }
        insert(element, at: index)
    }
}
