import SatchelTestSupport

extension Network {
    /// A device on a line of its own that dies somewhere in an exchange.
    private struct DyingLine {
        let device: Device
        let proxy: FaultProxy
        let account: String
        /// Where it dies, for people.
        let place: String
    }

    /// N06: lines on which nothing passes any more and nobody is told, in a push and in a pull; four devices meet that at once.
    static func halfOpen(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann"])
        // In quick size a debug build gives up ten times as soon as it does otherwise.
        let factor = stage.count(10, over: 10) == 1 ? "0.1" : "1"
        let lines = try await dyingLines(scene, patience: factor)
        defer { for line in lines { line.proxy.stop() } }
        let usual = try await duration(of: stage.count(20, over: 2)) {
            try await lines[0].device.set("account", lines[0].account, ["city=\($0)"])
        }
        for line in lines {
            try await line.device.set(
                "account", line.account, ["note=\(String(repeating: "on the road ", count: 300))"])
        }
        try await scene.server.apply("{\"type\":\"account\",\"set\":{\"name\":\"Birch\"}}")
        let (slowest, longest) = try await editsMeanwhile(scene, lines, giveUpMax: factor == "1" ? 60 : 12)
        stage.expect(slowest < max(.milliseconds(50), usual * 4), "an edit took \(slowest), and usually \(usual)")
        // Healed: what comes next works, and nobody starts anything anew.
        for line in lines {
            line.proxy.set(.plain)
            line.proxy.sever()
            try await line.device.sync()
            let pending = try await line.device.status().pending
            stage.expect(pending.isEmpty, "\(line.place): something is pending after the line was mended")
        }
        try await scene.server.requireDrained(scene.devices + lines.map(\.device))
        try await scene.server.requireGracefulStop()
        return "given up after \(longest.milliseconds) ms at most (patience × \(factor)); slowest edit meanwhile"
            + " \(slowest.milliseconds) ms, before \(usual.milliseconds) ms, each with the start of a program"
    }

    /// Devices that have synced once, each before a line that is about to die.
    private static func dyingLines(_ scene: Scene, patience: String) async throws -> [DyingLine] {
        var lines: [DyingLine] = []
        for place in ["before a push", "within a push", "before an answer", "within an answer"] {
            let proxy = try await FaultProxy(before: scene.server, seed: scene.stage.seed)
            let device = try await scene.server.enrol("ann", url: proxy.url).with("SATCHEL_PATIENCE=\(patience)")
            let account = try await device.new("account", ["name=Aster"])
            proxy.set(.recorded)
            try await device.sync()
            let length = proxy.recordings.last?.up.count ?? 0
            let plan: ConnectionPlan =
                switch place {
                case "before a push": .up(.freeze(after: 0))
                case "within a push": .up(.freeze(after: length / 2))
                case "before an answer": .down(.freeze(after: 0))
                default: .down(.freeze(after: 200))
                }
            proxy.set(plan)
            lines.append(DyingLine(device: device, proxy: proxy, account: account, place: place))
        }
        return lines
    }

    /// Syncs over lines that die, and edits meanwhile, one edit after the other; the slowest edit, and the longest that a sync waited.
    private static func editsMeanwhile(
        _ scene: Scene, _ lines: [DyingLine], giveUpMax: Int
    ) async throws -> (slowest: Duration, longest: Duration) {
        let start = ContinuousClock.now
        let syncs = try lines.map { try $0.device.start(["sync", "--json"]) }
        let longest = Locked(Duration.zero)
        var slowest = Duration.zero
        try await withThrowingTaskGroup { group in
            for (line, sync) in zip(lines, syncs) {
                group.addTask {
                    let result = try await scene.site.end(sync, expecting: [4])
                    let took = ContinuousClock.now - start
                    longest.withLock { $0 = max($0, took) }
                    scene.stage.expect(took < .seconds(giveUpMax), "\(line.place): given up after \(took)")
                    scene.stage.expect(
                        result.failureCode, is: "network_unavailable", "\(line.place): what the sync says")
                    scene.stage.expect(
                        try await line.device.status().lastFailure, is: "network_unavailable",
                        "\(line.place): what the status says")
                }
            }
            var edits = 0
            while syncs.contains(where: \.isRunning) {
                for (line, sync) in zip(lines, syncs) where sync.isRunning {
                    edits += 1
                    let took = try await duration(of: 1) { [edits] _ in
                        try await line.device.set("account", line.account, ["tags+=\(edits)"])
                    }
                    slowest = max(slowest, took)
                }
            }
            try await group.waitForAll()
        }
        return (slowest, longest.withLock { $0 })
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
        let rounds = stage.count(1_000, over: 40)
        let scene = try await Scene.start(stage, users: ["bo"])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await scene.server.enrol("bo", url: proxy.url)
        let account = try await ann.new("account", ["name=Aster"])
        proxy.set(.recorded)
        try await ann.sync()
        var random = SeededRandom(seed: stage.seed), tally: [String: Int] = [:], recording = ConnectionRecording()
        for round in 1...rounds {
            // Something to send, and something to fetch.
            try await ann.set("account", account, ["stock+=1", "note=\(round)"])
            if round.isMultiple(of: 5) {
                try await scene.server.apply("{\"type\":\"account\",\"set\":{\"name\":\"Other \(round)\"}}")
            }
            let isUp = round.isMultiple(of: 2)
            // Heads are alike from one exchange to the next, so that of the last says where the body begins. One whose request was
            // turned holds two of each, for the device asked again.
            if isUp || round == 1 { recording = proxy.recordings.last ?? recording }
            let last = isUp ? recording.up : recording.down
            let start = HTTPText.bodyStart(last) ?? 0
            let place = start + random.pick(below: max(1, last.count - start)),
                mask = UInt8(1) << UInt8(random.pick(below: 8))
            proxy.forgetRecordings()
            proxy.set(
                .recorded.with { if isUp { $0.up.flips = [place: mask] } else { $0.down.flips = [place: mask] } })
            let result = try await ann.run(["sync", "--json"], expecting: [0, 1, 3, 4])
            let end =
                HTTPAnswer(proxy.recordings.first?.down ?? []).map { $0.problemCode ?? "\($0.status)" } ?? "no answer"
            let met = isUp ? "request, answered \(end)" : "answer, taken as \(result.failureCode ?? "what it was")"
            tally[met, default: 0] += 1
            proxy.set(.recorded)
            if result.exitCode != 0 {
                proxy.forgetRecordings()
                try await ann.sync()
            }
            let shown = try await scene.site.query(
                "SELECT stock || ' ' || note FROM account WHERE id = '\(account)'",
                in: scene.server.data + "/satchel.sqlite")
            stage.expect(shown, is: "\(round) \(round)", "the counter and the note after flip \(round)")
        }
        try await scene.server.requireDrained(scene.devices + [ann])
        try await scene.server.requireGracefulStop()
        return "\(rounds) bits: "
            + tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
