import Foundation
import SatchelTestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Network {
    /// N09: the lines of five devices that keep themselves in sync come and go.
    static func flapping(_ stage: Stage) async throws -> String {
        let length = Duration.seconds(stage.count(100, over: 20)), pauseMax = stage.count(10_000, over: 20)
        let users = (0..<5).map { "rep-\($0)" }, patience = stage.size == .quick ? "0.1" : "1"
        let server = try await ServerProcess.start(
            in: Site(), users: users, environment: ["SATCHEL_PATIENCE=\(patience)"])
        var devices: [Device] = [], proxies: [FaultProxy] = [], accounts: [String] = []
        for user in users {
            let proxy = try await FaultProxy(before: server, seed: stage.seed)
            devices.append(try await server.enrol(user, url: proxy.url).with("SATCHEL_PATIENCE=\(patience)"))
            proxies.append(proxy)
            accounts.append(try await devices[devices.count - 1].new("account", ["name=\(user)"]))
        }
        defer { for proxy in proxies { proxy.stop() } }
        let watches = try devices.map { try $0.start(["sync", "--watch", "--json"]) }
        let end = ContinuousClock.now + length, edits = Locked<[String: Int]>([:])
        // Twenty edits a second, of all together.
        let rhythm = Duration.milliseconds(devices.count * 1_000 / stage.count(20, over: 4))
        let lines = proxies
        try await withThrowingTaskGroup { group in
            for (place, (device, account)) in zip(devices, accounts).enumerated() {
                group.addTask { [pace = SeededRandom(seed: stage.seed &+ UInt64(place))] in
                    try await flap(lines[place], pauseMax: pauseMax, until: end, random: pace)
                }
                group.addTask {
                    var next = ContinuousClock.now
                    while ContinuousClock.now < end {
                        try await device.set("account", account, ["stock+=1"])
                        edits.withLock { $0[account, default: 0] += 1 }
                        next += rhythm
                        try await pass(until: min(next, end))
                    }
                }
            }
            try await group.waitForAll()
        }
        let took = try await healed(server, devices, after: .now)
        stage.expect(took <= .seconds(30), "converged \(took) after the lines were mended")
        for watch in watches {
            stage.expect(watch.isRunning, "a device ended by itself: \(watch.errorText)")
            watch.signal(SIGTERM)
            try await server.site.end(watch, expecting: [0])
        }
        let rounds = watches.map { $0.outputText.split(separator: "\n") }
        let failures = rounds.joined().count { !$0.contains("\"error\":null") }
        stage.expect(failures > 0, "no exchange failed")
        for (account, count) in edits.withLock({ $0 }) {
            let shown = try await server.show("account", account).fields["stock"]
            stage.expect(shown, is: .number(Int64(count)), "the counter of \(account)")
        }
        try await server.requireDrained(devices)
        try await server.requireGracefulStop()
        return
            "\(edits.withLock { $0.values.reduce(0, +) }) edits, \(rounds.joined().count) exchanges, \(failures) of them failed; converged "
            + "\(took.milliseconds) ms after the lines were mended (patience × \(patience))"
    }

    /// Cuts a line in one direction, the other, or both, without a word or with a reset, and mends it, again and again; in the end it is whole.
    private static func flap(
        _ proxy: FaultProxy, pauseMax: Int, until end: ContinuousClock.Instant, random: SeededRandom
    ) async throws {
        var random = random
        while ContinuousClock.now < end {
            switch random.pick(below: 4) {
            case 0: proxy.set(.up(.stall(after: 0)))
            case 1: proxy.set(.down(.stall(after: 0)))
            case 2: proxy.set(.up(.freeze(after: 0)))
            default:
                proxy.set(.refused)
                proxy.sever(isReset: true)
            }
            proxy.freeze()
            try await pass(until: min(.now + .milliseconds(random.pick(below: pauseMax)), end))
            proxy.set(.plain)
            proxy.release()
            try await pass(until: min(.now + .milliseconds(random.pick(below: pauseMax)), end))
        }
    }

    /// How long it takes until nobody holds anything back and all hold the same.
    private static func healed(
        _ server: ServerProcess, _ devices: [Device], after start: ContinuousClock.Instant
    ) async throws -> Duration {
        try await Patience.until("devices that hold the same", within: .seconds(90)) { () async throws -> Bool? in
            for device in devices where try await !device.status().pending.isEmpty { return nil }
            let digest = try await server.digest()
            for device in devices where try await device.digest() != digest { return nil }
            return true
        }
        return .now - start
    }

    private static func pass(until moment: ContinuousClock.Instant) async throws {
        try await Patience.until("a while") { ContinuousClock.now >= moment ? true : nil }
    }

    /// N10: a server that turns a herd away for a while, and says for how long.
    static func herd(_ stage: Stage) async throws -> String {
        let count = stage.count(100, over: 10), pause = stage.count(5, over: 5), outage = stage.count(20, over: 6)
        let server = try await ServerProcess.start(in: Site(), users: ["ann"])
        var devices: [Device] = [], gates: [Gate] = []
        for number in 0..<count {
            let gate = try await Gate(before: server)
            let device = try await server.enrol("ann", url: gate.proxy.url)
            try await device.apply((1...3).map { "{\"type\":\"account\",\"set\":{\"name\":\"\(number)-\($0)\"}}" })
            devices.append(device)
            gates.append(gate)
        }
        defer { for gate in gates { gate.proxy.stop() } }
        for gate in gates { gate.close(retryAfter: pause) }
        let start = ContinuousClock.now
        let watches = try devices.map { try $0.start(["sync", "--watch"]) }
        try await pass(until: start + .seconds(outage))
        let mended = ContinuousClock.now
        for gate in gates { gate.open() }
        try await Patience.until("the work of all", within: .seconds(90)) { () async throws -> Bool? in
            guard gates.allSatisfy({ gate in gate.arrivals.last.map { $0 > mended } ?? false }) else { return nil }
            return try await server.ledger().count == 3 * count ? true : nil
        }
        let took = ContinuousClock.now - mended
        stage.expect(took <= .seconds(60), "all was at the server \(took) after it took work again")
        for watch in watches {
            watch.signal(SIGTERM)
            try await server.site.end(watch, expecting: [0])
        }
        let bin = Double(pause) / 5, allowed = stage.size == .quick ? 0.5 : 0.25
        let busiest = expectPatience(stage, gates, pause: .seconds(pause), mended: mended, bin: bin, from: start)
        stage.expect(
            Double(busiest) <= allowed * Double(count), "\(busiest) of \(count) devices came within \(bin) s")
        try await server.requireDrained(devices)
        try await server.requireGracefulStop()
        return
            "\(count) devices, Retry-After \(pause) for \(outage) s; \(gates.map(\.refusedCount).reduce(0, +)) turned away, "
            + "at most \(busiest) came again within \(bin) s; all drained \(took.milliseconds) ms later"
    }

    /// Nobody comes again before it may; returns how many came again in the busiest span of time.
    private static func expectPatience(
        _ stage: Stage, _ gates: [Gate], pause: Duration, mended: ContinuousClock.Instant, bin: Double,
        from start: ContinuousClock.Instant
    ) -> Int {
        var spans: [Int: Int] = [:]
        for gate in gates {
            let refused = gate.refusedCount
            stage.expect(refused > 0, "a device was never turned away")
            for (before, after) in zip(gate.arrivals, gate.arrivals.dropFirst()).prefix(refused) {
                stage.expect(after - before >= pause, "a device came again after \(after - before), not after \(pause)")
                spans[Int((after - start) / .seconds(1) / bin), default: 0] += 1
            }
        }
        return spans.values.max() ?? 0
    }
}

/// The way to a server for one device, which is closed at times; it remembers when somebody came.
private final class Gate: Sendable {
    private struct Visits {
        var arrivals: [ContinuousClock.Instant] = []
        var refused = 0
    }

    let proxy: FaultProxy
    private let visits = Locked(Visits())

    init(before server: ServerProcess) async throws { proxy = try await FaultProxy(before: server) }

    var arrivals: [ContinuousClock.Instant] { visits.withLock { $0.arrivals } }
    var refusedCount: Int { visits.withLock { $0.refused } }

    /// Turns everybody away, and says when to come again.
    func close(retryAfter seconds: Int) {
        let body = "<html>Down for a moment</html>"
        let answer = Array(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nRetry-After: \(seconds)\r\n".utf8)
        let rest = Array("Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)".utf8)
        proxy.set { [visits] _, _ in
            visits.withLock { visits in
                visits.arrivals.append(.now)
                visits.refused += 1
            }
            return ConnectionPlan.plain.with { $0.answer = answer + rest }
        }
    }

    /// Lets everybody through.
    func open() {
        proxy.set { [visits] _, _ in
            visits.withLock { $0.arrivals.append(.now) }
            return .plain
        }
    }
}
