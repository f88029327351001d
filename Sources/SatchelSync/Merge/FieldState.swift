/// One of the values that stand for a field, or for an element of a set, and the change-set that wrote it.
public struct Sibling: Hashable, Sendable {
    /// The change-set that wrote the value.
    public let dot: Dot
    /// When it was made, by the server's reckoning; a pending one bears the device's own estimate.
    public let time: Timestamp
    /// What it wrote.
    public let value: FieldValue

    /// Pairs a value with its dot and corrected time.
    public init(dot: Dot, time: Timestamp, value: FieldValue) {
        self.dot = dot
        self.time = time
        self.value = value
    }
}

/// The dot that added an element of a set.
public struct ElementDot: Hashable, Sendable {
    /// The change-set that added the element.
    public let dot: Dot
    /// When it was made, by the server's reckoning.
    public let time: Timestamp

    /// Pairs a dot with its corrected time.
    public init(dot: Dot, time: Timestamp) {
        self.dot = dot
        self.time = time
    }
}

/// An element of a set, with every add of it that no remove has seen.
public struct SetElement: Hashable, Sendable {
    /// The element.
    public let value: UTF8Text
    /// The adds that stand, in dot order; never empty.
    public let dots: [ElementDot]

    /// Describes an element.
    public init(value: UTF8Text, dots: [ElementDot]) {
        self.value = value
        self.dots = dots
    }
}

/// A key of a map, with the values that stand for it.
public struct MapEntry: Hashable, Sendable {
    /// The key.
    public let key: UTF8Text
    /// Its concurrent values, in dot order; never empty.
    ///
    /// `null` says that the key is not there.
    public let siblings: [Sibling]

    /// Describes a key.
    public init(key: UTF8Text, siblings: [Sibling]) {
        self.key = key
        self.siblings = siblings
    }
}

/// What one actor has added to a counter so far.
public struct CounterEntry: Hashable, Sendable {
    /// The actor's last increment.
    public let dot: Dot
    /// When that was made, by the server's reckoning.
    public let time: Timestamp
    /// The sum of all the actor's increments up to it.
    public let sum: Int64

    /// Describes an actor's part.
    public init(dot: Dot, time: Timestamp, sum: Int64) {
        self.dot = dot
        self.time = time
        self.sum = sum
    }
}

/// What stands for one field of a record (causality.md §1).
public enum FieldState: Hashable, Sendable {
    /// The concurrent values of a register, in dot order.
    case register([Sibling])
    /// The elements of an observed-remove set (Shapiro et al., INRIA RR-7506), in byte order.
    case set([SetElement])
    /// What each actor has added to a counter, in the order of actors (a PN counter, idempotent by dot).
    case counter([CounterEntry])
    /// The keys of a map, in byte order, each a register.
    case map([MapEntry])

    /// Every dot that stands here, in no particular order.
    public var dots: [Dot] { stamps.map(\.dot) }

    /// Every dot that stands here with its corrected time, in no particular order.
    package var stamps: [ElementDot] {
        switch self {
        case .register(let siblings): siblings.map(\.stamp)
        case .set(let elements): elements.flatMap(\.dots)
        case .counter(let entries): entries.map { ElementDot(dot: $0.dot, time: $0.time) }
        case .map(let entries): entries.flatMap { $0.siblings.map(\.stamp) }
        }
    }

    /// Whether nothing stands here.
    var isEmpty: Bool {
        switch self {
        case .register(let siblings): siblings.isEmpty
        case .set(let elements): elements.isEmpty
        case .counter(let entries): entries.isEmpty
        case .map(let entries): entries.isEmpty
        }
    }
}

extension Sibling {
    /// The dot with its corrected time.
    package var stamp: ElementDot { ElementDot(dot: dot, time: time) }
}

/// A field that was ever written, and what stands for it.
public struct FieldEntry: Hashable, Sendable {
    /// The field.
    public let field: FieldID
    /// What stands for it.
    public let state: FieldState

    /// Pairs a field with its state.
    public init(_ field: FieldID, _ state: FieldState) {
        self.field = field
        self.state = state
    }
}

/// What the author of a delete had seen, the delete itself included.
public struct DeletingContext: Hashable, Sendable {
    /// What is covered of each actor.
    public let vector: VersionVector
    /// Single dots that came late and that the author had seen, ascending (causality.md §3).
    ///
    /// As entries of the vector they would cover the same authors' later edits, and those would be gone unseen.
    public let lateDots: [Dot]

    /// Puts the late dots in order.
    public init(vector: VersionVector, lateDots: [Dot] = []) {
        self.vector = vector
        self.lateDots = lateDots.isEmpty ? [] : Set(lateDots).sorted()
    }

    /// Whether the author of the delete had seen `dot`.
    public func covers(_ dot: Dot) -> Bool { vector.covers(dot) || lateDots.contains(dot) }

    /// What either covers.
    public func union(_ other: DeletingContext) -> DeletingContext {
        DeletingContext(vector: vector.union(other.vector), lateDots: lateDots + other.lateDots)
    }
}

/// Whether a write of a record's life says that it lives.
public enum LifeMark: Hashable, Sendable {
    /// Written by a create or a revive.
    case alive
    /// Written by a delete, which covers what its author had seen and itself.
    case deleted(context: DeletingContext)
}

/// A standing write of a record's life.
public struct LifePair: Hashable, Sendable {
    /// The change-set that wrote it.
    public let dot: Dot
    /// When it was made, by the server's reckoning.
    public let time: Timestamp
    /// What it wrote.
    public let mark: LifeMark

    /// Describes a standing write of a record's life.
    public init(dot: Dot, time: Timestamp, mark: LifeMark) {
        self.dot = dot
        self.time = time
        self.mark = mark
    }

    /// Whether the pair says that the record is deleted.
    public var isDelete: Bool { if case .deleted = mark { true } else { false } }
}

extension RecordState {
    /// The corrected time of a standing dot; `nil` when nothing of it stands.
    package func time(of dot: Dot) -> Timestamp? {
        if let pair = life.first(where: { $0.dot == dot }) { return pair.time }
        for entry in fields {
            if let stamp = entry.state.stamps.first(where: { $0.dot == dot }) { return stamp.time }
        }
        return nil
    }
}
