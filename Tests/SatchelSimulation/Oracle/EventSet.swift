/// A set of the change-sets of one run, each named by its number.
struct EventSet: Sequence {
    private var words: [UInt64] = []

    init() {}
    init(_ events: some Sequence<Int>) { for event in events { insert(event) } }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    func contains(_ event: Int) -> Bool {
        event / 64 < words.count && words[event / 64] & (1 << UInt64(event % 64)) != 0
    }

    mutating func insert(_ event: Int) {
        while words.count <= event / 64 { words.append(0) }
        words[event / 64] |= 1 << UInt64(event % 64)
    }

    mutating func remove(_ event: Int) {
        if event / 64 < words.count { words[event / 64] &= ~(1 << UInt64(event % 64)) }
    }

    mutating func formUnion(_ other: EventSet) {
        for (place, word) in other.words.enumerated() {
            if place < words.count { words[place] |= word } else { words.append(word) }
        }
    }

    func union(_ other: EventSet) -> EventSet {
        var union = self
        union.formUnion(other)
        return union
    }

    /// The numbers, ascending.
    func makeIterator() -> AnyIterator<Int> {
        var (place, rest) = (0, words.first ?? 0)
        return AnyIterator { [words] in
            while rest == 0 {
                place += 1
                guard place < words.count else { return nil }
                rest = words[place]
            }
            defer { rest &= rest - 1 }
            return place * 64 + rest.trailingZeroBitCount
        }
    }
}
