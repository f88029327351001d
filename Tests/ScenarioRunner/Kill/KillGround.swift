import Foundation

/// A server and two devices on which processes are killed, and what must hold after each kill.
///
/// Every edit leaves a name of its own, in a set that grows or as an account, so that whatever was acknowledged can be looked for,
/// and whatever is there twice is seen. Ann's processes are killed, and the server's; Bo only looks on.
package final class KillGround {
    let server: ServerProcess
    let ann: Device
    let bo: Device
    /// The account whose tags are the names of ann's edits.
    let account: String
    let schemaPath: String
    /// What stands between ann and the server; `nil` where nothing does.
    let proxy: FaultProxy?
    var schemaVersion = 1
    /// How many records the office makes for ann to fetch.
    var officeCount = 2
    package internal(set) var tally: KillTally
    /// Names that a command acknowledged.
    private var acknowledged: Set<String> = []
    /// Names of edits that were tried, each with who made it.
    private var tried: [String: Origin] = [:]
    private var number = 0
    /// What the office made last, for ann to fetch at one checkpoint.
    private var lastOfficeNames: [String] = []
    /// How long the acts take here, now: kills at moments of chance are spread over that.
    package private(set) var usual: [KillAct: Duration] = [:]

    var site: Site { server.site }

    private init(
        server: ServerProcess, ann: Device, bo: Device, account: String, schemaPath: String, proxy: FaultProxy?,
        tally: KillTally
    ) {
        (self.server, self.ann, self.bo, self.account, self.schemaPath) = (server, ann, bo, account, schemaPath)
        (self.proxy, self.tally) = (proxy, tally)
    }

    /// Makes a store and two devices in a folder of their own.
    ///
    /// It goes on counting in `tally`; all programs make the mistake that `mutant` names.
    package static func make(
        _ tally: KillTally = KillTally(), isBehindProxy: Bool = false, mutant: String? = nil
    ) async throws -> KillGround {
        let site = try Site(variables: mutant.map { ["SATCHEL_MUTANT=\($0)"] } ?? [])
        let schemaPath = site.path("schema.yaml")
        try site.write(KillSchema.text(version: 1), to: schemaPath)
        let server = try await ServerProcess.start(in: site, schema: schemaPath)
        let proxy = isBehindProxy ? try await FaultProxy(before: server) : nil
        let (ann, bo) = (try await server.enrol("ann", url: proxy?.url), try await server.enrol("bo"))
        let account = try await ann.new("account", ["name=Aster"])
        let ground = KillGround(
            server: server, ann: ann, bo: bo, account: account, schemaPath: schemaPath, proxy: proxy, tally: tally)
        ground.usual[.sync] = try await ground.duration { try await ann.sync() }
        ground.usual[.edit] = try await ground.duration { try await ground.makeEdit() }
        ground.usual[.seal] = ground.usual[.edit]
        ground.usual[.push] = ground.usual[.sync]
        ground.usual[.office] = try await ground.duration { try await ground.makeOfficeEdits() }
        return ground
    }

    /// Ends it: the server goes in peace.
    package func end() async throws { try await server.requireGracefulStop() }

    private func duration(of body: () async throws -> Void) async throws -> Duration {
        let start = ContinuousClock.now
        try await body()
        return ContinuousClock.now - start
    }

    // MARK: Names

    /// Where an edit comes from, and so how its change-set is counted.
    enum Origin {
        /// It is a change-set of ann's.
        case own
        /// Ann made it, and it stands in a change-set of hers together with another that counts.
        case joined
        /// The office made it, or it is no edit.
        case office
    }

    /// A name that nothing has yet.
    func newName(_ kind: String, from origin: Origin = .own) -> String {
        number += 1
        let name = "\(kind)-\(number)"
        tried[name] = origin
        return name
    }

    /// The edit of this name was acknowledged.
    func acknowledge(_ name: String) { acknowledged.insert(name) }

    /// Makes an edit on ann's device, and has it acknowledged.
    func makeEdit() async throws {
        let name = newName("edit")
        try await ann.set("account", account, ["tags+=\(name)", "city=\(name)"])
        acknowledge(name)
    }

    /// Writes an account and a city into ann's tables by plain SQL, which the shell acknowledges.
    ///
    /// What a killed program left unsealed becomes one change-set with it: a row that was there before tells of such a write.
    func makeShellEdit() async throws {
        let unsealed = try await site.query(
            "SELECT count(*) FROM satchel_captured_account WHERE existed", in: ann.databasePath)
        let name = newName("sql", from: unsealed == "0" ? .own : .joined)
        let sql = """
            BEGIN; INSERT INTO account (id, name) VALUES ('\(UUID().uuidString.lowercased())', '\(name)');
            UPDATE account SET city = '\(name)' WHERE id = '\(account)'; COMMIT;
            """
        try await site.write(sql, in: ann.databasePath)
        acknowledge(name)
    }

    /// Makes accounts at the office.
    func makeOfficeEdits() async throws {
        let names = (0..<officeCount).map { _ in newName("office", from: .office) }
        try await server.apply(Self.lines(names))
        names.forEach(acknowledge)
        lastOfficeNames = names
    }

    /// Lines of JSON that make accounts.
    static func lines(_ names: [String]) -> String {
        names.map { "{\"type\":\"account\",\"set\":{\"name\":\"\($0)\"}}\n" }.joined()
    }

    // MARK: Checks

    /// Says that something does not hold after `what`.
    func note(_ harm: KillTally.Harm, _ problem: String, after what: String) {
        tally.note(harm, "after \(what): \(problem)")
    }

    /// What must hold at once, without a network: ann's program starts, all that was acknowledged is there once, in her tables and
    /// in her queue, and her file is whole.
    package func checkDevice(after what: String, startMax: Duration = .seconds(20)) async {
        do {
            let start = ContinuousClock.now
            let status = try await ann.status()
            let duration = ContinuousClock.now - start
            tally.noteStart(duration)
            if duration > startMax { note(.damaged, "the first command took \(duration)", after: what) }
            if let doubt = status.doubt {
                note(.damaged, "ann's device takes its home for another: \(doubt)", after: what)
            }
            let names = try await names(at: ann, after: what)
            let fetched = lastOfficeNames.count { names.contains($0) }
            if fetched != 0, fetched != lastOfficeNames.count {
                note(
                    .damaged, "\(fetched) of \(lastOfficeNames.count) records of one checkpoint are there", after: what)
            }
            // What came from the office is there after the next sync.
            for name in acknowledged.subtracting(names) where tried[name] != .office {
                note(.lost, "\(name) was acknowledged, and ann's device does not show it", after: what)
            }
            checkCount(names, try await ann.ledger(), after: what)
            try await checkFile(ann.databasePath, after: what)
        } catch {
            note(.damaged, "\(error)", after: what)
        }
    }

    /// What must hold with a network: within three rounds of syncs nothing moves any more, all that was acknowledged is at the
    /// server and at the other device, once, and ledgers, digests, log and files are sound.
    package func checkAll(after what: String) async {
        do {
            try await server.quiet([ann, bo])
            let ledger = try await server.ledger()
            var check = LedgerCheck(server: ledger)
            let digest = try await server.digest()
            for device in [ann, bo] {
                let (status, own, ledger) = try await device.sight()
                check.expect(status.pending.isEmpty, "\(device.home) still holds \(status.pending)")
                check.expect(status.parked.isEmpty, "\(device.home) has parked \(status.parked)")
                check.expect(own == digest, "The digest of \(device.home) is not the server's.")
                check.take(ledger, of: device)
            }
            for problem in check.problems {
                let isLost = problem.contains("was acknowledged")
                note(isLost ? .lost : problem.contains("twice") ? .doubled : .damaged, problem, after: what)
            }
            let names = try await names(at: bo, after: what)
            for name in acknowledged.subtracting(names) {
                note(.lost, "\(name) was acknowledged, and bo's device does not show it", after: what)
            }
            checkCount(names, ledger, after: what)
            try await server.command(["check"])
            try await checkFile(server.data + "/satchel.sqlite", after: what)
        } catch {
            note(.damaged, "\(error)", after: what)
        }
    }

    /// The names that a device shows, each of which may be there once.
    private func names(at device: Device, after what: String) async throws -> Set<String> {
        let accounts = try await device.list("account")
        let tags = accounts.first { $0.id == account }?.fields["tags"]?.elements ?? []
        let titles = accounts.filter { $0.id != account }.compactMap { $0.fields["name"]?.text }
        for (title, same) in Dictionary(grouping: titles, by: \.self) where same.count > 1 {
            note(.doubled, "\(title) is there \(same.count) times at \(device.home)", after: what)
        }
        let names = tags.union(titles.map { title in String(title.prefix { $0 != " " }) })
        for name in names where tried[name] == nil {
            note(.damaged, "\(device.home) shows \(name), which nobody wrote", after: what)
        }
        return names
    }

    /// As many change-sets of ann's are in a ledger as edits of hers are shown, and the one that made the account.
    private func checkCount(_ names: Set<String>, _ ledger: [LedgerForm], after what: String) {
        let own = ledger.filter { $0.actor == annsActor && !$0.dot.contains("*") }
        let shown = names.count { tried[$0] == .own } + 1
        if own.count != shown {
            note(
                own.count > shown ? .doubled : .lost, "the ledger has \(own.count) change-sets of ann's for \(shown)",
                after: what)
        }
    }

    /// The name of ann's actor, by the first edit that was acknowledged.
    private var annsActor: Substring { site.acknowledged(at: ann.home).first.map { $0.prefix { $0 != ":" } } ?? "" }

    private func checkFile(_ path: String, after what: String) async throws {
        let answer = try await site.query("PRAGMA integrity_check", in: path)
        if answer != "ok" { note(.damaged, "\(path): \(answer)", after: what) }
    }
}
