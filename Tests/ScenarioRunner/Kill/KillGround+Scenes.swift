import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Kills in which more is asked than that nothing comes to harm.
extension KillGround {
    /// Strikes ann's process without a network: what must hold holds at once, and the next program starts within two seconds.
    func strikeLocally(_ act: KillAct, _ blow: Blow) async throws -> Bool {
        guard try await perform(act, blow) else {
            tally.miss()
            return false
        }
        tally.add(blow)
        await checkDevice(after: "\(act.rawValue), struck at \(blow)", startMax: .seconds(2))
        return true
    }

    /// How many bytes a request of three edits has with its head.
    func requestLength() async throws -> Int {
        guard let proxy else { throw AcceptanceFailure("No proxy stands before the server.") }
        for _ in 0..<3 { try await makeEdit() }
        proxy.set(.recorded)
        try await ann.sync()
        proxy.set(.plain)
        return proxy.recordings.last?.up.count ?? 0
    }

    /// Kills ann's sync when a part of its request has come to the server, `part` of `parts`; `length` is that of the whole.
    func strikeHalfSent(part: Int, of parts: Int, length: Int) async throws {
        guard let proxy else { throw AcceptanceFailure("No proxy stands before the server.") }
        for _ in 0..<3 { try await makeEdit() }
        let place = part * length / max(parts, 1)
        proxy.set(.up(.freeze(after: place)))
        try await strikeWaiting(what: "sync, killed with \(place) bytes sent") { proxy.heldCount > 0 }
    }

    /// Kills ann's sync when the server has answered and none of it has come.
    func strikeUnanswered() async throws {
        guard let proxy else { throw AcceptanceFailure("No proxy stands before the server.") }
        try await makeEdit()
        proxy.set(.down(.stall(after: 0)))
        try await strikeWaiting(what: "sync, killed before the answer came") { proxy.heldCount > 0 }
    }

    private func strikeWaiting(what: String, until isTime: () -> Bool) async throws {
        let process = try ann.start(["sync", "--json"])
        try await Patience.until("bytes that are held back") { isTime() ? true : nil }
        process.signal(SIGKILL)
        let result = try await site.end(process)
        if result.exitCode != 128 + SIGKILL { throw AcceptanceFailure(result.account) }
        proxy?.sever()
        proxy?.set(.plain)
        tally.add(.later(.zero))
        await checkDevice(after: what)
        try await ann.sync()
        let pending = try await ann.status().pending
        if !pending.isEmpty { note(.damaged, "after one sync \(pending.count) edits are pending", after: what) }
        await checkAll(after: what)
    }

    /// Takes ann's newest edit out of her queue behind her back; what plain SQL wrote is sealed before.
    func loseNewestEdit() async throws {
        _ = try await ann.status()
        let newest = "(SELECT max(position) FROM satchel_change_set)"
        let sql = """
            BEGIN; DELETE FROM satchel_change_part WHERE position = \(newest);
            DELETE FROM satchel_change_set WHERE position = \(newest); COMMIT;
            """
        try await site.write(sql, in: ann.databasePath)
    }

    /// Has ann's sync stand still at a point, makes an edit meanwhile, and kills the sync.
    func strikeBesideEdit(standingAt point: String) async throws {
        try await makeOfficeEdits()
        let process = try ann.with(["SATCHEL_FAULT=\(point):1:stall"]).start(["sync", "--json"])
        try await Patience.until("records that are staged") { () async throws -> Bool? in
            let staged = try? await site.query("SELECT count(*) FROM satchel_stage", in: ann.databasePath)
            return staged.flatMap { Int($0) } ?? 0 > 0 ? true : nil
        }
        try await makeEdit()
        process.signal(SIGKILL)
        _ = try await site.end(process)
        tally.add(.point(point, 1))
        let what = "sync, killed as it stood at \(point) while an edit was made"
        await checkDevice(after: what)
        await checkAll(after: what)
    }

    /// Strikes the server in a push of so many change-sets, each of which makes two records: they are there both or neither, and
    /// after the next sync all are.
    func strikeLongPush(of count: Int, _ blow: Blow) async throws -> Bool {
        let what = "a push of \(count), struck at \(blow)"
        let sets = (0..<count).map { _ in newName("pair") }
        let lines = sets.map { name in
            let changes = ["a", "b"].map {
                "{\"op\":\"create\",\"type\":\"account\",\"set\":{\"name\":\"\(name) \($0)\"}}"
            }
            return "{\"changes\":[\(changes.joined(separator: ","))]}\n"
        }
        let path = site.path("pairs.jsonl")
        try site.write(lines.joined(), to: path)
        try await ann.run(["apply", path])
        sets.forEach(acknowledge)
        let isKilled = try await strikeServer(blow) {
            try await site.end(try ann.start(["sync", "--json"]), expecting: blow.syncCodes)
        }
        guard isKilled else {
            note(.damaged, "the server was not killed", after: what)
            return false
        }
        tally.add(blow)
        try await checkPairs(sets, areAllThere: false, after: what)
        try await server.command(["check"])
        try await ann.sync()
        try await checkPairs(sets, areAllThere: true, after: what)
        return true
    }

    private func checkPairs(_ sets: [String], areAllThere: Bool, after what: String) async throws {
        let records: [RecordForm] = try await server.command(["list", "account", "--limit", "100000", "--json"])
            .decoded()
        let titles = records.compactMap { $0.fields["name"]?.text }
        let counts = Dictionary(grouping: titles.map { $0.prefix { $0 != " " } }, by: \.self).mapValues(\.count)
        for name in sets {
            let count = counts[Substring(name)] ?? 0
            if count == 1 { note(.damaged, "\(name) is there by half", after: what) }
            if count > 2 { note(.doubled, "\(name) is there \(count) times", after: what) }
            if count == 0, areAllThere { note(.lost, "\(name) was acknowledged, and the server lacks it", after: what) }
        }
    }
}
