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

/// What stands for one field of a record (causality.md §1).
public enum FieldState: Hashable, Sendable {
    /// The concurrent values of a register, in dot order.
    case register([Sibling])
    /// The elements of an observed-remove set (Shapiro et al., INRIA RR-7506), in byte order.
    case set([SetElement])

    /// Every dot that stands here, in no particular order.
    public var dots: [Dot] {
        switch self {
        case .register(let siblings): siblings.map(\.dot)
        case .set(let elements): elements.flatMap { $0.dots.map(\.dot) }
        }
    }

    /// Whether nothing stands here.
    var isEmpty: Bool {
        switch self {
        case .register(let siblings): siblings.isEmpty
        case .set(let elements): elements.isEmpty
        }
    }
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

/// Whether a write of a record's life says that it lives.
public enum LifeMark: Hashable, Sendable {
    /// Written by a create or a revive.
    case alive
    /// Written by a delete, which covers what its author had seen and itself.
    case deleted(context: VersionVector)
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
