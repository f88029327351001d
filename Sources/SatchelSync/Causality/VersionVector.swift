/// For each actor, the highest counter seen: a version vector (Parker et al., IEEE TSE 1983).
///
/// Used as the causal context of a record, of a change, and of a delete. An actor that is absent was never seen.
public struct VersionVector: Hashable, Sendable, CustomStringConvertible {
    /// One dot an actor, sorted by actor: no hashing, one allocation, the same bytes on every replica.
    @usableFromInline
    private(set) var dots: ContiguousArray<Dot>

    /// Nothing seen.
    @inlinable
    public init() { dots = [] }

    /// Covers `dots` and every earlier dot of their actors.
    /// - Complexity: O(*n* log *n*).
    public init(_ dots: some Sequence<Dot>) {
        self.dots = []
        for dot in dots { insert(dot) }
    }

    /// Trusts that `dots` is sorted by actor, one an actor.
    package init(sortedDots: ContiguousArray<Dot>) {
        dots = sortedDots
        assert(zip(dots, dots.dropFirst()).allSatisfy { $0.actor < $1.actor }, "actors out of order")
    }

    /// Whether nothing was seen.
    public var isEmpty: Bool { dots.isEmpty }

    /// The number of actors seen.
    public var count: Int { dots.count }

    /// The highest dot seen of each actor, in the order of actors.
    public var entries: ContiguousArray<Dot> { dots }

    /// The highest counter seen of `actor`; 0 when none was.
    /// - Complexity: O(log *n*), *n* actors.
    @inlinable
    public subscript(actor: ActorID) -> UInt64 {
        let index = partitionIndex(of: actor)
        return index < dots.count && dots[index].actor == actor ? dots[index].counter : 0
    }

    /// Whether the change-set named `dot` is covered.
    /// - Complexity: O(log *n*), *n* actors.
    @inlinable
    public func covers(_ dot: Dot) -> Bool { self[dot.actor] >= dot.counter }

    /// Whether everything that `other` covers is covered.
    /// - Complexity: O(*m* log *n*).
    public func covers(_ other: VersionVector) -> Bool { other.dots.allSatisfy(covers) }

    /// Covers `dot` and, with it, every earlier dot of the same actor.
    /// - Complexity: O(log *n*), and O(*n*) when the actor is new.
    public mutating func insert(_ dot: Dot) {
        let index = partitionIndex(of: dot.actor)
        if index == dots.count || dots[index].actor != dot.actor {
            dots.insert(dot, at: index)
        } else if dots[index].counter < dot.counter {
            dots[index] = dot
        }
    }

    /// Takes the pointwise maximum with `other`.
    ///
    /// Commutative, associative, idempotent.
    /// - Complexity: O(*n* + *m*) over the actors of both; no allocation when nothing is new.
    public mutating func formUnion(_ other: VersionVector) {
        guard !covers(other) else { return }
        var merged = ContiguousArray<Dot>()
        merged.reserveCapacity(dots.count + other.dots.count)
        var index = 0
        for dot in other.dots {
            while index < dots.count, dots[index].actor < dot.actor {
                merged.append(dots[index])
                index += 1
            }
            if index < dots.count, dots[index].actor == dot.actor {
                merged.append(max(dots[index], dot))
                index += 1
            } else {
                merged.append(dot)
            }
        }
        merged.append(contentsOf: dots[index...])
        dots = merged
    }

    /// The pointwise maximum of both.
    public func union(_ other: VersionVector) -> VersionVector {
        var result = self
        result.formUnion(other)
        return result
    }

    /// Leaves out the entries that `line` covers wholly: what remains is what a change-set carries of its context.
    ///
    /// The line of a dot follows from the dot, so it is never carried (causality.md §2).
    public func removing(line: VersionVector) -> VersionVector {
        VersionVector(sortedDots: dots.filter { !line.covers($0) })
    }

    /// Leaves out the actors for which `isExcluded` is true.
    public func removing(where isExcluded: (ActorID) -> Bool) -> VersionVector {
        VersionVector(sortedDots: dots.filter { !isExcluded($0.actor) })
    }

    /// The entries, written `actor:counter` and separated by spaces.
    public var description: String { dots.map(\.description).joined(separator: " ") }

    @usableFromInline
    func partitionIndex(of actor: ActorID) -> Int {
        var low = 0
        var high = dots.count
        while low < high {
            let middle = (low &+ high) / 2
            if dots[middle].actor < actor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
