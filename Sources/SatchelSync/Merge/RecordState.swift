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
        // What a store packed is in order already.
        let isLifeInOrder = life.count < 2 || zip(life, life.dropFirst()).allSatisfy { $0.dot < $1.dot }
        self.life = isLifeInOrder ? life : life.sorted { $0.dot < $1.dot }
        let isInOrder = fields.indices.dropFirst().allSatisfy { fields[$0 - 1].field < fields[$0].field }
        self.fields = isInOrder ? fields : fields.sorted { $0.field < $1.field }
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
    ///   - seenDots: Single dots that the author had seen though neither his context nor his line covers them: released work and
    ///     fixes that stand at earlier places of his line. As entries of a vector they would cover more than he had seen.
    ///   - late: What was written by those who had seen this change-set before it came; nothing for work that comes in order.
    /// - Complexity: O(writes × siblings × log actors).
    public mutating func apply(
        _ change: RecordChange, dot: Dot, time: Timestamp, line: VersionVector, seenDots: [Dot] = [],
        late: LateRule = LateRule()
    ) {
        let author = Author(
            stamp: ElementDot(dot: dot, time: time),
            seen: DeletingContext(
                vector: Mutant.ownWriteStays.isPlanted ? change.context : change.context.union(line), lateDots: seenDots
            ),
            isNew: !context.covers(dot))
        if let write = change.life { applyLife(write, by: author, isLate: late.isLifeWritten) }
        if author.isNew, !late.deletes.isEmpty { life = life.map { $0.covering(dot, where: late.deletes) } }
        for entry in change.writes {
            let (field, index) = (entry.field, fieldIndex(entry.field))
            let standing = index.map { fields[$0].state }
            switch entry.write {
            case .register(let value):
                let adds = author.isNew && !late.covers(field)
                setField(
                    field, .register((standing?.siblings ?? []).written(adds ? value : nil, by: author)), at: index)
            case .set(let add, let remove):
                var elements = standing?.elements ?? []
                for value in remove {
                    elements.update(value) {
                        $0.removeAll { Mutant.setRemovesUnseen.isPlanted || author.seen.covers($0.dot) }
                    }
                }
                for value in add {
                    let adds = author.isNew && !late.covers(field, value)
                    elements.update(value) { dots in
                        dots.removeAll { author.seen.covers($0.dot) }
                        if adds { dots.insertInOrder(author.stamp, by: \.dot) }
                    }
                }
                setField(field, .set(elements), at: index)
            case .counter(let delta):
                setField(field, .counter((standing?.parts ?? []).incremented(by: delta, author)), at: index)
            case .map(let writes):
                var entries = Mutant.mapIsRegister.isPlanted ? [] : standing?.entries ?? []
                for write in writes {
                    let adds = author.isNew && !late.covers(field, write.key)
                    entries.update(write.key) { $0 = $0.written(adds ? write.value : nil, by: author) }
                }
                setField(field, .map(entries), at: index)
            }
        }
        context.insert(dot)
        if Mutant.contextsJoined.isPlanted { context.formUnion(author.seen.vector) }
    }

    private mutating func applyLife(_ write: LifeWrite, by author: Author, isLate: Bool) {
        life.removeAll { author.seen.covers($0.dot) || write == .delete && Mutant.deleteWins.isPlanted }
        guard author.isNew, !isLate else { return }
        let mark: LifeMark = write == .delete ? .deleted(context: author.seen.including(author.stamp.dot)) : .alive
        life.insertInOrder(LifePair(dot: author.stamp.dot, time: author.stamp.time, mark: mark), by: \.dot)
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

/// Who writes, and what he had seen.
struct Author {
    /// The change-set's dot and corrected time.
    let stamp: ElementDot
    /// The context of the change, the line included, and single dots beside it.
    let seen: DeletingContext
    /// Whether the record does not cover the dot yet.
    let isNew: Bool

    /// Whether he had seen what stands in a register, so that his write drops it.
    func hadSeen(_ standing: ElementDot) -> Bool {
        if Mutant.contextIgnored.isPlanted { return false }
        if Mutant.lastWriteWins.isPlanted { return true }
        if Mutant.clockDecides.isPlanted { return standing.time < stamp.time }
        return seen.covers(standing.dot)
    }
}

extension FieldState {
    /// The siblings of a register; empty for every other field.
    public var siblings: [Sibling] { if case .register(let siblings) = self { siblings } else { [] } }

    /// The elements of a set; empty for every other field.
    public var elements: [SetElement] { if case .set(let elements) = self { elements } else { [] } }

    /// What each actor added to a counter; empty for every other field.
    public var parts: [CounterEntry] { if case .counter(let parts) = self { parts } else { [] } }

    /// The keys of a map; empty for every other field.
    public var entries: [MapEntry] { if case .map(let entries) = self { entries } else { [] } }
}

extension [Sibling] {
    /// Drops what the author had seen and adds what he wrote; `nil` where it does not enter.
    fileprivate func written(_ value: FieldValue?, by author: Author) -> [Sibling] {
        var siblings = filter { !author.hadSeen($0.stamp) }
        if let value {
            siblings.insertInOrder(
                Sibling(dot: author.stamp.dot, time: author.stamp.time, value: value), by: \.dot)
        }
        return siblings
    }
}

extension [CounterEntry] {
    /// The author's own part grows by `delta`, once for each dot.
    ///
    /// A sum that 64 bits cannot hold stays at their end.
    fileprivate func incremented(by delta: Int64, _ author: Author) -> [CounterEntry] {
        let dot = author.stamp.dot
        let index = partitioningIndex { $0.dot.actor >= dot.actor }
        let own = index < count && self[index].dot.actor == dot.actor ? self[index] : nil
        guard author.isNew, (own?.dot.counter ?? 0) < dot.counter else { return self }
        let (sum, overflow) = (own?.sum ?? 0).addingReportingOverflow(delta)
        let end: Int64 = delta < 0 ? .min : .max
        let part = CounterEntry(dot: dot, time: author.stamp.time, sum: overflow ? end : sum)
        if Mutant.counterForgetsOthers.isPlanted { return [part] }
        var parts = self
        if own == nil { parts.insert(part, at: index) } else { parts[index] = part }
        return parts
    }
}

extension [MapEntry] {
    /// Changes the values of one key, which comes and goes with them.
    fileprivate mutating func update(_ key: UTF8Text, _ change: (inout [Sibling]) -> Void) {
        let index = partitioningIndex { $0.key >= key }
        let isThere = index < count && self[index].key == key
        var siblings = isThere ? self[index].siblings : []
        change(&siblings)
        if isThere { remove(at: index) }
        if !siblings.isEmpty { insert(MapEntry(key: key, siblings: siblings), at: index) }
    }
}

extension DeletingContext {
    /// The same with one dot more.
    ///
    /// A fix stands before work of its author that it had not seen: there the dot stands beside the vector, which would cover that.
    fileprivate func including(_ dot: Dot) -> DeletingContext {
        guard dot.counter == 1 || vector.covers(Dot(dot.actor, dot.counter - 1)) else {
            return DeletingContext(vector: vector, lateDots: lateDots + [dot])
        }
        var wider = vector
        wider.insert(dot)
        return DeletingContext(vector: wider, lateDots: lateDots)
    }
}

extension LifePair {
    /// The same pair; a delete among `deletes` covers the late dot too.
    func covering(_ late: Dot, where deletes: Set<Dot>) -> LifePair {
        guard case .deleted(let context) = mark, deletes.contains(dot), !context.covers(late),
            !Mutant.lateDeleteForgets.isPlanted
        else { return self }
        let wider = DeletingContext(vector: context.vector, lateDots: context.lateDots + [late])
        return LifePair(dot: dot, time: time, mark: .deleted(context: wider))
    }
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
