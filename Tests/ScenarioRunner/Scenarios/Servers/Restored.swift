import Foundation

/// V02: a server is put back to an older backup, and gets back what some device still holds.
enum Restored {
    private struct RecoveryForm: Decodable {
        struct Device: Decodable {
            let user: String
            let changeSets: Int
            let states: Int

            enum CodingKeys: String, CodingKey {
                case user
                case changeSets = "change_set_count"
                case states = "state_count"
            }
        }
        struct Missing: Decodable {
            let user: String?
            let from: Int, through: Int
        }

        let epoch: String, phase: String
        let devices: [Device]
        let missing: [Missing]
    }
    private struct BackupForm: Decodable { let sequence: Int, epoch: String }
    private struct ReturnForm: Decodable {
        let isServerRestored: Bool
        enum CodingKeys: String, CodingKey { case isServerRestored = "is_server_restored" }
    }

    static func fromOlderBackup(_ stage: Stage) async throws -> String {
        let users = ["ann", "bo", "cy", "di"]
        let scene = try await Scene.start(stage, users: users)
        let (server, devices) = (scene.server, scene.devices)
        let before = stage.count(1_000, over: 10) / users.count
        for (device, user) in zip(devices, users) { try await work(device, user, 1...before) }
        try await scene.converge()
        let file = scene.site.path("older.backup")
        let backup = try await server.command(["backup", file, "--json"]).decoded(BackupForm.self)

        let after = before + stage.count(500, over: 10) / users.count
        for (device, user) in zip(devices, users) { try await work(device, user, (before + 1)...after) }
        try await server.apply(Semantics.account(Semantics.id(1), name: "Of the office"))
        let digest = try await scene.converge()
        let ledger = try await server.ledger()
        // One of them makes more, offline; another one is lost with all it has.
        let offline = stage.count(20, over: 10)
        for number in 1...offline { try await devices[2].run(["new", "account", "name=Offline \(number)"]) }
        try FileManager.default.removeItem(atPath: devices[3].home)
        let (ann, bo, cy) = (devices[0], devices[1], devices[2])
        let counts = try await [ann, bo, cy].asyncMap { try await $0.list("account").count }

        try await server.requireGracefulStop()
        try await server.command(["restore", file, "--recovery-window"])
        try await server.serve()
        stage.expect(try await recovery(server).epoch != backup.epoch, "the store lives on as it was")
        stage.expect(try await server.ledger().count < ledger.count, "nothing was lost by the restore")

        // What two hold is all that everybody had, though two others have not come.
        for device in [ann, bo] {
            let report = try await device.run(["sync", "--json"], expecting: [0, 3]).decoded(ReturnForm.self)
            stage.expect(report.isServerRestored, "\(device.home) did not notice")
        }
        stage.expect(try await server.digest(), is: digest, "the digest, with what two of four devices hold")
        for (device, count) in zip([ann, bo], counts) {
            stage.expect(try await device.list("account").count, is: count, "accounts at \(device.home)")
        }
        let report = try await cy.sync()
        stage.expect(report.pending, is: 0, "what cy still holds")
        try await server.quiet([ann, bo, cy], rounds: 4)
        let end = try await closed(stage, server, ledger, lost: (after - before))
        try await server.requireDrained([ann, bo, cy])
        try await ownDots(stage, server, ledger, of: [ann, bo, cy])
        let accounts = try await server.command(["list", "account", "--limit", "100000", "--json"]).decoded(
            [RecordForm].self
        ).count
        stage.expect(accounts, is: users.count * after + 1 + offline, "accounts in the end")
        stage.expect(counts, is: [accounts - offline, accounts - offline, accounts], "accounts before the restore")
        _ = try await server.command(["verify"])
        try await server.requireGracefulStop()
        return """
            back from sequence \(backup.sequence): \(end.devices.map(\.changeSets).reduce(0, +)) change-sets under their own dots, \
            \(end.devices.map(\.states).reduce(0, +)) states; of the lost device \(end.missing.map { $0.through - $0.from + 1 }.reduce(0, +)) named
            """
    }

    /// A device makes records with these numbers, and edits each.
    private static func work(_ device: Device, _ user: String, _ numbers: ClosedRange<Int>) async throws {
        try await device.apply(numbers.map { Semantics.account(UUID().uuidString.lowercased(), name: "\(user) \($0)") })
        try await device.sync()
    }

    private static func recovery(_ server: ServerProcess, _ verb: String = "status") async throws -> RecoveryForm {
        try await server.command(["recovery", verb, "--json"]).decoded()
    }

    /// Ends the recovery; what the lost device alone could offer is named, and nothing else but what the office did.
    private static func closed(
        _ stage: Stage, _ server: ServerProcess, _ ledger: [LedgerForm], lost: Int
    ) async throws -> RecoveryForm {
        let end = try await recovery(server, "close")
        stage.expect(end.phase, is: "closed", "the phase in the end")
        let named = end.missing.filter { $0.user == "di" }.map { $0.through - $0.from + 1 }.reduce(0, +)
        stage.expect(named, is: lost, "change-sets of the lost device that are named")
        stage.expect(
            end.missing.allSatisfy { !["ann", "bo", "cy"].contains($0.user) }, "named as missing: \(end.missing)")
        for user in ["ann", "bo", "cy"] {
            let count = end.devices.first { $0.user == user }?.changeSets
            stage.expect(count, is: lost, "change-sets that came back from \(user)")
        }
        return end
    }

    /// What the devices made before the restore has the names and the states that it had.
    private static func ownDots(
        _ stage: Stage, _ server: ServerProcess, _ before: [LedgerForm], of devices: [Device]
    ) async throws {
        let own = Set(
            try await devices.asyncMap { try await $0.ledger() }.flatMap(\.self)
                .filter { !$0.changeSet.isEmpty }.map(\.dot))
        let after = Dictionary(try await server.ledger().map { ($0.dot, $0) }) { first, _ in first }
        for line in before where own.contains(line.dot) {
            stage.expect(
                after[line.dot] == line, "\(line.dot) is \(String(describing: after[line.dot])), and was \(line)")
        }
    }
}
