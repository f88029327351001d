import Foundation
import SatchelTestSupport

/// Has devices edit, look and sync while their lines fail and processes die, and records who did and saw what.
///
/// Each write is one change-set over three records: it adds its number to the sets of two accounts, and as much to the counter of
/// the one as it takes from that of the other; and it replaces a text of a third account that its process alone writes.
package struct HistoryRecorder: Sendable {
    private static let clientCount = 5
    private static let accountCount = 6
    /// Fields that stand for one process each.
    private static let ownFields = ["city", "region", "industry", "website", "address"]

    private let seed: UInt64
    private let duration: Duration
    private let server: ServerProcess
    private let devices: [Device]
    private let proxies: [FaultProxy]
    private let operations = Locked<[HistoryOperation]>([])
    private let numbers = Locked(0)
    private let tally = Locked<[String: Int]>([:])
    private let imbalances = Locked<[String]>([])

    /// What came of a recording.
    package struct Result: Sendable {
        package let history: CausalHistory
        /// What contradicts causal consistency, is lost, or was seen half.
        package let problems: [String]
        /// Operations, edges and faults, in words.
        package let sight: String
    }

    /// Records for so long; programs of devices and server get these variables besides.
    package static func record(
        for duration: Duration, seed: UInt64, deviceVariables: [String] = [], serverVariables: [String] = []
    ) async throws -> Result {
        let users = (0..<clientCount).map { "rep-\($0)" }
        let server = try await ServerProcess.start(in: Site(), users: users, environment: serverVariables)
        let lines = (0...accountCount).map { Semantics.account(Semantics.id($0 + 1), name: "Account \($0)") }
        try await server.apply(lines.joined(separator: "\n"))
        var devices: [Device] = [], proxies: [FaultProxy] = []
        for user in users {
            let proxy = try await FaultProxy(before: server, seed: seed)
            var device = try await server.enrol(user, url: proxy.url)
            try await device.sync()
            for variable in deviceVariables { device = device.with(variable) }
            devices.append(device)
            proxies.append(proxy)
        }
        defer { for proxy in proxies { proxy.stop() } }
        let recorder = HistoryRecorder(
            seed: seed, duration: duration, server: server, devices: devices, proxies: proxies)
        return try await recorder.record(serverVariables)
    }

    /// How many violations a recording of five seconds has where every program makes a mistake: whether the checker has eyes.
    package static func violationsOfMistake(seed: UInt64) async throws -> Int {
        let mistake = ["SATCHEL_MUTANT=pull-skips-one"]
        return try await record(
            for: .seconds(5), seed: seed, deviceVariables: mistake, serverVariables: mistake
        ).problems.count
    }

    private init(seed: UInt64, duration: Duration, server: ServerProcess, devices: [Device], proxies: [FaultProxy]) {
        self.seed = seed
        self.duration = duration
        self.server = server
        self.devices = devices
        self.proxies = proxies
    }

    private func record(_ serverVariables: [String]) async throws -> Result {
        let end = ContinuousClock.now + duration
        try await withThrowingTaskGroup { group in
            for client in devices.indices {
                group.addTask { try await edit(client, until: end) }
                group.addTask { try await sync(client, until: end) }
            }
            group.addTask { try await spoilLines(until: end) }
            group.addTask { try await killServer(until: end, serverVariables) }
            try await group.waitForAll()
        }
        for proxy in proxies {
            proxy.set(.plain)
            proxy.release()
        }
        try await server.quiet(devices)
        for client in devices.indices { try await look(client) }
        let all = Self.unfolded(operations.withLock { $0 })
        let history = CausalHistory(all)
        var problems = history.violations().map(\.description) + imbalances.withLock { $0 } + lost(all)
        do { try await server.requireDrained(devices) } catch { problems.append("\(error)") }
        let faults = tally.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return Result(
            history: history, problems: problems,
            sight: "\(history.count) operations, \(history.edgeCount) edges; " + faults.joined(separator: ", "))
    }

    private func count(_ what: String) { tally.withLock { $0[what, default: 0] += 1 } }

    private func random(_ stream: Int) -> SeededRandom { SeededRandom(seed: seed &* 1_000 &+ UInt64(stream)) }

    // MARK: Clients

    private func edit(_ client: Int, until end: ContinuousClock.Instant) async throws {
        var random = random(client)
        while ContinuousClock.now < end {
            if random.isOnce(in: 2) { try await look(client) } else { try await write(client, &random) }
        }
    }

    private func write(_ client: Int, _ random: inout SeededRandom) async throws {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        let one = random.pick(below: Self.accountCount)
        let other = (one + 1 + random.pick(below: Self.accountCount - 1)) % Self.accountCount
        let file = "\(devices[client].home)-edit.jsonl"
        try server.site.write(line(number, client, one, other), to: file)
        let process = try devices[client].start(["apply", file, "--json"])
        if random.isOnce(in: 10) { process.killLater(after: .milliseconds(random.pick(below: 120))) }
        let result = try await server.site.end(process)
        struct Form: Decodable { let dot: String? }
        let dot = result.exitCode == 0 ? (try? result.decodedLines(Form.self))?.first?.dot : nil
        if let dot { server.site.keepAcknowledged(dot, at: devices[client].home) }
        if dot == nil {
            count(result.exitCode == 137 ? "edits killed" : "edits refused (\(result.failureCode ?? result.error))")
        }
        note(
            client,
            .write(
                number, registers: ["tags \(one)", "tags \(other)", "own \(client)"], isAcknowledged: dot != nil))
    }

    private func line(_ number: Int, _ client: Int, _ one: Int, _ other: Int) -> String {
        func change(_ account: Int, _ parts: String) -> String {
            "{\"op\":\"update\",\"type\":\"account\",\"id\":\"\(Semantics.id(account + 1))\",\(parts)}"
        }
        let changes = [
            change(one, "\"add\":{\"tags\":[\"\(number)\"]},\"increment\":{\"stock\":\(number)}"),
            change(other, "\"add\":{\"tags\":[\"\(number)\"]},\"increment\":{\"stock\":\(-number)}"),
            change(Self.accountCount, "\"set\":{\"\(Self.ownFields[client])\":\"\(number)\"}"),
        ]
        return "{\"changes\":[\(changes.joined(separator: ","))]}"
    }

    /// Looks at all accounts at one moment.
    private func look(_ client: Int) async throws {
        let records = try await devices[client].list("account")
        var registers: [String: Set<Int>] = [:], balance: Int64 = 0
        for record in records {
            guard let account = (0...Self.accountCount).first(where: { Semantics.id($0 + 1) == record.id }) else {
                continue
            }
            registers["tags \(account)"] = Set((record.fields["tags"]?.elements ?? []).compactMap { Int($0) })
            balance += record.fields["stock"]?.number ?? 0
            guard account == Self.accountCount else { continue }
            for (owner, field) in Self.ownFields.enumerated() {
                if let latest = record.fields[field]?.text.flatMap({ Int($0) }) { registers["own \(owner)"] = [latest] }
            }
        }
        if balance != 0 {
            imbalances.withLock {
                $0.append("part of a change-set: the counters sum up to \(balance) at client \(client)")
            }
        }
        note(client, .read(registers))
    }

    /// The operations, where a register that one process alone replaces stands for all that stood there up to its value.
    ///
    /// What nobody acknowledged stood there if the same look shows it elsewhere.
    private static func unfolded(_ all: [HistoryOperation]) -> [HistoryOperation] {
        var written: [Int: [(number: Int, isAcknowledged: Bool)]] = [:]
        for operation in all {
            guard case .write(let number, _, let isAcknowledged) = operation.deed else { continue }
            written[operation.process, default: []].append((number, isAcknowledged))
        }
        return all.map { operation in
            guard case .read(var registers) = operation.deed else { return operation }
            let shown = registers.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
            for owner in ownFields.indices {
                guard let latest = registers["own \(owner)"]?.first else { continue }
                let earlier = (written[owner] ?? []).filter {
                    $0.number < latest && ($0.isAcknowledged || shown.contains($0.number))
                }
                registers["own \(owner)"] = Set(earlier.map(\.number) + [latest])
            }
            return HistoryOperation(process: operation.process, .read(registers))
        }
    }

    private func note(_ client: Int, _ deed: HistoryOperation.Deed) {
        operations.withLock { $0.append(HistoryOperation(process: client, deed)) }
    }

    private func sync(_ client: Int, until end: ContinuousClock.Instant) async throws {
        var random = random(100 + client)
        while ContinuousClock.now < end {
            let process = try devices[client].start(["sync", "--json"])
            let isKilled = random.isOnce(in: 8)
            if isKilled { process.killLater(after: .milliseconds(random.pick(below: 200))) }
            let result = try await server.site.end(process)
            switch result.exitCode {
            case 0, 3: count("syncs")
            case 137: count("syncs killed")
            default: count("syncs ended \(result.failureCode ?? "?")")
            }
        }
    }

    // MARK: Faults

    private func spoilLines(until end: ContinuousClock.Instant) async throws {
        var random = random(200)
        while ContinuousClock.now < end {
            let proxy = proxies[random.pick(below: proxies.count)]
            switch random.pick(below: 6) {
            case 0:
                proxy.set(.refused)
                proxy.sever(isReset: true)
            case 1:
                proxy.set(.up(.freeze(after: 0)))
                proxy.freeze()
            case 2: proxy.set(.down(.stall(after: random.pick(below: 400))))
            case 3: proxy.set(.up(.stall(after: random.pick(below: 800))))
            case 4: proxy.set(.down(.cut(after: random.pick(below: 600))))
            default: proxy.set(.plain.with { $0.copyCount = 1 })
            }
            count("lines spoiled")
            try await pass(.milliseconds(200 + random.pick(below: 1_500)), until: end)
            proxy.set(.plain)
            proxy.release()
            try await pass(.milliseconds(random.pick(below: 400)), until: end)
        }
    }

    private func killServer(until end: ContinuousClock.Instant, _ variables: [String]) async throws {
        var random = random(300)
        while true {
            try await pass(.milliseconds(2_000 + random.pick(below: 4_000)), until: end)
            guard ContinuousClock.now < end else { return }
            let process = try server.process()
            process.signal(9)
            _ = try await server.site.end(process)
            try await server.serve(environment: variables)
            count("servers killed")
        }
    }

    private func pass(_ duration: Duration, until end: ContinuousClock.Instant) async throws {
        let later = min(ContinuousClock.now + duration, end)
        try await Patience.until("a while") { ContinuousClock.now >= later ? true : nil }
    }

    /// Acknowledged writes that somebody does not see in the end.
    private func lost(_ all: [HistoryOperation]) -> [String] {
        devices.indices.flatMap { client -> [String] in
            guard
                case .read(let registers)? = all.last(where: { operation in
                    if case .read = operation.deed { operation.process == client } else { false }
                })?.deed
            else { return [] }
            return all.compactMap { operation in
                guard case .write(let number, let written, true) = operation.deed else { return nil }
                let lacking = written.filter { registers[$0]?.contains(number) != true }
                return lacking.isEmpty
                    ? nil : "lost: client \(client) lacks \(number) in \(lacking.sorted()) in the end"
            }
        }
    }
}
