import SatchelTestSupport

extension Network {
    /// N05: an answer cut off at 64 places, each time with a device that stands where the first one stood.
    static func truncatedDownload(_ stage: Stage) async throws -> String {
        let places = stage.count(64, over: 8)
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await scene.server.enrol("ann", url: proxy.url)
        try await scene.server.apply(customers(1..<40, seed: stage.seed))
        try await ann.sync()
        let old = try await Sight(of: ann)
        try await scene.server.apply(customers(20..<1_400, seed: stage.seed + 1))
        // Somebody whose line is good.
        let whole = try ann.twin(named: "whole")
        proxy.set(.recorded)
        try await whole.sync()
        let new = try await Sight(of: whole)
        let length = proxy.recordings.map(\.down.count).max() ?? 0
        let wanted = try await whole.digest()
        stage.expect(new.checkpoint > old.checkpoint && new.records != old.records, "nothing was pulled")

        var stayed = 0
        for place in 0..<places {
            let device = try ann.twin(named: "cut-\(place)")
            // A sync goes on by itself where something came: so the line is cut once, and then there is none.
            let first = proxy.connectionCount, count = max(1, length * (place + 1) / (places + 1))
            proxy.set { number, _ in number == first ? .down(.cut(after: count)) : .refused }
            try await device.run(["sync"], expecting: [4])
            let sight = try await Sight(of: device)
            stage.expect(
                sight == old || sight == new, "after a cut at place \(place) a device shows neither before nor after")
            if sight == old { stayed += 1 }
            proxy.set(.plain)
            try await device.sync()
            stage.expect(try await Sight(of: device) == new, "after a cut at place \(place) the next pull is another")
            stage.expect(try await device.digest() == wanted, "after a cut at place \(place) the digest is another")
        }
        try await scene.end()
        return
            "\(places) cuts of \(length) bytes: \(stayed) times as before, never between; the next pull ends at one digest"
    }

    /// N12: a pull of many pages, between which the server takes edits of both ends of the feed.
    static func pagesDuringWrites(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let (server, bo) = (scene.server, scene.devices[1])
        let count = stage.count(4_800, over: 3), pairs = count / 2
        try await server.apply(pairLines(pairs, seed: stage.seed))
        try await bo.sync()
        let proxy = try await FaultProxy(before: server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await server.enrol("ann", url: proxy.url)
        // Slow enough that the server has to wait with the later pages until the device took those before.
        proxy.set(
            .plain.with {
                $0.windowBytes = 4_096
                $0.down.bytesPerSecond = 1_500_000
            })
        let pull = try ann.start(["sync", "--json"])
        var random = SeededRandom(seed: stage.seed), edits = 0, looks = 0
        while pull.isRunning {
            let line = pairLine([random.pick(below: pairs), random.pick(below: pairs / 8), pairs - 1], by: edits + 1)
            if pull.isRunning { try await bo.apply([line]) }
            if edits < 40 { try await bo.delete("account", Semantics.id(single + edits)) }
            try await bo.sync()
            edits += 1
            try await expectWholePairs(stage, ann)
            looks += 1
        }
        let report = try await scene.site.end(pull, expecting: [0, 3]).decoded(SyncForm.self)
        stage.expect(report.pulled >= count, "the pull brought \(report.pulled) records")
        stage.expect(edits >= 3, "only \(edits) edits came while it ran")
        try await expectWholePairs(stage, ann)
        try await server.requireDrained(scene.devices + [ann])
        try await expectWholePairs(stage, ann)
        try await server.requireGracefulStop()
        return
            "\(report.pulled) records pulled while \(edits) rounds of edits were committed; pairs whole in \(looks) looks, one digest"
    }

    /// The number of the first record that is not one of a pair.
    private static let single = 1_000_000

    /// Pairs of records that go by the same region, and 40 single ones; each with a note that no compression makes small.
    private static func pairLines(_ count: Int, seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        return
            ((0..<2 * count).map { (Semantics.id($0), "\($0 / 2)") } + (0..<40).map { (Semantics.id(single + $0), "") })
            .map { id, region in
                let note = String((0..<3_400).map { _ in alphabet[random.pick(below: alphabet.count)] })
                let place = region.isEmpty ? "" : ",\"region\":\"\(region)\""
                return
                    "{\"type\":\"account\",\"id\":\"\(id)\",\"set\":{\"name\":\"Aster\",\"note\":\"\(note)\"\(place)}}"
            }.joined(separator: "\n")
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/")

    /// One change-set that adds to one half of some pairs what it takes from the other.
    private static func pairLine(_ pairs: [Int], by step: Int) -> String {
        let changes = Set(pairs).sorted().flatMap { pair in
            [(2 * pair, step), (2 * pair + 1, -step)].map { number, step in
                "{\"op\":\"update\",\"type\":\"account\",\"id\":\"\(Semantics.id(number))\",\"increment\":{\"stock\":\(step)}}"
            }
        }
        return "{\"changes\":[\(changes.joined(separator: ","))]}"
    }

    /// Expects that no pair is seen whose halves differ, or of which one half is there alone.
    private static func expectWholePairs(_ stage: Stage, _ device: Device) async throws {
        let broken = try await device.site.query(
            "SELECT count(*) FROM (SELECT 1 FROM account WHERE region <> '' GROUP BY region"
                + " HAVING sum(coalesce(stock, 0)) <> 0 OR count(*) <> 2)", in: device.databasePath)
        stage.expect(broken, is: "0", "the number of broken pairs at \(device.home)")
    }

    /// Lines that make accounts, or change those that are there.
    private static func customers(_ numbers: Range<Int>, seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        return numbers.map { number in
            let note = String((0..<60).map { _ in alphabet[random.pick(below: alphabet.count)] })
            return
                "{\"type\":\"account\",\"id\":\"\(Semantics.id(number))\",\"set\":{\"name\":\"C \(number)\",\"note\":\"\(note)\"}}"
        }.joined(separator: "\n")
    }
}

/// What a device shows, and up to where it is complete.
private struct Sight: Equatable {
    let checkpoint: Int
    let records: String

    init(of device: Device) async throws {
        checkpoint = try await device.status().checkpoint
        records = try await device.site.query("SELECT id, name, note FROM account ORDER BY id", in: device.databasePath)
    }
}
