import Foundation
import SatchelTestSupport

/// V09, V13: a server's store is copied while it is written, and mended from its log.
enum Stores {
    private struct BackupForm: Decodable {
        let path: String, digest: String, epoch: String
        let sequence: Int
        let entries: Int

        enum CodingKeys: String, CodingKey {
            case path, digest, epoch, sequence
            case entries = "log_entries"
        }
    }

    private struct RestoreForm: Decodable {
        let digest: String, epoch: String
        let sequence: Int
    }

    /// V09: backups are made while four devices write.
    static func backupUnderLoad(_ stage: Stage) async throws -> String {
        let seconds = stage.count(30, over: 10)
        let users = ["ann", "bo", "cy", "di"]
        let scene = try await Scene.start(stage, users: users)
        let end = ContinuousClock.now + .seconds(seconds)
        let pushed = Locked(0)
        let backups = try await withThrowingTaskGroup(of: [BackupForm].self) { group in
            for (device, user) in zip(scene.devices, users) {
                group.addTask {
                    var round = 0
                    while ContinuousClock.now < end {
                        round += 1
                        try await device.apply(
                            (1...5).map {
                                Semantics.account(UUID().uuidString.lowercased(), name: "\(user) \(round) \($0)")
                            })
                        let count = try await device.sync().pushed
                        pushed.withLock { $0 += count }
                    }
                    return []
                }
            }
            group.addTask {
                var backups: [BackupForm] = []
                while ContinuousClock.now < end || backups.isEmpty {
                    let path = scene.site.path("copy-\(backups.count)")
                    backups.append(try await scene.server.command(["backup", path, "--json"]).decoded())
                }
                return backups
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await scene.converge()
        let ledger = try await scene.server.ledger().map(\.dot)
        let known = try await scene.server.command(["backup", "list", "--json"]).decoded([BackupForm].self)
        for (number, backup) in backups.enumerated() {
            stage.expect(
                known.first { $0.path == backup.path }?.digest, is: backup.digest,
                "the digest that the server keeps of \(number)")
            try await expectPrefix(stage, backup, of: ledger, in: scene.site)
        }
        let text = try await scene.server.command(["backup", scene.site.path("last")]).output
        stage.expect(text.contains("It has everything up to sequence"), "no restore point is printed: \(text)")
        // How old a restore point is, and what would be lost, is what a drill says.
        let drill = try await scene.server.command(["drill"]).output
        stage.expect(drill.contains("can be used"), "what a drill says: \(drill)")
        try await scene.server.requireGracefulStop()
        let sequences = backups.map { "\($0.sequence)" }.joined(separator: ", ")
        return
            "\(backups.count) backups beside \(pushed.withLock { $0 }) change-sets of 4 devices, at sequence \(sequences): each an exact beginning of the log"
    }

    /// A copy is whole, and holds the log up to where it says and nothing more.
    ///
    /// It is restored elsewhere, where it begins a new life.
    private static func expectPrefix(
        _ stage: Stage, _ backup: BackupForm, of ledger: [String], in site: Site
    ) async throws {
        struct DigestForm: Decodable { let digest: String }
        stage.expect(
            try await site.query("PRAGMA integrity_check", in: backup.path), is: "ok",
            "what SQLite says of \(backup.path)")
        let folder = backup.path + "-restored"
        let restored = try await site.run(
            .server, ["restore", backup.path, "--data", folder, "--json"], expecting: [0]
        ).decoded(RestoreForm.self)
        stage.expect(restored.digest, is: backup.digest, "the digest that the restore of \(backup.path) tells")
        stage.expect(restored.sequence, is: backup.sequence, "the sequence to which \(backup.path) is restored")
        stage.expect(restored.epoch != backup.epoch, "the restored store lives on as \(backup.epoch)")
        func run(_ words: [String]) async throws -> ProgramResult {
            try await site.run(.server, words + ["--data", folder, "--json"], expecting: [0])
        }
        stage.expect(
            try await run(["digest"]).decoded(DigestForm.self).digest, is: backup.digest, "the digest of \(backup.path)"
        )
        _ = try await run(["check"])
        _ = try await run(["verify"])
        let lines = try await run(["ledger"]).decodedLines(LedgerForm.self).map(\.dot)
        stage.expect(lines.count, is: backup.entries, "the change-sets of \(backup.path)")
        stage.expect(lines == Array(ledger.prefix(lines.count)), "\(backup.path) is no beginning of the log")
    }
}

extension Stores {
    /// What is done to a store, and the table that has to be named for it.
    private struct Damage {
        let name: String
        let sql: String
        let tables: [String]
        /// Whether it is about the record of the scene.
        var isOfRecord = true

        init(name: String, sql: String, table: String, isOfRecord: Bool = true) {
            (self.name, self.sql, self.tables, self.isOfRecord) = (name, sql, [table], isOfRecord)
        }

        /// Several at once.
        static func all(_ damages: [Damage]) -> Damage {
            let sql = damages.filter { $0.name != "a row" && $0.name != "a state" }
            return Damage(
                name: sql.map(\.name).joined(separator: ", "), sql: sql.map(\.sql).joined(separator: "; "),
                tables: sql.flatMap(\.tables))
        }

        private init(name: String, sql: String, tables: [String]) {
            (self.name, self.sql, self.tables, self.isOfRecord) = (name, sql, tables, false)
        }
    }

    private static func damages(_ id: String) -> [Damage] {
        let key = "(SELECT satchel_key FROM account WHERE id = '\(id)')"
        return [
            Damage(name: "a value", sql: "UPDATE account SET name = 'Wrong' WHERE id = '\(id)'", table: "account"),
            Damage(
                name: "an entry of the feed", sql: "DELETE FROM satchel_feed WHERE record = \(key)",
                table: "satchel_feed"),
            Damage(
                name: "the entry by which ids are found",
                sql: "UPDATE satchel_record SET ending = 1 WHERE key = \(key)", table: "satchel_record"),
            Damage(
                name: "a state", sql: "UPDATE account SET satchel_state = x'0100' WHERE id = '\(id)'", table: "account"),
            Damage(name: "a row", sql: "DELETE FROM account WHERE id = '\(id)'", table: "account"),
            Damage(
                name: "an index", sql: "DROP INDEX satchel_record_by_conflict", table: "satchel_record_by_conflict",
                isOfRecord: false),
            Damage(
                name: "parked work", sql: "DELETE FROM satchel_parked", table: "satchel_parked", isOfRecord: false),
        ]
    }

    private struct VerifyForm: Decodable {
        struct Difference: Decodable {
            let table: String
            let record: String?
        }

        let digest: String
        let differences: [Difference]
    }

    /// V13: derived rows are spoiled by SQL; they are named, and mended from the log.
    static func verifyAndRebuild(_ stage: Stage) async throws -> String {
        let id = Semantics.id(1)
        let scene = try await Scene.start(
            stage, office: (1...5).map { Semantics.account(Semantics.id($0), name: "Aster \($0)") })
        try await Poison.enforceRule(true, at: scene.server)
        // Two values of one field, and something that is parked.
        for (device, city) in zip(scene.devices, ["Lund", "Malmö"]) {
            try await device.set("account", id, ["city=\(city)"])
        }
        try await scene.devices[2].new("account", ["name=~Birch"])
        let digest = try await scene.converge(parked: 1)
        let server = scene.server
        try await expectWhole(stage, server, digest: digest, "before anything is spoiled")
        var names: [String] = []
        for damage in stage.size == .full ? damages(id) : [Damage.all(damages(id))] {
            try await server.requireGracefulStop()
            try await server.site.write(damage.sql, in: server.data + "/satchel.sqlite")
            // Beside a running server: it is named, and not mended.
            try await server.serve()
            let found = try await server.command(["verify", "--json"], expecting: [3]).decoded(VerifyForm.self)
            for table in damage.tables {
                stage.expect(
                    found.differences.contains { $0.table == table && ($0.record == id || !damage.isOfRecord) },
                    "\(damage.name): \(table) is not named, but \(found.differences)")
            }
            let refused = try await server.command(["verify", "--rebuild", "--json"], expecting: [1])
            stage.expect(refused.failureCode, is: "database_in_use", "a rebuild beside a running server")
            // Whoever fetches it meanwhile gets what is wrong.
            if damage.name.hasPrefix("a value") { try await fetchWrong(stage, scene, id) }
            try await server.requireGracefulStop()
            if stage.size == .full, !damage.name.hasPrefix("a value") { try await dieInRebuild(stage, server) }
            try await server.command(["verify", "--rebuild"])
            try await server.serve()
            try await expectWhole(stage, server, digest: digest, damage.name)
            stage.expect(try await scene.converge(parked: 1), is: digest, "\(damage.name): the digest in the end")
            names.append(damage.name)
        }
        try await scene.expect("account", id, shows: ["name": .text("Aster 1")])
        try await server.requireGracefulStop()
        return "named and mended, digests equal at every device: \(names.joined(separator: ", "))"
    }

    /// A device fetches the record as it stands.
    private static func fetchWrong(_ stage: Stage, _ scene: Scene, _ id: String) async throws {
        let late = try await scene.server.enrol("bo")
        try await late.sync()
        if stage.size == .full {
            stage.expect(
                try await late.show("account", id).fields["name"], is: .text("Wrong"), "what a device fetches meanwhile"
            )
        }
        try await scene.server.requireGracefulStop()
        try await scene.server.command(["verify", "--rebuild"])
        try await scene.server.serve()
        try await scene.server.requireDrained(scene.devices + [late], parked: 1)
    }

    /// A rebuild that dies has done all or nothing.
    private static func dieInRebuild(_ stage: Stage, _ server: ServerProcess) async throws {
        let before = try await server.command(["verify", "--json"], expecting: [3]).output
        let died = try await server.site.end(
            server.site.start(
                .server, ["verify", "--rebuild", "--data", server.data],
                environment: ["SATCHEL_FAULT=server-commits:1:kill"]))
        stage.expect(died.exitCode != 0, "the rebuild was not killed")
        let after = try await server.command(["verify", "--json"], expecting: [3]).output
        stage.expect(after, is: before, "what differs after a rebuild that died before its commit")
    }

    private static func expectWhole(
        _ stage: Stage, _ server: ServerProcess, digest: String, _ when: String
    ) async throws {
        let report = try await server.command(["verify", "--json"]).decoded(VerifyForm.self)
        stage.expect(report.differences.isEmpty, "\(when): \(report.differences) differ")
        stage.expect(report.digest, is: digest.filter { !$0.isWhitespace }, "\(when): the digest that the log makes")
    }
}
