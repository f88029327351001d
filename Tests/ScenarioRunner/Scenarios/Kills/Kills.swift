import Foundation
import SatchelTestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// D01 to D03 and V01: processes that are killed.
enum Kills {
    /// Hands over to the stage what did not hold.
    fileprivate static func report(_ ground: KillGround, to stage: Stage) {
        for problem in ground.tally.problems { stage.expect(false, "\(problem.harm.rawValue) \(problem.text)") }
    }

    fileprivate static func seconds(_ duration: Duration) -> String {
        "\(Int(duration / .milliseconds(1))) ms"
    }
}

// MARK: A device

extension Kills {
    /// D01: in a local edit, at each point and at many moments.
    static func inEdit(_ stage: Stage) async throws -> String {
        let ground = try await KillGround.make()
        var killed = 0
        for act in [KillAct.edit, .seal] {
            let points = act == .edit ? act.points : act.points + ["seal-begins", "seal-queued", "replica-commits"]
            for point in points where try await ground.strikeLocally(act, .point(point, 1)) { killed += 1 }
        }
        var random = SeededRandom(seed: stage.seed)
        let wanted = stage.count(500, over: 50)
        var moments = 0, attempts = 0
        while moments < wanted, attempts < 4 * wanted {
            attempts += 1
            let delay = (ground.usual[.edit] ?? .milliseconds(100)) * Double(random.pick(below: 1_100)) / 1_000
            if try await ground.strikeLocally(.edit, .later(delay)) { moments += 1 }
        }
        stage.expect(moments, is: wanted, "the number of edits killed at a moment of chance")
        await ground.checkAll(after: "all kills")
        try await ground.end()
        report(ground, to: stage)
        let kept = try await ground.ann.ledger().count
        return
            "killed \(killed) times at a point and \(moments) at a moment; \(kept) edits, every acknowledged one once; "
            + "slowest start \(seconds(ground.tally.slowestStart))"
    }

    /// D02: in a push, at each point from the marking of the queue to the kept verdict, and with a request half sent.
    static func inPush(_ stage: Stage) async throws -> String {
        let ground = try await KillGround.make(isBehindProxy: true)
        let points = [
            "push-marked", "push-sends", "push-answered", "verdict-keeps", "verdict-written", "verdict-kept",
        ]
        for point in points { try await ground.strike(.sync, .point(point, 1)) }
        // The commits of the sync's turns: the queue is read, the verdicts are kept.
        for place in 1...2 { try await ground.strike(.sync, .point("replica-committed", place)) }
        let parts = stage.count(16, over: 4)
        let length = try await ground.requestLength()
        for part in 0..<parts { try await ground.strikeHalfSent(part: part, of: parts, length: length) }
        try await ground.strikeUnanswered()
        try await ground.end()
        report(ground, to: stage)
        return
            "killed at \(ground.tally.points.count) points, \(parts) times with a part of the request sent, and before the "
            + "answer came; nothing doubled, every queue empty after the next sync"
    }

    /// D03: in a pull, at each point of staging and applying, with a newer schema, and with edits made meanwhile.
    static func inPull(_ stage: Stage) async throws -> String {
        let ground = try await KillGround.make()
        ground.officeCount = stage.count(2_000, over: 100)
        let points = [
            "stage-keeps", "stage-kept", "apply-begins", "apply-records", "apply-overlay", "apply-checkpoint",
            "apply-done",
        ]
        for point in points { try await ground.strike(.sync, .point(point, 1)) }
        for point in ["stage-kept", "apply-records"] { try await ground.strike(.sync, .point(point, 2)) }
        for point in KillAct.adopt.points { try await ground.strike(.adopt, .point(point, 1)) }
        for point in ["stage-kept", "apply-begins"] { try await ground.strikeBesideEdit(standingAt: point) }
        try await ground.end()
        report(ground, to: stage)
        return
            "killed at \(ground.tally.points.count) points with \(ground.officeCount) records coming, 2 of them as a newer "
            + "schema was taken, and twice with an edit made meanwhile; each time the old checkpoint or the new one"
    }
}

// MARK: The server

extension Kills {
    /// V01: the server, in the merge of a long push; each change-set makes a pair of records.
    static func inMerge(_ stage: Stage) async throws -> String {
        let ground = try await KillGround.make()
        let count = stage.count(500, over: 25)
        var kills = 0, random = SeededRandom(seed: stage.seed)
        let placeCount = stage.count(3, over: 3)
        for point in KillAct.push.points {
            let places = point.hasPrefix("merge-") ? [1, count / 2, count] : [1]
            for place in placeCount == 1 ? [random.pick(from: places)] : places
            where try await ground.strikeLongPush(of: count, .point(point, place)) { kills += 1 }
        }
        await ground.checkAll(after: "all kills")
        let log = "SELECT count(*) - count(DISTINCT sequence) FROM satchel_log WHERE sequence > 0"
        stage.expect(
            try await ground.site.query(log, in: ground.server.data + "/satchel.sqlite"), is: "0",
            "the number of sequences given out twice")
        try await ground.end()
        report(ground, to: stage)
        return
            "killed \(kills) times at \(ground.tally.points.count) points of pushes of \(count); each change-set whole or "
            + "not there, the log's chain whole, no sequence twice"
    }
}
