package import SatchelSync

/// What an author had seen of a record when he edited it.
package struct SeenContext: Hashable, Sendable {
    /// His context, his line included.
    package let vector: VersionVector
    /// Single change-sets that he had seen beside it: as entries of the vector they would cover more (causality.md §3).
    package let exceptions: [Dot]

    /// Describes what an author had seen.
    package init(vector: VersionVector, exceptions: [Dot] = []) {
        self.vector = vector
        self.exceptions = exceptions
    }

    /// Whether he had seen a change-set.
    package func covers(_ dot: Dot) -> Bool { vector.covers(dot) || exceptions.contains(dot) }
}

/// One change-set's part in the past of a record, as the reader of a store finds it.
package struct RecordTouch: Hashable, Sendable {
    /// The dot under which its writes stand, or would.
    package let dot: Dot
    /// What it wrote; of a change-set of which only that is known, what still stands.
    package let change: RecordChange
    /// What its author had seen; `nil` where that is not known here.
    package let seen: SeenContext?
    /// Whether the change is all that was written; where not, an increment is what its actor added in all.
    package let isWhole: Bool

    /// Describes a part.
    package init(dot: Dot, change: RecordChange, seen: SeenContext?, isWhole: Bool = true) {
        self.dot = dot
        self.change = change
        self.seen = seen
        self.isWhole = isWhole
    }
}

/// What one write is about: what a later write about the same can cover.
enum WriteSubject: Hashable {
    case life
    case field(FieldID)
    case element(FieldID, UTF8Text)
    case key(FieldID, UTF8Text)
}

/// One write of a part: a register, a life, an increment, an element of a set or a key of a map.
struct SubjectWrite {
    let subject: WriteSubject
    let dot: Dot
    /// What was written.
    let text: String
    let seen: SeenContext?
    /// The part with nothing but this write, for asking the state what became of it.
    let alone: RecordChange

    /// The field that it is about; `nil` for a life.
    var field: FieldID? { alone.writes.first?.field }
    /// Whether it leaves something that can stand: a remove from a set only takes away.
    var canStand: Bool {
        guard case .set(let add, _)? = alone.writes.first?.write else { return true }
        return !add.isEmpty
    }
}

extension RecordTouch {
    /// The writes of the part, the life first, then by field.
    var subjectWrites: [SubjectWrite] {
        let life = change.life.map { [write(.life, "\($0)", life: $0)] } ?? []
        return life
            + change.writes.flatMap { entry in
                let field = entry.field
                switch entry.write {
                case .counter(let sum) where !isWhole: return [write(.field(field), "\(sum) in all", entry)]
                case .register, .counter: return [write(.field(field), entry.write.text, entry)]
                case .set(let add, let remove):
                    return add.map { element in
                        write(
                            .element(field, element), "+\(element)",
                            FieldChange(field, .set(add: [element], remove: [])))
                    }
                        + remove.map { element in
                            write(
                                .element(field, element), "-\(element)",
                                FieldChange(field, .set(add: [], remove: [element])))
                        }
                case .map(let keys):
                    return keys.map { key in
                        write(.key(field, key.key), key.value.text, FieldChange(field, .map([key])))
                    }
                }
            }
    }

    private func write(
        _ subject: WriteSubject, _ text: String, _ entry: FieldChange? = nil, life: LifeWrite? = nil
    ) -> SubjectWrite {
        SubjectWrite(
            subject: subject, dot: dot, text: text, seen: seen,
            alone: RecordChange(
                type: change.type, record: change.record, context: change.context, life: life,
                writes: entry.map { [$0] } ?? []))
    }
}

extension RecordState {
    /// What of a record stands, by the change-sets that wrote it, in dot order: what is known of others' work on a device.
    package func standingTouches(
        type: EntityTypeID, record: RecordID, seen: (Dot) throws -> SeenContext?
    ) rethrows -> [RecordTouch] {
        var lives: [Dot: LifeWrite] = [:]
        var writes: [Dot: [FieldChange]] = [:]
        for pair in life { lives[pair.dot] = pair.isDelete ? .delete : .create }
        for entry in fields {
            switch entry.state {
            case .register(let siblings):
                for one in siblings {
                    writes[one.dot, default: []].append(FieldChange(entry.field, .register(one.value)))
                }
            case .set(let elements):
                let added = elements.flatMap { element in element.dots.map { ($0.dot, element.value) } }
                for (dot, values) in Dictionary(grouping: added, by: \.0) {
                    writes[dot, default: []].append(
                        FieldChange(entry.field, .set(add: values.map(\.1), remove: [])))
                }
            case .map(let keys):
                let given = keys.flatMap { key in key.siblings.map { ($0.dot, MapWrite(key.key, $0.value)) } }
                for (dot, values) in Dictionary(grouping: given, by: \.0) {
                    writes[dot, default: []].append(FieldChange(entry.field, .map(values.map(\.1))))
                }
            case .counter(let parts):
                for part in parts { writes[part.dot, default: []].append(FieldChange(entry.field, .counter(part.sum))) }
            }
        }
        return try Set(lives.keys).union(writes.keys).sorted().map { dot in
            let change = RecordChange(
                type: type, record: record, context: VersionVector(), life: lives[dot], writes: writes[dot] ?? [])
            return RecordTouch(dot: dot, change: change, seen: try seen(dot), isWhole: false)
        }
    }
}

extension RecordChange {
    /// The names of the fields that the change writes, `life` first where it writes that.
    package func fieldNames(in type: EntityType) -> [String] {
        (life == nil ? [] : ["life"])
            + writes.map { type.field($0.field)?.name ?? "field \($0.field.number)" }
    }
}
