import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// What a request leans on in place of saying it: the server's numbers of records, and the dictionary of its schema.
@Suite struct HandleTests {
    private let server: ExchangeServer
    private let home: ExchangeHome

    /// At the home: two records that the server has named, and an edit of the first that waits.
    init() async throws {
        server = try ExchangeServer()
        home = try await server.enrol("ann", actor: .sample(1))
        for number in 1...2 {
            _ = try home.edit(Self.draft(.sample(number), life: .create, .name("\(number)")))
        }
        try await home.sync()
        _ = try home.edit(Self.draft(.sample(1), .phone("1")))
    }

    private static func draft(_ record: RecordID, life: LifeWrite? = nil, _ writes: FieldChange...) -> Draft {
        Draft(label: "edit", changes: [DraftChange(type: ItemSchema.type, record: record, life: life, writes: writes)])
    }

    private func handles() throws -> [RecordID: UInt64] {
        try home.replica.reading { try $0.handles(of: [.sample(1), .sample(2)]) }
    }

    private func requireSettled() async throws {
        #expect(try home.replica.safetyReport().parked.isEmpty)
        #expect(try await server.records().first { $0.id == .sample(1) }?.state == home.state(of: .sample(1)))
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
    }

    @Test func `a device learns how the server names its records`() async throws {
        let keys = Dictionary(uniqueKeysWithValues: try await server.records().map { ($0.id, UInt64($0.key)) })
        #expect(try handles() == keys)
        #expect(keys.count == 2)
        try await home.sync()
        try await requireSettled()
    }

    @Test func `a push of named records does not say their ids`() async throws {
        let request = try pushed()
        let known = RecordHandles(epoch: server.store.identity.epoch, try handles())
        let leaning = try WireCodec.encode(request, agreement: WireAgreement(handles: known))
        let whole = try WireCodec.encode(request)
        #expect(leaning.count <= whole.count - 14)
        let read = try WireCodec.decodeRequest(leaning, agreement: server.engine().agreement)
        #expect(read == request)
    }

    @Test(arguments: [
        "UPDATE satchel_record SET handle = 3 - handle", "UPDATE satchel_record SET handle = 999",
        "UPDATE satchel_record SET handle = 9223372036854775807", "UPDATE satchel_record SET handle = -1",
        "UPDATE satchel_record SET handle = NULL",
    ])
    func `a device whose handles are not the server's says everything in full, and learns anew`(sql: String)
        async throws
    {
        try home.shell(sql)
        try await home.sync()
        try await requireSettled()
        let key = try #require(try await server.records().first { $0.id == .sample(1) }?.key)
        #expect(try handles()[.sample(1)] == UInt64(key))
        _ = try home.edit(Self.draft(.sample(1), .phone("2")))
        try await home.sync()
        try await requireSettled()
    }

    @Test(arguments: ["UPDATE satchel_record SET handle = 3 - handle", "UPDATE satchel_record SET handle = 999"])
    func `handles that went wrong after a lost reply do not make the device a copy`(sql: String) async throws {
        _ = try home.edit(Self.draft(.sample(1), .phone("2")))
        await #expect(throws: SatchelError.self) { try await home.sync(.replyLost) }
        try home.shell(sql)
        try await home.sync()
        try await requireSettled()
    }

    @Test func `a device that knows another schema says everything in full`() async throws {
        try server.store.allowOnly(["1", "2", "3"])
        #expect(server.engine().agreement.dictionary != PresetDictionary(schema: server.schema))
        try await home.sync()
        try server.store.allowOnly(nil)
        try await requireSettled()
    }

    /// The request that a device makes of its queue.
    private func pushed() throws -> SyncRequest {
        let own = try home.own().filter { $0.changeSet.dot.counter == 3 }
        let facts = try home.replica.reading { try $0.exchangeFacts() }
        return SyncRequest(
            schemaVersion: 1, epoch: facts.epoch, actor: home.actor, highestCounter: 3, confirmed: nil,
            forkToken: facts.forkToken, checkpoint: facts.checkpoint, deviceTime: server.clock.now(),
            changeSets: own.map { OfferedChangeSet(changeSet: $0.changeSet, digest: $0.digest) })
    }
}
