import SatchelSync

/// The actors that one message mentions, in order; the rest of the message names them by index.
struct ActorDictionary {
    private let actors: [ActorID]
    private let indexes: [ActorID: UInt32]

    init(_ mentioned: Set<ActorID>) {
        actors = mentioned.sorted()
        var indexes: [ActorID: UInt32] = [:]
        indexes.reserveCapacity(actors.count)
        for (index, actor) in actors.enumerated() { indexes[actor] = UInt32(index) }
        self.indexes = indexes
    }

    /// The dictionary as it stands at the head of the message.
    var names: [ProtoActorName] { actors.map(Self.name) }

    static func name(_ actor: ActorID) -> ProtoActorName {
        var name = ProtoActorName()
        name.name = WireBytes.id(actor.high, actor.low)
        name.releasedCounter = actor.releasedCounter
        return name
    }

    func index(of actor: ActorID) -> UInt32 {
        guard let index = indexes[actor] else { preconditionFailure("actor \(actor) is not in the dictionary") }
        return index
    }

    func pairs(_ vector: VersionVector) -> [UInt64] {
        var pairs: [UInt64] = []
        pairs.reserveCapacity(vector.count * 2)
        for dot in vector.entries {
            pairs.append(UInt64(index(of: dot.actor)))
            pairs.append(dot.counter)
        }
        return pairs
    }
}

extension Set where Element == ActorID {
    mutating func insertActors(of vector: VersionVector) {
        for dot in vector.entries { insert(dot.actor) }
    }
}
