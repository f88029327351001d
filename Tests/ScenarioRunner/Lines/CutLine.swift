import Foundation
import SatchelSync
import SatchelTestSupport
import SatchelWire

/// A first sync, and then a long queue, over a line that is slow and cut again and again.
package struct CutLine: Sendable {
    /// Records that the first sync brings.
    package var records: Int
    /// Edits that are pushed then.
    package var edits: Int
    /// How long the line lives at a time.
    package var life: Duration
    /// How many lives a first sync takes at least.
    package var lives = 20
    package var seed: UInt64 = 1

    package init(records: Int, edits: Int, life: Duration) {
        (self.records, self.edits, self.life) = (records, edits, life)
    }

    /// What was seen.
    package struct Sight: Sendable {
        /// In words.
        package fileprivate(set) var text: [String] = []
        /// What does not hold.
        package fileprivate(set) var problems: [String] = []

        fileprivate mutating func expect(_ holds: Bool, _ problem: @autoclosure () -> String) {
            if !holds { problems.append(problem()) }
        }
    }

    /// Plays it.
    package func play() async throws -> Sight {
        var sight = Sight()
        let server = try await ServerProcess.start(in: Site(), users: ["ann", "bo"])
        for start in stride(from: 0, to: records, by: 5_000) {
            try await server.apply(lines(start..<min(start + 5_000, records)))
        }
        // What its making took is not what is asked after.
        let made = try server.process().peakKilobytes
        try server.process().forgetPeak()
        let proxy = try await FaultProxy(before: server, seed: seed)
        defer { proxy.stop() }
        proxy.set(.recorded)
        let good = try await server.enrol("bo", url: proxy.url)
        proxy.forgetRecordings()
        let undisturbed = try await sync(good, over: proxy)
        sight.text.append("undisturbed: \(undisturbed)")

        let ann = try await server.enrol("ann", url: proxy.url)
        let rate = max(4_000, Int(Double(undisturbed.down) / (life / .seconds(1)) / Double(lives)))
        proxy.set(.recorded.with { $0.down.bytesPerSecond = rate })
        let pull = try await cutting(proxy) { try await sync(ann, over: proxy) }
        sight.text.append("over a line of \(rate) bytes/s that is cut every \(life): \(pull)")
        check(pull, beside: undisturbed, &sight)
        let wanted = try await server.digest()
        sight.expect(try await ann.digest() == wanted, "the digest after the first sync is another")

        try await queue(ann)
        proxy.set(.recorded.with { $0.up.bytesPerSecond = rate })
        let push = try await cutting(proxy) { try await sync(ann, over: proxy) }
        sight.text.append("\(edits) edits over the same line the other way: \(push)")
        sight.expect(push.cuts > 0, "the line was never cut in a push")
        sight.expect(try await ann.status().pending.isEmpty, "something is pending")
        let sum = try await server.site.query("SELECT sum(stock) FROM account", in: ann.databasePath)
        sight.expect(sum == "\(edits)", "the counters of all edits come to \(sum)")
        proxy.set(.plain)
        try await server.quiet([ann, good])
        let (first, second, office) = (try await ann.digest(), try await good.digest(), try await server.digest())
        sight.expect(first == second && first == office, "the digests differ in the end")
        try await server.command(["check"])
        // However many records there are: what both ends hold of them is bounded by the page.
        for passage in [undisturbed, pull, push] {
            sight.expect(passage.peak <= 128 * 1_024, "a device took \(passage.peak) KiB")
        }
        let peak = try server.process().peakKilobytes
        sight.expect(peak <= made + 64 * 1_024, "the server took \(peak) KiB, and \(made) before it served them")
        sight.text.append(
            "the server's peak is \(peak / 1_024) MiB, and \(made / 1_024) MiB while the office made the records")
        try await server.requireGracefulStop()
        return sight
    }

    /// What went over the line in one sync, however many programs it took.
    private struct Passage: CustomStringConvertible {
        var up = 0, down = 0, connections = 0, runs = 0, cuts = 0, largest = 0, peak = 0
        var took = Duration.zero
        /// Where each request said that it resumes.
        var resumptions: [UInt64] = []

        var description: String {
            "\(took.milliseconds) ms, \(runs) runs, \(connections) connections, \(up) bytes up (\(largest) at most in a request), \(down) bytes down,"
                + " peak \(peak / 1_024) MiB"
        }
    }

    private func check(_ pull: Passage, beside undisturbed: Passage, _ sight: inout Sight) {
        sight.expect(pull.cuts > lives / 2, "the line was cut \(pull.cuts) times in the pull")
        for (before, after) in zip(pull.resumptions, pull.resumptions.dropFirst()) {
            sight.expect(after >= before, "after \(before) a request resumes at \(after)")
        }
        let distinct = Set(pull.resumptions)
        sight.expect(distinct.count > lives / 2, "only \(distinct.count) requests stand at another place")
        // Of each life the page that was cut: no more than a third of it, or the first page; and a head.
        let allowed = undisturbed.down * 3 / 2 + pull.connections * 16_384
        sight.expect(pull.down <= allowed, "\(pull.down) bytes came, \(undisturbed.down) would have been enough")
        let spare = 32 * 1_024
        sight.expect(pull.peak <= undisturbed.peak + spare, "a sync took \(pull.peak) KiB, else \(undisturbed.peak)")
    }

    /// Cuts the line again and again while something is done.
    private func cutting(_ proxy: FaultProxy, _ body: () async throws -> Passage) async throws -> Passage {
        let cuts = Locked(0), isOver = Locked(false)
        async let cutter: Void = {
            while !isOver.withLock({ $0 }) {
                let end = ContinuousClock.now + life
                try await Patience.until("the end of a line's life") {
                    ContinuousClock.now >= end || isOver.withLock { $0 } ? true : nil
                }
                proxy.sever()
                cuts.withLock { $0 += 1 }
            }
        }()
        var passage: Passage
        do {
            passage = try await body()
            isOver.withLock { $0 = true }
            try await cutter
        } catch {
            isOver.withLock { $0 = true }
            throw error
        }
        passage.cuts = cuts.withLock { $0 }
        return passage
    }

    /// Syncs until it ends well.
    private func sync(_ device: Device, over proxy: FaultProxy) async throws -> Passage {
        proxy.forgetRecordings()
        var passage = Passage()
        let begun = ContinuousClock.now
        var isDone = false
        while !isDone {
            let process = try device.start(["sync", "--json"])
            let deadline = ContinuousClock.now + .seconds(1_800)
            var peak = 0
            try await Patience.until("the end of a sync", within: .seconds(1_900)) { () throws -> Bool? in
                peak = max(peak, process.peakKilobytes)
                if ContinuousClock.now > deadline { throw AcceptanceFailure("A sync takes half an hour.") }
                return process.isRunning ? nil : true
            }
            let result = try await device.site.end(process, expecting: [0, 3, 4])
            isDone = result.exitCode != 4
            passage.runs += 1
            passage.peak = max(passage.peak, peak)
            guard passage.runs < 500 else { throw AcceptanceFailure("Five hundred syncs were not enough.") }
        }
        passage.took = ContinuousClock.now - begun
        for recording in proxy.recordings where !recording.up.isEmpty {
            passage.connections += 1
            passage.up += recording.up.count
            passage.down += recording.down.count
            for body in HTTPText.requestBodies(recording.up) {
                passage.largest = max(passage.largest, body.count)
                guard let bytes = try? Gzip.inflate(body), let request = try? WireCodec.decodeRequest(bytes) else {
                    continue
                }
                passage.resumptions.append(request.resumeAfter?.number ?? 0)
            }
        }
        return passage
    }

    /// Edits of one record after the other, each with a note that does not shrink, and with an increment.
    private func queue(_ device: Device) async throws {
        var random = SeededRandom(seed: seed &+ 1)
        for start in stride(from: 0, to: edits, by: 5_000) {
            try await device.apply(
                (start..<min(start + 5_000, edits)).map { number in
                    let note = Self.note(&random)
                    let id = Semantics.id(number % records)
                    return
                        "{\"changes\":[{\"op\":\"update\",\"type\":\"account\",\"id\":\"\(id)\",\"increment\":{\"stock\":1},\"set\":{\"note\":\"\(note)\"}}]}"
                })
        }
    }

    /// Change-sets of ten accounts each.
    private func lines(_ numbers: Range<Int>) -> String {
        var random = SeededRandom(seed: seed &+ UInt64(numbers.lowerBound))
        return stride(from: numbers.lowerBound, to: numbers.upperBound, by: 10).map { start in
            let changes = (start..<min(start + 10, numbers.upperBound)).map { number in
                "{\"op\":\"create\",\"type\":\"account\",\"id\":\"\(Semantics.id(number))\",\"set\":{\"name\":\"Customer \(number)\",\"note\":\"\(Self.note(&random))\"}}"
            }
            return "{\"changes\":[\(changes.joined(separator: ","))]}"
        }.joined(separator: "\n")
    }

    private static func note(_ random: inout SeededRandom) -> String {
        (0..<5).map { _ in String(random.next(), radix: 36) }.joined(separator: " ")
    }
}

extension RunningProcess {
    /// The most memory that it has held so far, as far as the system tells it; 0 once it is gone.
    package var peakKilobytes: Int {
        let text = String(
            decoding: FileManager.default.contents(atPath: "/proc/\(processID)/status") ?? Data(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// Has the system begin anew with that, where it can.
    package func forgetPeak() {
        try? FileHandle(forWritingAtPath: "/proc/\(processID)/clear_refs")?.write(contentsOf: Data("5".utf8))
    }
}

extension HTTPText {
    /// The bodies of the requests that went over one connection, one after the other; the last may be cut.
    fileprivate static func requestBodies(_ bytes: [UInt8]) -> [[UInt8]] {
        var bodies: [[UInt8]] = [], rest = bytes
        while let start = bodyStart(rest) {
            let length = header("content-length", of: rest).flatMap { Int($0) } ?? 0
            bodies.append(Array(rest[start...].prefix(length)))
            rest = Array(rest.dropFirst(start + length))
        }
        return bodies
    }
}
