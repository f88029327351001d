import Foundation
import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelWire
import Synchronization
import Testing

/// Fails each exchange with what the test put down for it.
private final class FailingTransport: ExchangeTransport {
    private let errors: Mutex<[SatchelError]>
    init(_ errors: [SatchelError]) { self.errors = Mutex(errors) }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        if let error = errors.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
    }

    func schemaSource(token: String) async throws -> String { "" }
}

struct RetryTests {
    private func failure(_ code: SatchelError.Code = .networkUnavailable, retryAfter: Duration? = nil) -> SatchelError {
        var error = SatchelError(code, "It was not to be.", isTransient: true)
        error.retryAfter = retryAfter
        return error
    }

    private func state(of home: HomeFixture) throws -> RetryState { try home.replica.reading { try $0.retryState() } }

    @Test func `each failure is kept with its reason, its number and the next attempt`() async throws {
        let home = try HomeFixture(clock: 5_000)
        #expect(try state(of: home) == RetryState())
        let errors = [failure(), failure(.unknownAnswer), failure(.unauthorized)]
        let runner = SyncRunner(
            replica: home.replica, transport: FailingTransport(errors), jitter: .share(1))
        for (index, window) in [1_000, 1_500, 2_250].enumerated() {
            await #expect(throws: SatchelError.self) { try await runner.run() }
            let state = try state(of: home)
            #expect(state.failureCount == index + 1)
            #expect(state.code == errors[index].code.word)
            #expect(state.sentence == "It was not to be.")
            #expect(state.failedAt == Timestamp(milliseconds: 5_000))
            #expect(state.nextAttempt == Timestamp(milliseconds: 5_000 + Int64(window)))
            #expect(state.notBefore == nil)
        }
        // What is kept is read by whoever comes next.
        let report = try Replica(home: home.replica.home, clock: SystemClock()).safetyReport()
        #expect(report.failure?.count == 3)
        #expect(report.lastFailure == "unauthorized")
    }

    @Test func `a device that is locked out leaves the server alone for long, and a person's attempt does not wait`()
        async throws
    {
        let home = try HomeFixture(clock: 5_000)
        let transport = FailingTransport([SatchelError(.deviceRevoked, "Locked out."), failure()])
        let runner = SyncRunner(replica: home.replica, transport: transport, jitter: .share(0))
        await #expect(throws: SatchelError.self) { try await runner.run() }
        #expect(try state(of: home).nextAttempt == Timestamp(milliseconds: 905_000))
        #expect(try state(of: home).notBefore == nil)
        let report = try home.replica.safetyReport()
        #expect(report.isRevoked && report.needsPerson)
        // An edit is taken as ever, and the next try is as any other.
        await #expect(throws: SatchelError.self) { try await runner.run(isByHand: true) }
        #expect(try !home.replica.safetyReport().isRevoked)
        #expect(try state(of: home).nextAttempt == Timestamp(milliseconds: 5_000))
    }

    @Test func `a person's own attempt begins the row anew`() async throws {
        let home = try HomeFixture()
        let transport = FailingTransport((0..<4).map { _ in failure() })
        let runner = SyncRunner(replica: home.replica, transport: transport, jitter: .share(1))
        for _ in 0..<3 { await #expect(throws: SatchelError.self) { try await runner.run() } }
        await #expect(throws: SatchelError.self) { try await runner.run(isByHand: true) }
        #expect(try state(of: home).failureCount == 1)
    }

    @Test func `Retry-After is kept, and a person is told until when`() async throws {
        let home = try HomeFixture(clock: 10_000)
        let transport = FailingTransport([failure(.unavailable, retryAfter: .seconds(60))])
        let runner = SyncRunner(replica: home.replica, transport: transport, jitter: .share(0))
        await #expect(throws: SatchelError.self) { try await runner.run() }
        let state = try state(of: home)
        #expect(state.notBefore == Timestamp(milliseconds: 70_000))
        #expect(state.nextAttempt == Timestamp(milliseconds: 70_000))
        // Nobody is asked: the address would refuse, with another code.
        let error = await #expect(throws: SatchelError.self) { try await home.replica.sync() }
        #expect(error?.code == .unavailable && error?.isTransient == true)
        #expect(error?.message.contains(LocalTime.second(Timestamp(milliseconds: 70_000), in: .current)) == true)
        #expect(try self.state(of: home) == state)
        let urgent = await #expect(throws: SatchelError.self) { try await home.replica.sync(isUrgent: true) }
        #expect(urgent?.code == .networkUnavailable)
    }

    @Test func `a clock that is set back to before the failure makes nobody wait`() {
        var state = RetryState()
        state.failedAt = Timestamp(milliseconds: 1_000_000)
        state.nextAttempt = Timestamp(milliseconds: 1_005_000)
        state.notBefore = Timestamp(milliseconds: 1_003_000)
        #expect(state.wait(at: Timestamp(milliseconds: 1_001_000)) == .seconds(4))
        #expect(state.askedWait(at: Timestamp(milliseconds: 1_001_000)) == .seconds(2))
        #expect(state.wait(at: Timestamp(milliseconds: 1_000_000)) == .seconds(5))
        #expect(state.wait(at: Timestamp(milliseconds: 999_999)) == .zero)
        #expect(state.askedWait(at: Timestamp(milliseconds: 0)) == .zero)
        #expect(state.wait(at: Timestamp(milliseconds: 2_000_000)) == .zero)
    }

    @Test func `an exchange that ends well forgets the failures before it`() async throws {
        let home = try HomeFixture()
        let runner = SyncRunner(replica: home.replica, transport: FailingTransport([failure()]))
        await #expect(throws: SatchelError.self) { try await runner.run() }
        try home.replica.withTurn(purpose: "test") { try $0.write { try $0.setRetryState(RetryState()) } }
        #expect(try home.replica.safetyReport().failure == nil)
    }
}
