import SatchelSync
import Testing

@testable import SatchelServer

@Suite struct PeerTallyTests {
    private static let start = ContinuousClock.now

    private static func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `a rule is told once it is quiet about it, in one line`() {
        let tally = PeerTally()
        for number in 0..<200 { tally.note(.slowHead, from: number < 150 ? "a" : "b", at: Self.at(number / 20)) }
        tally.note(.slowBody, from: nil, at: Self.at(0))
        #expect(tally.take(quietFor: .seconds(10), at: Self.at(12)).map(\.rule) == [.slowBody])
        #expect(
            tally.take(quietFor: .seconds(10), at: Self.at(20)) == [
                .init(rule: .slowHead, total: 200, addresses: 2, busiest: "a")
            ])
        #expect(tally.take(quietFor: .zero, at: Self.at(100)).isEmpty)
    }

    @Test func `a rule that is broken all the time is told all the same, and costs no memory`() {
        let tally = PeerTally()
        for number in 0..<6_000 { tally.note(.busy, from: "\(number)", at: Self.at(number / 100)) }
        let told = tally.take(quietFor: .seconds(10), at: Self.at(60))
        #expect(told.map(\.total) == [6_000])
        #expect(told.map(\.addresses) == [1_000])
    }
}

@Suite struct ConnectionDeskTests {
    private final class Connection {}

    private func desk(_ change: (inout PeerLimits) -> Void) -> ConnectionDesk {
        var limits = PeerLimits()
        limits.connectionsPerAddressMax = 2
        limits.connectionsPerDeviceMax = 2
        limits.requestsMax = 2
        change(&limits)
        return ConnectionDesk(limits: limits, tally: PeerTally())
    }

    @Test func `an address has so many connections without a credential, and any number with one`() throws {
        let desk = desk { _ in }
        let connections = (0..<6).map { _ in Connection() }
        let ids = connections.map { ObjectIdentifier($0) }
        #expect(desk.open(ids[0], from: "10.0.0.1"))
        #expect(desk.open(ids[1], from: "10.0.0.1"))
        #expect(!desk.open(ids[2], from: "10.0.0.1"))
        #expect(desk.open(ids[3], from: "10.0.0.2"))
        try desk.welcome("phone", on: ids[0])
        #expect(desk.open(ids[2], from: "10.0.0.1"))
        #expect(!desk.open(ids[4], from: "10.0.0.1"))
        desk.close(ids[1])
        desk.close(ids[1])
        #expect(desk.open(ids[4], from: "10.0.0.1"))
        #expect(!desk.open(ids[5], from: "10.0.0.1"))
        #expect(desk.connectionCount == 4)
    }

    @Test func `a device has so many connections, and each counts once`() throws {
        let desk = desk { _ in }
        let connections = (0..<3).map { _ in Connection() }
        let ids = connections.map { ObjectIdentifier($0) }
        for id in ids { _ = desk.open(id, from: "127.0.0.1") }
        for _ in 0..<5 { try desk.welcome("phone", on: ids[0]) }
        try desk.welcome("phone", on: ids[1])
        #expect(throws: SatchelError.self) { try desk.welcome("phone", on: ids[2]) }
        try desk.welcome("tablet", on: ids[2])
        // A proxy's connection serves whoever comes.
        try desk.welcome("tablet", on: ids[0])
        #expect(throws: SatchelError.self) { try desk.welcome("tablet", on: ids[1]) }
        desk.close(ids[0])
        try desk.welcome("tablet", on: ids[1])
    }

    @Test func `of all the limits say, the last connection and request are let in, and none more`() throws {
        let limits = PeerLimits()
        #expect(limits.connectionsMax == 16_384)
        let desk = ConnectionDesk(limits: limits, tally: PeerTally())
        let connections = (0..<257).map { _ in Connection() }
        let ids = connections.map { ObjectIdentifier($0) }
        #expect(ids.map { desk.open($0, from: "10.0.0.1") }.firstIndex(of: false) == 256)
        for id in ids.prefix(8) { try desk.welcome("phone", on: id) }
        #expect(throws: SatchelError.self) { try desk.welcome("phone", on: ids[8]) }
        #expect((0..<1_025).map { _ in desk.beginRequest() }.firstIndex(of: false) == 1_024)
    }

    @Test func `this machine, and a proxy, have any number`() {
        let connections = (0..<40).map { _ in Connection() }
        let local = desk { _ in }
        let proxied = desk { $0.exemptsEveryAddress = true }
        let strict = desk { $0.exemptsLoopback = false }
        #expect(connections.prefix(20).allSatisfy { local.open(ObjectIdentifier($0), from: "127.0.0.1") })
        #expect(connections.prefix(20).allSatisfy { proxied.open(ObjectIdentifier($0), from: "10.0.0.9") })
        #expect(connections.count { strict.open(ObjectIdentifier($0), from: "127.0.0.1") } == 2)
    }

    @Test func `so many requests are answered at once`() {
        let desk = desk { _ in }
        #expect([desk.beginRequest(), desk.beginRequest(), desk.beginRequest()] == [true, true, false])
        desk.endRequests(1)
        #expect(desk.beginRequest())
    }
}
