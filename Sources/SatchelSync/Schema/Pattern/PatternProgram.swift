/// What a pattern says, as a tree.
indirect enum PatternShape: Sendable {
    /// The empty text; no other shape is this one in disguise, so the others all have states.
    case nothing
    /// One scalar of the set with this number.
    case one(set: Int)
    /// One after the other; at least two, none of them ``nothing``.
    case sequence([PatternShape])
    /// Any one of them; at least two.
    case choice([PatternShape])
    /// `most` is at least 1; `nil` for any number.
    case repeated(PatternShape, least: Int, most: Int?)

    /// How many states the shape unfolds into.
    ///
    /// It does not overflow: what is counted is checked against ``TextPattern/statesMax`` before it is repeated again, and a
    /// count is no greater.
    var stateCount: Int {
        switch self {
        case .nothing: 0
        case .one: 1
        case .sequence(let parts): parts.reduce(0) { $0 + $1.stateCount }
        case .choice(let parts): parts.reduce(parts.count - 1) { $0 + $1.stateCount }
        case .repeated(let part, let least, nil): part.stateCount * max(least, 1) + 1
        case .repeated(let part, let least, let most?): part.stateCount * most + (most - least)
        }
    }
}

/// A pattern as a machine that is in many states at once (Thompson, "Regular Expression Search Algorithm", CACM 1968).
///
/// Texts come from the wire. A matcher that tries one way after the other can be sent a text that keeps it busy for years; this
/// one reads each scalar once.
struct PatternProgram: Sendable {
    enum State: Sendable {
        /// The whole text has been read, if it ends here.
        case end
        /// Takes a scalar of the set and goes on.
        case take(set: Int, next: Int)
        /// Goes on in both, taking nothing.
        case fork(Int, Int)
    }

    private var states: [State] = [.end]
    private var start = 0
    private let sets: [ScalarSet]
    private let asksForCategory: Bool

    /// Lays out `shape`, whose ``PatternShape/stateCount`` the reader has kept within bounds.
    init(_ shape: PatternShape, sets: [ScalarSet]) {
        self.sets = sets
        asksForCategory = sets.contains(where: \.asksForCategory)
        states.reserveCapacity(shape.stateCount + 1)
        start = append(shape, before: 0)
    }

    /// Appends the states of `shape`, which go on to `next`, and returns the first of them.
    private mutating func append(_ shape: PatternShape, before next: Int) -> Int {
        switch shape {
        case .nothing: return next
        case .one(let set): return append(.take(set: set, next: next))
        case .sequence(let parts):
            return parts.reversed().reduce(next) { append($1, before: $0) }
        case .choice(let parts):
            let firsts = parts.map { append($0, before: next) }
            return firsts.dropLast().reversed().reduce(firsts.last ?? next) { append(.fork($1, $0)) }
        case .repeated(let part, let least, let most):
            var first = next
            if let most {
                for _ in least..<most { first = append(.fork(append(part, before: first), next)) }
            } else {
                let loop = append(.end)
                first = append(part, before: loop)
                states[loop] = .fork(first, next)
                if least == 0 { first = loop }
            }
            let copies = most == nil ? max(least - 1, 0) : least
            return (0..<copies).reduce(first) { before, _ in append(part, before: before) }
        }
    }

    private mutating func append(_ state: State) -> Int {
        states.append(state)
        return states.count - 1
    }

    /// Whether the machine is at its end when the text is.
    func matches(_ text: String.UnicodeScalarView) -> Bool {
        var now = ActiveStates(capacity: states.count)
        var then = ActiveStates(capacity: states.count)
        now.enter(start, of: states)
        for scalar in text {
            if now.taking.isEmpty { return false }
            let category = asksForCategory && !scalar.isASCII ? CategorySet(of: scalar) : []
            then.clear()
            for index in now.taking {
                guard case .take(let set, let next) = states[index] else { continue }
                if sets[set].contains(scalar, category: category) { then.enter(next, of: states) }
            }
            swap(&now, &then)
        }
        return now.hasEnded
    }
}

/// The states that a machine is in between two scalars.
private struct ActiveStates {
    /// The ones that wait for a scalar, each once.
    private(set) var taking: [Int] = []
    private(set) var hasEnded = false
    private var waiting: [Int] = []
    /// For each state the round in which it was entered last: clearing is counting up.
    private var entered: [Int]
    private var round = 1

    init(capacity: Int) {
        entered = Array(repeating: 0, count: capacity)
        taking.reserveCapacity(capacity)
        waiting.reserveCapacity(capacity)
    }

    mutating func clear() {
        taking.removeAll(keepingCapacity: true)
        hasEnded = false
        round += 1
    }

    /// Enters a state and all that follow from it without a scalar; one that was entered before is left alone, which ends
    /// loops around nothing.
    mutating func enter(_ first: Int, of states: [PatternProgram.State]) {
        var next: Int? = first
        while let index = next ?? waiting.popLast() {
            next = nil
            guard entered[index] != round else { continue }
            entered[index] = round
            switch states[index] {
            case .end: hasEnded = true
            case .take: taking.append(index)
            case .fork(let one, let other):
                waiting.append(other)
                next = one
            }
        }
    }
}
