import Foundation
import SatchelSync
import SatchelWire

extension Network {
    /// N01: the server has committed a push, and its answer is lost: cut off, cut in the middle, or the device dies waiting for it.
    static func lostAcknowledgement(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(
            stage, users: ["ann", "bo"], office: [Semantics.account(Semantics.id(1), name: "Aster")])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await scene.server.enrol("ann", url: proxy.url)
        try await ann.sync()
        var told = 0
        for (round, loss) in [LanePlan.End.cut(after: 0), .reset(after: 40), .stall(after: 0)].enumerated() {
            let known = try await scene.server.ledger().count
            // One of the ten comes to stand beside what somebody else wrote.
            try await scene.devices[1].set("account", Semantics.id(1), ["city=Lund \(round)"])
            try await scene.devices[1].sync()
            var dots = [try await ann.set("account", Semantics.id(1), ["city=Malmö \(round)"])]
            for number in 1...stage.count(9, over: 3) {
                dots.append(try await ann.set("account", Semantics.id(1), ["stock+=1", "tags+=\(round)-\(number)"]))
            }
            let count = dots.count
            proxy.set(.down(loss))
            let lost = try ann.start(["sync", "--json"])
            // The answer is on its way, or gone, once the server has all ten.
            try await Patience.until("all change-sets at the server") {
                try await scene.server.ledger().count == known + count + 1 ? true : nil
            }
            if case .stall = loss {
                lost.signal(SIGKILL)
                _ = try await scene.site.end(lost)
            } else {
                _ = try await scene.site.end(lost, expecting: [4])
            }
            stage.expect(try await ann.status().pending.count, is: count, "edits without an answer")
            let verdicts = try await verdicts(of: dots, at: scene.server)
            proxy.forgetRecordings()
            proxy.set(.recorded)
            try await ann.sync()
            let answers = proxy.recordings.compactMap { HTTPAnswer($0.down) }
            let again = try answers.flatMap { try $0.frames().verdicts }.map(\.verdict.isApplied)
            stage.expect(again, is: Array(repeating: true, count: count), "the verdicts of the second answer")
            stage.expect(
                try await self.verdicts(of: dots, at: scene.server) == verdicts, "another verdict the second time")
            stage.expect(try await ann.status().pending.isEmpty, "the queue is not empty after the second answer")
            stage.expect(try await scene.server.ledger().count, is: known + count + 1, "change-sets of the server")
            told += again.count
        }
        try await scene.server.requireDrained(scene.devices + [ann])
        for device in scene.devices + [ann] {
            let shown = try await device.show("account", Semantics.id(1))
            stage.expect(shown.fields["stock"], is: .number(Int64(told - 3)), "the counter at \(device.home)")
        }
        try await scene.server.requireGracefulStop()
        return
            "3 answers lost (cut off, cut in the middle, the device killed): \(told) change-sets once, the same verdicts again"
    }

    /// Verdict and sequence of each, as the log has them.
    private static func verdicts(of dots: [String], at server: ServerProcess) async throws -> [String] {
        struct Story: Decodable {
            let verdict: String
            let sequence: Int?
        }
        return try await dots.asyncMap { dot in
            let story = try await server.command(["explain", dot, "--json"]).decoded(Story.self)
            return "\(story.verdict) \(story.sequence ?? 0)"
        }
    }

    /// N03: change-sets 11 to 20 come before 1 to 10.
    static func batchesOutOfOrder(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        var device = try await PlayedDevice.enrol("ann", at: scene.server)
        for number in 1...20 { device.makeAccount(Semantics.record(number), name: "Customer \(number)") }
        func push(_ part: Range<Int>) async throws -> HTTPAnswer {
            try await RawRequest(headers: device.headers(.protobuf), body: device.body(.protobuf, only: part))
                .exchange(with: scene.server)
        }
        for _ in 1...3 {
            let early = try await push(10..<20)
            stage.expect(early.status, is: 409, "the status of the second batch where the first is missing")
            stage.expect(early.problemCode, is: "dot_gap", "the code of that")
            stage.expect(try WireCodec.decodeProblem(early.body).nextCounter, is: 1, "the number that is wanted")
        }
        stage.expect(try await scene.server.ledger().isEmpty, "something of a batch that came too early was kept")
        try await scene.devices[1].sync()
        stage.expect(try await scene.devices[1].list("account").isEmpty, "something of it was shown")
        for part in [0..<10, 10..<20, 0..<10, 10..<20, 0..<20] {
            let answer = try await push(part)
            stage.expect(answer.status, is: 200, "the status of \(part)")
            let verdicts = try PlayedDevice.verdicts(answer, .protobuf)
            stage.expect(verdicts.values.count { $0.isApplied }, is: part.count, "applied of \(part)")
        }
        let ledger = try await scene.server.ledger()
        stage.expect(ledger.map(\.counter), is: Array(1...20), "the order at the server")
        try await scene.converge()
        stage.expect(try await scene.devices[1].list("account").count, is: 20, "accounts at bo's device")
        try await scene.server.requireGracefulStop()
        return "11 to 20 before 1 to 10: dot_gap naming 1, nothing kept; then all 20 in order, once"
    }
}
