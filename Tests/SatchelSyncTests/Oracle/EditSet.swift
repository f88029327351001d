/// A set of the edits of one history, each named by its place.
struct EditSet: Hashable, Sequence {
    /// The most edits that a history makes.
    static let countMax = 128

    private var bits: UInt128 = 0

    init() {}

    init(_ edits: some Sequence<Int>) { for edit in edits { insert(edit) } }

    var isEmpty: Bool { bits == 0 }
    var count: Int { bits.nonzeroBitCount }

    func contains(_ edit: Int) -> Bool { bits & (1 << UInt128(edit)) != 0 }
    func isSuperset(of other: EditSet) -> Bool { other.bits & ~bits == 0 }
    func union(_ other: EditSet) -> EditSet {
        var union = self
        union.bits |= other.bits
        return union
    }

    mutating func insert(_ edit: Int) { bits |= 1 << UInt128(edit) }
    mutating func remove(_ edit: Int) { bits &= ~(1 << UInt128(edit)) }

    /// The edits, earliest first.
    func makeIterator() -> Iterator { Iterator(rest: bits) }

    /// Takes one edit after the other out of a copy of the set.
    struct Iterator: IteratorProtocol {
        fileprivate var rest: UInt128

        mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest - 1 }
            return rest.trailingZeroBitCount
        }
    }
}
