import Foundation
import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A clock that stands where the test puts it.
final class FixedClock: WallClock {
    let instant: Timestamp
    init(_ milliseconds: Int64) { instant = Timestamp(milliseconds: milliseconds) }
    func now() -> Timestamp { instant }
}

/// An enrolled home in a folder of its own, without a server.
final class HomeFixture {
    static let schemaSource = """
        schema: 1
        types:
          account:
            id: 1
            fields:
              name: { id: 1, kind: text, max_length: 40, required: true }
              phone: { id: 2, kind: text, policy: manual }
              status: { id: 3, kind: enum, values: [lead, active] }
              size: { id: 4, kind: int, min: 0, max: 100 }
              parent: { id: 5, kind: reference, to: account }
              tags: { id: 6, kind: set }
              seen_at: { id: 7, kind: timestamp }
          note:
            id: 2
            fields:
              body: { id: 1, kind: text }
              account: { id: 2, kind: reference, to: account, on_delete: cascade }
          sample:
            id: 3
            ownership: own
            status: stage
            fields:
              text: { id: 1, kind: text, pattern: "[a-z]*" }
              int: { id: 2, kind: int }
              decimal: { id: 3, kind: decimal, scale: 2, required_from: offered }
              bool: { id: 4, kind: bool }
              date: { id: 5, kind: date }
              timestamp: { id: 6, kind: timestamp }
              stage: { id: 7, kind: enum, values: [open, offered, won], policy: precedence }
              parent: { id: 8, kind: reference, to: sample, on_delete: cascade }
              tags: { id: 9, kind: set }
              counter: { id: 10, kind: counter }
              place: { id: 11, kind: location }
              facts: { id: 12, kind: map }
              document: { id: 13, kind: json }
              first: { id: 14, kind: text, policy: immutable }
              score: { id: 15, kind: int, policy: server }
          visit:
            id: 4
            fields:
              account: { id: 1, kind: reference, to: account, required: true }
              status: { id: 2, kind: enum, values: [planned, on_site, done] }
              started_at: { id: 3, kind: timestamp }
              ended_at: { id: 4, kind: timestamp }
        """

    let folder: TemporaryFolder
    let replica: Replica
    let actor = ActorID.sample(1)
    let epoch = StoreEpoch(high: 5, low: 5)
    let schema: Schema

    init(clock: Int64 = 1_000_000, source: String = HomeFixture.schemaSource) throws {
        folder = try TemporaryFolder()
        replica = Replica(home: folder["home"].path, clock: FixedClock(clock))
        schema = try Replica.readSchema(source)
        try ReplicaStore.create(
            in: replica.folder,
            identity: ReplicaIdentity(
                actor: actor, lineage: Lineage(), user: "ann", device: "tablet", serverURL: "http://127.0.0.1:1",
                serverName: "test", token: "secret"),
            facts: ExchangeFacts(epoch: epoch, forkToken: [1, 2, 3]), schema: schema, schemaSource: source)
    }

    /// Makes an account and returns its id.
    @discardableResult
    func account(_ assignments: String...) throws -> RecordID {
        try replica.new(typeName: "account", assignments: assignments.map { try Assignment(argument: $0) }).records[0]
    }

    func set(_ id: RecordID, _ assignments: String..., settles: Bool = false) throws -> EditOutcome {
        try replica.set(
            typeName: "account", id.description, assignments: assignments.map { try Assignment(argument: $0) },
            settles: settles)
    }

    func field(_ id: RecordID, _ name: String) throws -> String? {
        try replica.record(typeName: "account", id.description).fields.first { $0.name == name }?.value.text
    }

    /// Puts another device's concurrent edit of `phone` into base.
    func conflict(on id: RecordID, value: String) throws {
        try replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                let record = try #require(try transaction.record(id))
                var state = record.confirmed
                let own = try transaction.ownChangeSets(.all)
                for change in own.flatMap(\.changeSet.changes) where change.record == id && state == RecordState() {
                    state.apply(change, dot: Dot(actor, 1), time: Timestamp(milliseconds: 1), line: VersionVector())
                }
                let write = FieldChange(FieldID(2), .register(.text(UTF8Text(value))))
                state.apply(
                    RecordChange(
                        type: EntityTypeID(1), record: id, context: VersionVector(), life: nil, writes: [write]),
                    dot: Dot(.sample(9), 1), time: Timestamp(milliseconds: 2), line: VersionVector())
                for entry in own {
                    try transaction.setVerdict(
                        .applied, correctedTime: Timestamp(milliseconds: 1), of: entry.changeSet.dot)
                }
                try transaction.replaceBase(
                    id, type: EntityTypeID(1), state: state, sequence: ServerSequence(5), provenance: nil)
                try transaction.settleOverlay()
            }
        }
    }
}
