/// Where a test takes its choices from: every one in turn, or a seeded generator.
///
/// A body written against this protocol is an exhaustive walk with ``EveryChoice`` and a property test with ``SeededRandom``.
package protocol ChoiceSource {
    /// Picks a number from 0 up to, and not including, `bound`, which is at least 1.
    mutating func pick(below bound: Int) -> Int
}

extension ChoiceSource {
    /// Picks one of `choices`, which are not empty.
    package mutating func pick<Choice>(from choices: [Choice]) -> Choice { choices[pick(below: choices.count)] }

    /// Picks a number of `range`.
    package mutating func pick(in range: ClosedRange<Int>) -> Int { range.lowerBound + pick(below: range.count) }

    /// Says yes once in `times` on the average; the first choice of a walk is yes.
    package mutating func isOnce(in times: Int) -> Bool { pick(below: times) == 0 }
}

/// The same random numbers for the same seed on every machine: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
package struct SeededRandom: RandomNumberGenerator, ChoiceSource, Sendable {
    private var state: UInt64

    /// Starts the sequence of `seed`; neighbouring seeds give unrelated sequences.
    package init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// Picks a number below `bound`.
    package mutating func pick(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// A byte.
    package mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    /// `count` bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }
}
