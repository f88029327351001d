import Foundation
import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Synchronization
import Testing

/// Answers each request with the frames that the test wrote down for it.
private final class ScriptedTransport: ExchangeTransport {
    private let replies: Mutex<[[SyncFrame]]>
    private let seen = Mutex<[SyncRequest]>([])

    init(_ replies: [[SyncFrame]]) { self.replies = Mutex(replies) }

    var requests: [SyncRequest] { seen.withLock { $0 } }

    func schemaSource(token: String) async throws -> String {
        HomeFixture.schemaSource.replacing("schema: 1", with: "schema: 2")
            .replacing(
                "seen_at: { id: 7, kind: timestamp }",
                with: "seen_at: { id: 7, kind: timestamp }\n      city: { id: 8, kind: text }")
    }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        seen.withLock { $0.append(request) }
        let frames = replies.withLock { $0.isEmpty ? [] : $0.removeFirst() }
        for frame in frames { try await onFrame(frame) }
    }
}

@Suite("Exchanges and the replica")
struct SyncRunnerTests {
    private func opening(
        _ home: HomeFixture, serverTime: Int64 = 1_000_000, schemaVersion: UInt32 = 1
    ) -> SyncFrame {
        .opening(
            Opening(
                epoch: home.epoch, schemaVersion: schemaVersion, serverTime: Timestamp(milliseconds: serverTime),
                forkToken: [7], frontier: 0))
    }

    private func verdict(_ counter: UInt64, _ verdict: Verdict = .applied) -> SyncFrame {
        .verdicts([VerdictEntry(counter: counter, verdict: verdict, correctedTime: Timestamp(milliseconds: 50))])
    }

    private func closing(_ home: HomeFixture, _ sequence: UInt64) -> SyncFrame {
        .closing(
            Closing(checkpoint: Checkpoint(epoch: home.epoch, sequence: ServerSequence(sequence), proof: [1])))
    }

    /// The record as the server would hold it after the device's first change-set.
    private func delta(_ home: HomeFixture, _ id: RecordID, sequence: UInt64, phone: String? = nil) throws -> SyncFrame
    {
        let own = try home.replica.reading { try $0.ownChangeSets(.all) }[0].changeSet
        var state = RecordState()
        state.apply(own.changes[0], dot: own.dot, time: Timestamp(milliseconds: 50), line: VersionVector())
        if let phone {
            state.apply(
                RecordChange(
                    type: EntityTypeID(1), record: id, context: VersionVector(), life: nil,
                    writes: [FieldChange(FieldID(2), .register(.text(UTF8Text(phone))))]),
                dot: Dot(.sample(9), 1), time: Timestamp(milliseconds: 60), line: VersionVector())
        }
        return .records([
            RecordDelta(type: EntityTypeID(1), record: id, sequence: ServerSequence(sequence), state: state)
        ])
    }

