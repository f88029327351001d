/// Where an actor was forked from another: it shares that one's change-sets up to the counter (causality.md §6).
public struct ForkPoint: Hashable, Sendable, CustomStringConvertible {
    /// The actor that was left.
    public let actor: ActorID
    /// The last of its counters that both share; 0 where they share none.
    public let counter: UInt64

    /// Names a point of an actor's line.
    public init(actor: ActorID, counter: UInt64) {
        self.actor = actor
        self.counter = counter
    }

    /// The actor and the counter, as a dot is written.
    public var description: String { "\(actor):\(counter)" }
}

/// Where an actor comes from: what it was forked from, and up to which counter it shares that actor's past.
public struct Lineage: Hashable, Sendable {
    /// Where its ancestors were left, the oldest first.
    public let ancestors: [ForkPoint]
    /// The same as a vector: `b:p` means that it was forked, directly or through others, from b after b's p-th.
    public let forkPoints: VersionVector

    /// An actor that was named at enrolment, without a past.
    public init() {
        ancestors = []
        forkPoints = VersionVector()
    }

    /// An actor forked, directly or through others, at the given points, the oldest first.
    public init(ancestors: [ForkPoint]) {
        self.ancestors = ancestors
        forkPoints = VersionVector(ancestors.filter { $0.counter > 0 }.map { Dot($0.actor, $0.counter) })
    }

    /// The line of `dot`: all the change-sets whose author cannot but have seen them (causality.md §2).
    ///
    /// `dot` is the actor's, or that of an ancestor, whose line ends where that one's own past does.
    public func line(of dot: Dot) -> VersionVector {
        if let index = ancestors.firstIndex(where: { $0.actor == dot.actor }) {
            return Lineage(ancestors: Array(ancestors[..<index])).line(of: dot)
        }
        guard dot.counter > 1 else { return forkPoints }
        var line = forkPoints
        line.insert(Dot(dot.actor, dot.counter - 1))
        return line
    }

    /// The lineage of an actor that is forked at `point`, this being the lineage of `actor`.
    ///
    /// Returns `nil` where the point lies on no actor of this line.
    public func forked(at point: ForkPoint, from actor: ActorID) -> Lineage? {
        if point.actor == actor { return Lineage(ancestors: ancestors + [point]) }
        guard let index = ancestors.firstIndex(where: { $0.actor == point.actor }) else { return nil }
        return Lineage(ancestors: ancestors[..<index] + [point])
    }
}
