import SatchelSync

/// What must stand of one record.
struct RecordExpectation {
    /// A place of a record that holds concurrent values.
    enum Place: Hashable {
        case register(FieldID)
        case key(FieldID, UTF8Text)

        var field: FieldID {
            switch self {
            case .register(let field), .key(let field, _): field
            }
        }
    }

    let type: EntityTypeID
    /// For each register and key, the writes of which none had seen the other.
    var values: [Place: [Dot: FieldValue]] = [:]
    /// For each element of a set, the adds that no remove had seen.
    var elements: [FieldID: [UTF8Text: Set<Dot>]] = [:]
    /// For each counter and actor, the last increment and the sum.
    var counters: [FieldID: [ActorID: (last: Dot, sum: Int64)]] = [:]
    /// The standing writes of the life; whether each is a delete.
    var life: [Dot: Bool] = [:]
    /// Whether the record lives, by its own writes alone.
    var status = LifeStatus.absent
    /// Every change-set that the record knows of.
    var known: Set<Dot> = []

    /// The places where people see several values.
    func contendingPlaces(in type: EntityType) -> Set<Place> {
        Set(
            values.filter { place, standing in
                type.field(place.field)?.policy.severity != nil && Set(standing.values).count > 1
            }.keys)
    }
}

extension SeenModel {
    /// What must stand of a record in a view; `nil` where the view shows no such record.
    func expectation(of record: RecordID, in view: View, base: View) -> RecordExpectation? {
        guard let type = type(of: record, in: view, base: base) else { return nil }
        let parts = parts(of: record, type: type, in: view)
        var expected = RecordExpectation(type: type)
        expected.known = Set(parts.map { effectiveDot($0.event, in: view) })
        var elements: [FieldID: [UTF8Text: (adds: [Int], touches: [Int])]] = [:]
        var writes: [RecordExpectation.Place: [(event: Int, value: FieldValue)]] = [:]
        for (event, part) in parts {
            let dot = effectiveDot(event, in: view)
            for entry in part.writes {
                switch entry.write {
                case .register(let value): writes[.register(entry.field), default: []].append((event, value))
                case .map(let keys):
                    for key in keys { writes[.key(entry.field, key.key), default: []].append((event, key.value)) }
                case .set(let add, let remove):
                    for value in add {
                        elements[entry.field, default: [:]][value, default: ([], [])].adds.append(event)
                    }
                    for value in add + remove {
                        elements[entry.field, default: [:]][value, default: ([], [])].touches.append(event)
                    }
                case .counter(let delta):
                    let part = expected.counters[entry.field]?[dot.actor]
                    expected.counters[entry.field, default: [:]][dot.actor] = (
                        last: max(part?.last ?? dot, dot), sum: (part?.sum ?? 0) + delta
                    )
                }
            }
        }
        for (place, all) in writes {
            let standing = all.filter { one in !all.contains { hadSeen($0.event, one.event, of: record, in: view) } }
            expected.values[place] = Dictionary(
                standing.map { (effectiveDot($0.event, in: view), $0.value) }, uniquingKeysWith: { first, _ in first })
        }
        for (field, values) in elements {
            for (value, found) in values {
                let standing = found.adds.filter { add in
                    !found.touches.contains { hadSeen($0, add, of: record, in: view) }
                }
                let dots = Set(standing.map { effectiveDot($0, in: view) })
                if !dots.isEmpty { expected.elements[field, default: [:]][value] = dots }
            }
        }
        setLife(of: record, parts, view, &expected)
        return expected
    }

    private func setLife(
        of record: RecordID, _ parts: [(event: Int, part: Part)], _ view: View, _ expected: inout RecordExpectation
    ) {
        let marks = parts.filter { $0.part.life != nil }
        let standing = marks.filter { one in !marks.contains { hadSeen($0.event, one.event, of: record, in: view) } }
        expected.life = Dictionary(
            standing.map { (effectiveDot($0.event, in: view), $0.part.life == .delete) },
            uniquingKeysWith: { first, _ in first })
        guard !standing.isEmpty else { return }
        let deletes = standing.filter { $0.part.life == .delete }.map(\.event)
        guard !deletes.isEmpty else { return expected.status = .alive }
        let counted = expected.counters.values.flatMap { $0.values.map(\.last) }
        let added = expected.elements.values.flatMap { $0.values.flatMap { $0 } }
        let written = expected.values.values.flatMap(\.keys)
        let events = Dictionary(parts.map { (effectiveDot($0.event, in: view), $0.event) }) { first, _ in first }
        let isCovered = (counted + added + written).compactMap { events[$0] }.allSatisfy { event in
            deletes.contains { $0 == event || hadSeen($0, event, of: record, in: view) }
        }
        expected.status = isCovered && deletes.count == standing.count ? .deleted : .contested
    }
}
