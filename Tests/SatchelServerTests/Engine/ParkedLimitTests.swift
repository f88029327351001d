import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// How much of one device's work may be parked at once.
@Suite struct ParkedLimitTests {
    /// Queues edits of records that nobody made: each is held.
    private func park(_ count: Int, from first: Int, by device: inout TestDevice) {
        for number in 0..<count { device.edit(.sample(first + number), .name("nowhere")) }
    }

    @Test(arguments: -1...1) func `as much is parked as the limit says, and not one more`(step: Int) async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        park(3 + step, from: 10, by: &ann)
        let error = await failure { try await ann.sync(with: server.engine(parkedMax: 3)) }
        guard step > 0 else {
            #expect(error == nil)
            #expect(try await server.frontier(of: ann) == UInt64(4 + step))
            return
        }
        #expect(error?.code == .tooManyParked)
        #expect(error?.isTransient == true)
        #expect(error?.retryAfter == .seconds(60))
        // Nothing of the push was stored, and the same goes in when there is room.
        #expect(try await server.frontier(of: ann) == 0)
        #expect(try await ann.sync(with: server.engine(parkedMax: 4)).count == 5)
    }

    @Test func `what comes back makes room, and others have their own`() async throws {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        let engine = server.engine(parkedMax: 2)
        park(2, from: 10, by: &ann)
        try await ann.sync(with: engine)
        park(2, from: 10, by: &bo)
        try await bo.sync(with: engine)
        park(1, from: 20, by: &ann)
        #expect(await failure { try await ann.sync(with: engine) }?.code == .tooManyParked)
        // What is not parked is no reason, and what it lets in makes room.
        bo.edit(.sample(10), life: .create, .name("Here"))
        #expect(try await bo.sync(with: engine).first?.verdict.isApplied == true)
        #expect(try await ann.sync(with: engine).map(\.verdict.word) == ["held"])
    }

    @Test func `the limit is the one of the documents`() { #expect(ServerLimits.parkedPerDeviceMax == 10_000) }

    private func failure(_ body: () async throws -> Void) async -> SatchelError? {
        do {
            try await body()
            return nil
        } catch {
            return ExchangeFailure(any: error).error
        }
    }
}
