import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// What a record and a change-set may take: each thing that is taken can also be sent.
@Suite struct SizeTests {
    @Test func `a change that makes a record larger than a page can hold is rejected by its verdict`() async throws {
        let server = try TestServer()
        let engine = server.engine(recordBytesMax: 2_000)
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Shop"))
        let elements = (0..<40).map { UTF8Text("element-\($0)-\(String(repeating: "x", count: 20))") }
        for half in [elements[..<20], elements[20...]] {
            ann.edit(.sample(1), FieldChange(ItemSchema.tags, .set(add: half.sorted(), remove: [])))
        }
        ann.edit(.sample(1), .name("Shop 2"))
        let verdicts = try await ann.sync(with: engine)
        #expect(verdicts.map { $0.verdict.rejection?.code } == [nil, nil, "too_large", nil])
        #expect(ann.states[.sample(1)]?.field(ItemSchema.tags)?.elements.count == 20)
    }

    @Test func `a NUL in a label is rejected and leaves a log that fits its chain`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: .create, writes: [.name("Shop")])
        let counter = ann.counter + 1
        let changeSet = ChangeSet(
            dot: Dot(ann.actor, counter), label: "a\0b", author: "ann", time: server.clock.now(), schemaVersion: 1,
            changes: [change])
        let digest = Hashing.changeSetDigest(canonicalBytes: changeSet.canonicalBytes, previous: ann.digest)
        ann.counter = counter
        let request = ann.request(changeSets: [OfferedChangeSet(changeSet: changeSet, digest: digest)])
        let frames = try await server.engine().frames(for: request, from: ann.account)
        #expect(frames.verdicts.first?.verdict.rejection?.code == "too_large")
        await #expect(throws: Never.self) { try await server.store.read { try $0.verifyLog() } }
    }
}