    @Test func `a whole exchange empties the queue and moves the checkpoint`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        let transport = ScriptedTransport([
            [
                opening(home, serverTime: 1_060_000), verdict(1), try delta(home, id, sequence: 3, phone: "2"),
                closing(home, 3),
            ]
        ])
        let report = try await SyncRunner(replica: home.replica, transport: transport).run()
        #expect(report.pushedCount == 1)
        #expect(report.pulledCount == 1)
        #expect(report.decideCount == 1)
        #expect(report.needsPerson)
        let safety = try home.replica.safetyReport()
        #expect(safety.isAllConfirmed)
        #expect(safety.checkpoint == 3)
        #expect(safety.clockOffsetMilliseconds >= 60_000)
        #expect(safety.lastSync == home.replica.now)
        let facts = try home.replica.reading { try $0.exchangeFacts() }
        #expect(facts.forkToken == [7])
    }

    @Test func `a cut reply keeps what came, and the next request names where it stands`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let transport = ScriptedTransport([
            [opening(home), verdict(1), try delta(home, id, sequence: 3)], [], [opening(home), closing(home, 4)],
        ])
        let runner = SyncRunner(replica: home.replica, transport: transport)
        let error = await #expect(throws: SatchelError.self) { try await runner.run() }
        #expect(error?.isTransient == true)
        var safety = try home.replica.safetyReport()
        #expect(safety.checkpoint == 0)
        #expect(safety.lastFailure == "unknown_answer")
        #expect(try home.replica.ledger().map(\.state) == [.pending])
        _ = try await runner.run()
        #expect(transport.requests.map(\.resumeAfter) == [nil, ServerSequence(3), ServerSequence(3)])
        #expect(transport.requests[1].changeSets.isEmpty)
        #expect(transport.requests[1].confirmed?.counter == 1)
        safety = try home.replica.safetyReport()
        #expect(safety.checkpoint == 4)
        #expect(safety.lastFailure == nil)
        #expect(try home.replica.ledger().map(\.state) == [.visible])
    }

    @Test func `a sync goes on at once after a cut, as long as each answer brings something`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let transport = ScriptedTransport([
            [opening(home), verdict(1)], [opening(home), try delta(home, id, sequence: 3)],
            [opening(home), try delta(home, id, sequence: 4)], [opening(home), closing(home, 4)],
        ])
        let report = try await SyncRunner(replica: home.replica, transport: transport).run()
        #expect(report.pushedCount == 1 && report.pulledCount == 2 && report.checkpoint == 4)
        #expect(transport.requests.map(\.resumeAfter?.number) == [nil, nil, 3, 4])
        #expect(try home.replica.safetyReport().failure == nil)
    }

    @Test func `what came over begins the row of failures anew`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let transport = ScriptedTransport([[], [], [opening(home), verdict(1)], [], []])
        let runner = SyncRunner(replica: home.replica, transport: transport)
        var counts: [Int?] = []
        for _ in 0..<4 {
            await #expect(throws: SatchelError.self) { try await runner.run() }
            counts.append(try home.replica.safetyReport().failure?.count)
        }
        #expect(counts == [1, 2, 1, 2])
        #expect(try home.field(id, "name") == "A")
    }

    @Test func `a rejected change-set stays, with its reason, and holds nothing back`() async throws {
        let home = try HomeFixture()
        try home.account("name=A")
        try home.account("name=B")
        let rejection = Rejection(code: "invalid_value", record: nil, field: nil, sentence: "Not so.")
        let transport = ScriptedTransport([
            [opening(home), verdict(1, .rejected(rejection)), verdict(2), closing(home, 2)]
        ])
        let report = try await SyncRunner(replica: home.replica, transport: transport).run()
        #expect(report.parkedTotal == 1)
        let safety = try home.replica.safetyReport()
        #expect(safety.parked.map(\.sentence) == ["Not so."])
        #expect(try home.replica.records(typeName: "account", limit: 10).count >= 1)
        #expect(try home.replica.ledger().first?.state == .parked)
    }

    @Test func `a newer schema is fetched before records are, and brings its columns`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let transport = ScriptedTransport([
            [opening(home, schemaVersion: 2)],
            [opening(home, schemaVersion: 2), verdict(1), try delta(home, id, sequence: 3), closing(home, 3)],
        ])
        _ = try await SyncRunner(replica: home.replica, transport: transport).run()
        #expect(transport.requests.map(\.schemaVersion) == [1, 2])
        #expect(try home.replica.schema().version == 2)
        _ = try home.set(id, "city=北京")
        try home.shell("UPDATE account SET city = 'Oslo'")
        #expect(try home.field(id, "city") == "Oslo")
        #expect(try home.replica.safetyReport().pending.map(\.label) == ["edit", "sql"])
    }

    @Test func `an id that the server gave to another type is the server's here too`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let rejection = Rejection(code: "invalid_request", record: id, field: nil, sentence: "It is a note.")
        var state = RecordState()
        state.apply(
            RecordChange(
                type: EntityTypeID(2), record: id, context: VersionVector(), life: .create,
                writes: [FieldChange(FieldID(1), .register(.text("theirs")))]),
            dot: Dot(.sample(9), 1), time: Timestamp(milliseconds: 5), line: VersionVector())
        let delta = RecordDelta(type: EntityTypeID(2), record: id, sequence: ServerSequence(1), state: state)
        let transport = ScriptedTransport([
            [opening(home), verdict(1, .rejected(rejection)), .records([delta]), closing(home, 1)]
        ])
        _ = try await SyncRunner(replica: home.replica, transport: transport).run()
        #expect(try home.replica.record(typeName: "note", id.description).title == "theirs")
        #expect(try home.replica.records(typeName: "account", limit: 10).isEmpty)
        let safety = try home.replica.safetyReport()
        #expect(safety.checkpoint == 1)
        #expect(safety.parked.map(\.records) == [[id]])
        #expect(try home.replica.ledger().first { $0.dot.actor == home.actor }?.state == .parked)
        #expect(try home.shellText("SELECT count(*) FROM account") == "0")
    }

    @Test func `an edit made while the network is waited for is kept and waits for the next exchange`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        let frames = [opening(home), verdict(1), try delta(home, id, sequence: 3), closing(home, 3)]
        let transport = DisturbedTransport(frames: frames, at: 2) { _ = try home.set(id, "phone=while waiting") }
        let report = try await SyncRunner(replica: home.replica, transport: transport).run()
        #expect(report.pendingCount == 1)
        #expect(try home.field(id, "phone") == "while waiting")
    }

    @Test func `a reply confirms nothing of a file that was put in the place of the one that asked`() async throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let file = home.replica.folder.databaseURL
        let copy = home.folder["copy.db"]
        try FileManager.default.copyItem(at: file, to: copy)
        _ = try home.set(id, "phone=sent")
        let transport = DisturbedTransport(
            frames: [opening(home), verdict(1), verdict(2), closing(home, 2)], at: 1
        ) {
            try FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(at: copy, to: file)
            _ = try home.set(id, "phone=another")
            _ = try home.set(id, "phone=and one more")
        }
        let error = await #expect(throws: SatchelError.self) {
            try await SyncRunner(replica: home.replica, transport: transport).run()
        }
        #expect(error?.code == .staleReply)
        #expect(try home.replica.ledger().map(\.state) == [.pending, .pending, .pending])
    }
}

/// Lets something happen in the middle of the reply.
private struct DisturbedTransport: ExchangeTransport, @unchecked Sendable {  // Used by one test on one task.
    let frames: [SyncFrame]
    /// Before which frame it happens.
    let index: Int
    let disturb: () throws -> Void

    init(frames: [SyncFrame], at index: Int, disturb: @escaping () throws -> Void) {
        self.frames = frames
        self.index = index
        self.disturb = disturb
    }

    func schemaSource(token: String) async throws -> String { HomeFixture.schemaSource }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        for (index, frame) in frames.enumerated() {
            if index == self.index { try disturb() }
            try await onFrame(frame)
        }
    }
}
