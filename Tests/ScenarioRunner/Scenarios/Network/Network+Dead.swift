import SatchelTestSupport

extension Network {
    /// N06: a line on which nothing passes any more and nobody is told, in a push and in a pull.
    static func halfOpen(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        // In quick size a debug build gives up ten times as soon as it does otherwise.
        let factor = stage.count(10, over: 10) == 1 ? "0.1" : "1"
        let ann = try await scene.server.enrol("ann", url: proxy.url).with("SATCHEL_PATIENCE=\(factor)")
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        let usual = try await duration(of: 20) { try await ann.set("account", account, ["city=\($0)"]) }
        var slowest = Duration.zero, longest = Duration.zero
        for (plan, what) in plans(of: try await pushLength(ann, proxy, account)) {
            try await ann.set("account", account, ["note=\(String(repeating: "on the road ", count: 300))"])
            try await scene.server.apply("{\"type\":\"account\",\"set\":{\"name\":\"\(what)\"}}")
            proxy.set(plan)
            let start = ContinuousClock.now
            let sync = try ann.start(["sync", "--json"])
            var edits = 0
            while sync.isRunning {
                let took = try await duration(of: 1) { _ in
                    try await ann.set("account", account, ["tags+=\(what) \(edits)"])
                }
                slowest = max(slowest, took)
                edits += 1
            }
            let result = try await scene.site.end(sync, expecting: [4])
            let took = ContinuousClock.now - start
            longest = max(longest, took)
            stage.expect(took < (factor == "1" ? .seconds(60) : .seconds(12)), "\(what): given up after \(took)")
            stage.expect(result.failureCode, is: "network_unavailable", "\(what): what the sync says")
            stage.expect(try await ann.status().lastFailure, is: "network_unavailable", "\(what): what the status says")
            // Healed: what comes next works, and nobody starts anything anew.
            proxy.set(.plain)
            proxy.sever()
            try await ann.sync()
            stage.expect(
                try await ann.status().pending.isEmpty, "\(what): something is pending after the line was mended")
        }
        stage.expect(slowest < max(.milliseconds(50), usual * 4), "an edit took \(slowest), and usually \(usual)")
        try await scene.server.requireDrained(scene.devices + [ann])
        try await scene.server.requireGracefulStop()
        return "given up after \(longest.milliseconds) ms at most (patience × \(factor)); slowest edit meanwhile"
            + " \(slowest.milliseconds) ms, before \(usual.milliseconds) ms, each with the start of a program"
    }

    /// Where in an exchange the line dies.
    private static func plans(of length: Int) -> [(ConnectionPlan, String)] {
        [
            (.up(.freeze(after: 0)), "before a push"), (.up(.freeze(after: length / 2)), "within a push"),
            (.down(.freeze(after: 0)), "before an answer"), (.down(.freeze(after: 200)), "within an answer"),
        ]
    }

    private static func pushLength(_ device: Device, _ proxy: FaultProxy, _ account: String) async throws -> Int {
        proxy.set(.recorded)
        try await device.sync()
        defer { proxy.set(.plain) }
        return proxy.recordings.last?.up.count ?? 0
    }

    /// The longest of so many.
    private static func duration(of count: Int, _ body: (Int) async throws -> Void) async throws -> Duration {
        var longest = Duration.zero
        for number in 0..<count {
            let start = ContinuousClock.now
            try await body(number)
            longest = max(longest, ContinuousClock.now - start)
        }
        return longest
    }

    /// N11: one bit of a request or of an answer is turned.
    static func bitFlips(_ stage: Stage) async throws -> String {
        let rounds = stage.count(1_000, over: 20)
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await scene.server.enrol("ann", url: proxy.url)
        let account = try await ann.new("account", ["name=Aster"])
        proxy.set(.recorded)
        try await ann.sync()
        var random = SeededRandom(seed: stage.seed), tally: [String: Int] = [:]
        for round in 1...rounds {
            // Something to send, and something to fetch.
            try await ann.set("account", account, ["stock+=1", "note=\(round)"])
            if round.isMultiple(of: 5) {
                try await scene.server.apply("{\"type\":\"account\",\"set\":{\"name\":\"Other \(round)\"}}")
            }
            let isUp = round.isMultiple(of: 2)
            // Heads are alike from one exchange to the next, so that of the last says where the body begins.
            let last = proxy.recordings.last.map { isUp ? $0.up : $0.down } ?? []
            let start = HTTPText.bodyStart(last) ?? 0
            let place = start + random.pick(below: max(1, last.count - start)),
                mask = UInt8(1) << UInt8(random.pick(below: 8))
            proxy.forgetRecordings()
            proxy.set(
                .recorded.with { if isUp { $0.up.flips = [place: mask] } else { $0.down.flips = [place: mask] } })
            let result = try await ann.run(["sync", "--json"], expecting: [0, 1, 3, 4])
            tally["\(isUp ? "request" : "answer") \(result.failureCode ?? "harmless")", default: 0] += 1
            proxy.forgetRecordings()
            proxy.set(.recorded)
            try await ann.sync()
            let shown = try await scene.server.show("account", account)
            stage.expect(shown.fields["stock"], is: .number(Int64(round)), "the counter after flip \(round)")
            stage.expect(shown.fields["note"], is: .text("\(round)"), "the note after flip \(round)")
        }
        try await scene.server.requireDrained(scene.devices + [ann])
        try await scene.server.requireGracefulStop()
        return "\(rounds) bits: "
            + tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
