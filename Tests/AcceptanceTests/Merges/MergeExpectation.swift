import ScenarioRunner

/// What has to become of a record by the rules of the merge, worked out from the file alone.
struct MergeExpectation: Sendable {
    /// How many of each kind there were.
    struct Tally: Sendable {
        var oneSided = 0, bothSame = 0, decide = 0, review = 0, setMerges = 0
        var deletedByBoth = 0, deletedByOne = 0, contested = 0
    }

    /// The values that a field may show: one, or the two that stand in conflict.
    private(set) var values: [String: Set<Shown>] = [:]
    /// The severity of each conflict, `life` among them.
    private(set) var conflicts: [String: String] = [:]
    private(set) var isVisible = true

    init(_ line: MergeLine, schema: MergeSchema, tally: inout Tally) {
        let base = line.base ?? [:]
        switch (line.left, line.right) {
        case (nil, nil):
            isVisible = false
            tally.deletedByBoth += 1
        case (let edited?, nil), (nil, let edited?):
            // The record as its editor left it, beside a delete that had not seen the edit.
            let isEdited = edited != base
            isVisible = isEdited
            conflicts = isEdited ? ["life": "decide"] : [:]
            values = Dictionary(uniqueKeysWithValues: schema.fields.map { ($0.name, [Self.shown(edited[$0.key], $0)]) })
            if isEdited { tally.contested += 1 } else { tally.deletedByOne += 1 }
        case (let left?, let right?):
            for field in schema.fields {
                take(field, base[field.key], left[field.key], right[field.key], tally: &tally)
            }
        }
    }

    private mutating func take(
        _ field: MergeSchema.Field, _ base: MergeLine.Content?, _ left: MergeLine.Content?, _ right: MergeLine.Content?,
        tally: inout Tally
    ) {
        if field.isSet {
            let (had, one, two) = (base?.elements ?? [], left?.elements ?? [], right?.elements ?? [])
            let removed = had.subtracting(one).union(had.subtracting(two))
            let all = had.union(one).union(two).subtracting(removed)
            values[field.name] = [all.isEmpty ? .elements([]) : .elements(all)]
            if one != had, two != had { tally.setMerges += 1 } else if one != two { tally.oneSided += 1 }
            return
        }
        switch (left == base, right == base) {
        case (true, true): values[field.name] = [Self.shown(base, field)]
        case (false, true), (true, false):
            values[field.name] = [Self.shown(right == base ? left : right, field)]
            tally.oneSided += 1
        case (false, false):
            values[field.name] = [Self.shown(left, field), Self.shown(right, field)]
            guard left != right else {
                tally.bothSame += 1
                return
            }
            conflicts[field.name] = field.isManual ? "decide" : "review"
            if field.isManual { tally.decide += 1 } else { tally.review += 1 }
        }
    }

    private static func shown(_ content: MergeLine.Content?, _ field: MergeSchema.Field) -> Shown {
        switch content {
        case .text(let text)?: .text(text)
        case .list(let elements)?: .elements(elements)
        case nil: field.isSet ? .elements([]) : .null
        }
    }
}
