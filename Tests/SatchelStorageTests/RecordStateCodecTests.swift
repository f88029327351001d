import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("The packed form of a record's state")
struct RecordStateCodecTests {
    private func withCodec<Result>(_ body: (RecordStateCodec, EntityType) throws -> Result) throws -> Result {
        let type = try #require(try ItemSchema.make().type(ItemSchema.type))
        return try DatabaseQueue().write { db in
            try ActorTable.create(db)
            return try body(RecordStateCodec(type: type, actors: ActorTable(), db: db), type)
        }
    }

    /// The row that the plain table would show.
    private func row(of state: RecordState, type: EntityType) -> [ColumnValue] {
        type.fields.map { field in
            field.kind.isSet
                ? .set(state.winningElements(of: field)) : .register(state.winningValue(of: field))
        }
    }

    @Test func `a state reads back as it was, beside a row and without one`() throws {
        try withCodec { (codec, type) throws in
            try forAll(cases: 400) { random, replay in
                let group = ReplicaGroup(replicas: 3, steps: 14, using: &random)
                for replica in group.replicas {
                    let row = row(of: replica.state, type: type)
                    let beside = try codec.encode(replica.state, row: row)
                    #expect(try codec.decode(beside, row: row) == replica.state, "\(replay)")
                    let alone = try codec.encode(replica.state, row: nil)
                    #expect(try codec.decode(alone, row: nil) == replica.state, "\(replay)")
                }
            }
        }
    }

    @Test func `an untouched record takes few bytes beside its row`() throws {
        try withCodec { (codec, type) throws in
            var state = RecordState()
            state.apply(
                RecordChange(
                    type: type.id, record: .sample(1), context: VersionVector(), life: .create,
                    writes: [.name("A name of some length"), .tags(add: ["one", "two", "three"])]),
                dot: Dot(.sample(1), 300), time: Timestamp(milliseconds: 1_790_000_000_000), line: VersionVector())
            let bytes = try codec.encode(state, row: row(of: state, type: type))
            print("An untouched record's state: \(bytes.count) bytes beside its row.")
            #expect(bytes.count <= 16)
        }
    }

    @Test func `a row that holds what the state does not is no value of the state`() throws {
        try withCodec { (codec, type) throws in
            var state = RecordState()
            state.apply(
                RecordChange(
                    type: type.id, record: .sample(1), context: VersionVector(), life: .create, writes: [.name("X")]),
                dot: Dot(.sample(1), 1), time: Timestamp(milliseconds: 0), line: VersionVector())
            var row = row(of: state, type: type)
            row[type.fields.count - 1] = .set(["stray"])
            #expect(try codec.decode(try codec.encode(state, row: row), row: row) == state)
        }
    }

    @Test func `damaged bytes give an error and never a trap`() throws {
        try withCodec { (codec, type) throws in
            try forAll(cases: 200) { random, replay in
                let group = ReplicaGroup(replicas: 2, steps: 8, using: &random)
                guard let state = group.replicas.first?.state else { return }
                let row = row(of: state, type: type)
                var bytes = try codec.encode(state, row: row)
                guard !bytes.isEmpty else { return }
                bytes[random.pick(below: bytes.count)] ^= random.byte() | 1
                if random.isOnce(in: 2) { bytes.removeLast(random.pick(below: bytes.count)) }
                do {
                    _ = try codec.decode(bytes, row: row)
                } catch let error as SatchelError {
                    #expect(error.code == .damagedData, "\(replay)")
                }
            }
        }
    }
}
