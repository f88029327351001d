/// Walks all sequences of choices: `repeat { … pick … } while choices.advance()`.
///
/// The body must be deterministic: what it picks next rests on nothing but what it picked before.
package struct EveryChoice: ChoiceSource {
    private var picks: [(value: Int, bound: Int)] = []
    private var position = 0

    /// Starts with the sequence that picks 0 throughout.
    package init() {}

    /// The next choice of the present sequence.
    package mutating func pick(below bound: Int) -> Int {
        precondition(bound >= 1, "a choice needs something to choose from, got \(bound)")
        if position == picks.count { picks.append((0, bound)) }
        precondition(picks[position].bound == bound, "the body is not deterministic")
        defer { position += 1 }
        return picks[position].value
    }

    /// Goes on to the next sequence; `false` when all were walked.
    package mutating func advance() -> Bool {
        position = 0
        while let last = picks.popLast() {
            if last.value + 1 < last.bound {
                picks.append((last.value + 1, last.bound))
                return true
            }
        }
        return false
    }
}

/// Calls `body` with every order of `elements`.
/// - Complexity: O(*n*!).
package func forEveryOrder<Element>(of elements: [Element], _ body: ([Element]) throws -> Void) rethrows {
    var choices = EveryChoice()
    repeat {
        var rest = elements
        var order: [Element] = []
        while !rest.isEmpty { order.append(rest.remove(at: choices.pick(below: rest.count))) }
        try body(order)
    } while choices.advance()
}
