import SatchelSync

/// Holds what stands of a record against what must stand.
struct RecordComparison {
    let record: RecordID
    let expected: RecordExpectation
    let state: RecordState

    /// What differs, a sentence each.
    func differences() -> [String] {
        var found: [String] = []
        let name = "record \(SimulationSchema.number(of: record))"
        let known = Set(state.context.entries)
        for dot in expected.known where !state.context.covers(dot) {
            found.append("\(name) does not know of \(dot.shortDescription)")
        }
        for dot in known where !expected.known.contains(dot) {
            found.append("\(name) claims to know \(dot.shortDescription)")
        }
        for (place, values) in expected.values {
            let standing = Dictionary(
                siblings(at: place).map { ($0.dot, $0.value) }, uniquingKeysWith: { one, _ in one })
            if standing != values {
                found.append("\(name) \(place.text) holds \(Self.text(standing)) and not \(Self.text(values))")
            }
        }
        for entry in state.fields { found += differences(in: entry).map { "\(name) \($0)" } }
        let life = Dictionary(state.life.map { ($0.dot, $0.isDelete) }, uniquingKeysWith: { one, _ in one })
        if life != expected.life {
            found.append("\(name) has the life \(Self.text(life)) and not \(Self.text(expected.life))")
        } else if state.lifeStatus != expected.status {
            found.append("\(name) is \(state.lifeStatus.word) and not \(expected.status.word)")
        }
        return found.sorted()
    }

    private func siblings(at place: RecordExpectation.Place) -> [Sibling] {
        switch place {
        case .register(let field): state.field(field)?.siblings ?? []
        case .key(let field, let key): state.field(field)?.entries.first { $0.key == key }?.siblings ?? []
        }
    }

    private func differences(in entry: FieldEntry) -> [String] {
        switch entry.state {
        case .register(let siblings):
            let isKnown = expected.values[.register(entry.field)] != nil
            return isKnown || siblings.isEmpty ? [] : ["field \(entry.field.number) holds what nobody wrote"]
        case .map(let keys):
            return keys.filter { expected.values[.key(entry.field, $0.key)] == nil && !$0.siblings.isEmpty }
                .map { "key \($0.key) holds what nobody wrote" }
        case .set(let elements):
            let found = Dictionary(
                elements.map { ($0.value, Set($0.dots.map(\.dot))) }, uniquingKeysWith: { one, _ in one })
            let wanted = expected.elements[entry.field] ?? [:]
            return found == wanted
                ? [] : ["set \(entry.field.number) is \(found.keys.sorted()) and not \(wanted.keys.sorted())"]
        case .counter(let parts):
            let wanted = expected.counters[entry.field] ?? [:]
            let isSame =
                parts.count == wanted.count
                && parts.allSatisfy { part in
                    wanted[part.dot.actor].map { $0.last == part.dot && $0.sum == part.sum } ?? false
                }
            let sums = (parts.reduce(0) { $0 + $1.sum }, wanted.values.reduce(0) { $0 + $1.sum })
            return isSame ? [] : ["counter \(entry.field.number) is \(sums.0) and not \(sums.1)"]
        }
    }

    private static func text(_ values: [Dot: FieldValue]) -> String {
        "["
            + values.sorted { $0.key < $1.key }.map { "\($0.key.shortDescription)=\($0.value.text)" }
            .joined(separator: " ") + "]"
    }

    private static func text(_ life: [Dot: Bool]) -> String {
        "["
            + life.sorted { $0.key < $1.key }.map { "\($0.key.shortDescription)\($0.value ? " deleted" : " alive")" }
            .joined(separator: ", ") + "]"
    }
}

extension RecordExpectation.Place {
    /// The place, for a sentence.
    fileprivate var text: String {
        switch self {
        case .register(let field): "field \(field.number)"
        case .key(let field, let key): "key \(key) of field \(field.number)"
        }
    }
}
