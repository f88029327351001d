import ScenarioRunner

/// What has to become of a record after all steps of both sides, worked out from the steps alone.
struct OpExpectation: Sendable {
    /// How many of each kind there were.
    struct Tally: Sendable {
        var steps = 0, oneSided = 0, bothSame = 0, review = 0, setMerges = 0, deleted = 0, contested = 0
    }

    /// For each key of the map the values that it may show: one, or the two in conflict; `nil` for none.
    private(set) var facts: [String: Set<Shown?>] = [:]
    /// For each list its elements.
    private(set) var lists: [String: Set<String>] = [:]
    /// The subjects in conflict, `life` among them.
    private(set) var conflicts: Set<String> = []
    private(set) var isVisible = true

    /// What one side did, in sum.
    private struct Side {
        var written: [String: Shown?] = [:]
        var lists: [String: Set<String>]
        var isDelete = false

        init(_ steps: [OpMerge.Step], schema: OpSchema, before: [String: Set<String>]) {
            lists = before
            for step in steps {
                isDelete = step.isDelete
                for key in step.unset {
                    if schema.sets[key] == nil { written[key] = .some(nil) } else { lists[key] = [] }
                }
                for (key, content) in step.set {
                    switch content {
                    case .scalar(let value): written[key] = value
                    case .list(let elements): lists[key] = elements
                    }
                }
            }
        }
    }

    init(_ merge: OpMerge, schema: OpSchema, tally: inout Tally) {
        let base = merge.base ?? [:]
        let had = base.filter { schema.sets[$0.key] != nil }.mapValues(\.elements)
        let left = Side(merge.left, schema: schema, before: had)
        let right = Side(merge.right, schema: schema, before: had)
        tally.steps += merge.left.count + merge.right.count
        for (key, content) in base { if case .scalar(let value) = content { facts[key] = [value] } }
        for key in Set(left.written.keys).union(right.written.keys) { take(key, left, right, &tally) }
        for key in Set(left.lists.keys).union(right.lists.keys) {
            let (before, one, two) = (had[key] ?? [], left.lists[key] ?? [], right.lists[key] ?? [])
            lists[key] = before.union(one).union(two).subtracting(before.subtracting(one)).subtracting(
                before.subtracting(two))
            if one != before, two != before { tally.setMerges += 1 } else if one != two { tally.oneSided += 1 }
        }
        switch (left.isDelete, right.isDelete) {
        case (false, false): return
        case (true, true): isVisible = false
        default:
            let other = left.isDelete ? merge.right : merge.left
            isVisible = Self.leavesSomething(other, before: base)
            if isVisible { conflicts.insert("life") }
        }
        if isVisible {
            tally.contested += 1
        } else {
            tally.deleted += 1
            conflicts = []
        }
    }

    /// Whether a value, or an element, of these steps stands: removes leave nothing that a delete could have missed.
    private static func leavesSomething(_ steps: [OpMerge.Step], before: [String: OpMerge.Content]) -> Bool {
        steps.contains { step in
            step.set.contains { key, content in
                if case .list(let elements) = content {
                    return !elements.subtracting(before[key]?.elements ?? []).isEmpty
                }
                return true
            }
                || step.unset.contains { key in
                    if case .scalar? = before[key] { true } else { false }
                }
        }
    }

    private mutating func take(_ key: String, _ left: Side, _ right: Side, _ tally: inout Tally) {
        switch (left.written[key], right.written[key]) {
        case (let one?, let two?):
            facts[key] = [one, two]
            if one == two {
                tally.bothSame += 1
            } else {
                tally.review += 1
                conflicts.insert("facts.\(key)")
            }
        case (let value?, nil), (nil, let value?):
            facts[key] = [value]
            tally.oneSided += 1
        case (nil, nil): return
        }
    }
}
