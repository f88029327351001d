package import SatchelSync

/// Who a server's store is: fixed when it is made, but for name and schema.
package struct StoreIdentity: Hashable, Sendable {
    /// The life of the store.
    package let epoch: StoreEpoch
    /// The actor under which the office edits.
    package let actor: ActorID
    /// The secret under which checkpoints are proved.
    package let checkpointKey: [UInt8]
    /// What people call the server.
    package let name: String
    /// The schema file, as it was given.
    package let schemaSource: String

    package init(epoch: StoreEpoch, actor: ActorID, checkpointKey: [UInt8], name: String, schemaSource: String) {
        self.epoch = epoch
        self.actor = actor
        self.checkpointKey = checkpointKey
        self.name = name
        self.schemaSource = schemaSource
    }

    /// A store that begins now, named by the system's cryptographic source.
    package static func new(name: String, schemaSource: String) -> StoreIdentity {
        let life = StoreLife.random()
        return StoreIdentity(
            epoch: life.epoch, actor: life.actor, checkpointKey: life.checkpointKey, name: name,
            schemaSource: schemaSource)
    }
}

/// What is another in each life of a store: a restore begins a new one.
package struct StoreLife: Hashable, Sendable {
    /// The life's name.
    package let epoch: StoreEpoch
    /// The actor under which the office edits in it.
    package let actor: ActorID
    /// The secret under which its checkpoints are proved.
    package let checkpointKey: [UInt8]

    package init(epoch: StoreEpoch, actor: ActorID, checkpointKey: [UInt8]) {
        self.epoch = epoch
        self.actor = actor
        self.checkpointKey = checkpointKey
    }

    /// One named by the system's cryptographic source.
    package static func random() -> StoreLife {
        StoreLife(epoch: .random(), actor: .random(), checkpointKey: Hashing.randomBytes(32))
    }
}

/// Where a store's log and its sequences stand.
package struct StoreHead: Hashable, Sendable {
    /// The sequence of the last applied change-set.
    package var sequence: ServerSequence
    /// The position of the last log entry, from 1; 0 where there is none.
    package var position: Int64
    /// The chain's hash at that entry; 32 zero bytes where there is none.
    package var chain: [UInt8]

    package init(sequence: ServerSequence, position: Int64, chain: [UInt8]) {
        self.sequence = sequence
        self.position = position
        self.chain = chain
    }

    /// Before the first entry.
    package static let empty = StoreHead(sequence: .zero, position: 0, chain: Array(repeating: 0, count: 32))
}

/// How far an actor came: its highest counter that the store has judged, and that change-set's digest.
package struct Frontier: Hashable, Sendable {
    /// The highest counter; 0 where nothing came yet.
    package let counter: UInt64
    /// Its digest; empty where nothing came yet.
    package let digest: [UInt8]
    /// Whether the next change-set may be in the store under another name: it is the first of its line, or follows such a double.
    package var isNextSuspect: Bool

    package init(counter: UInt64, digest: [UInt8], isNextSuspect: Bool) {
        self.counter = counter
        self.digest = digest
        self.isNextSuspect = isNextSuspect
    }

    /// Nothing came yet.
    package static let none = Frontier(counter: 0, digest: [], isNextSuspect: true)
}
