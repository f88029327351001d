import Foundation

/// V12: the code of a merge throws what nobody knows.
enum Thrown {
    private struct ParkedForm: Decodable {
        let dot: String
        let code: String?, sentence: String?
    }

    /// Once, at a point of the merge, and every time for one type of records: what it throws at is parked, with the name of the
    /// request, and the others go in.
    static func inMerge(_ stage: Stage) async throws -> String {
        try await [once(stage), everyTimeForOneType(stage)].joined(separator: "; ")
    }

    private static func once(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let (ann, bo, server) = (scene.devices[0], scene.devices[1], scene.server)
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_FAULT=merge-writes:2:throw"])
        for name in ["one", "two", "three"] { try await ann.set("account", account, ["tags+=\(name)"]) }
        let parked = try await expectParked(stage, scene, at: ann, count: 1, "planted at merge-writes")
        // Without the fault it can be let in.
        try await server.requireGracefulStop()
        try await server.serve()
        for one in parked { try await server.command(["parked", "release", one.dot]) }
        try await scene.converge()
        let tags = try await bo.show("account", account).fields["tags"]?.elements
        stage.expect(tags, is: ["one", "two", "three"], "the tags at bo's device")
        try await server.requireGracefulStop()
        return "1 of 3 parked as internal_error with its request's name, 2 applied; released later"
    }

    /// A trigger of SQL stands for code that fails for visits, and only in the middle of writing them.
    private static func everyTimeForOneType(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(
            stage, users: ["ann", "bo"], office: [Semantics.account(Semantics.id(1), name: "Aster")])
        let (ann, bo, server) = (scene.devices[0], scene.devices[1], scene.server)
        try await server.requireGracefulStop()
        let database = server.data + "/satchel.sqlite"
        try await server.site.write(
            "CREATE TRIGGER planted BEFORE INSERT ON visit BEGIN SELECT RAISE(ABORT, 'the planted trigger'); END",
            in: database)
        try await server.serve()
        let visits = 2
        for number in 1...visits {
            try await ann.set("account", Semantics.id(1), ["tags+=before-\(number)"])
            try await ann.edit(["visit", "plan", Semantics.id(1), "--at", "15:00"])
            try await ann.set("account", Semantics.id(1), ["tags+=after-\(number)"])
        }
        try await bo.set("account", Semantics.id(1), ["tags+=bo"])
        // Both at once, so that they may share a transaction.
        let other = try bo.start(["sync", "--json"])
        let parked = try await expectParked(stage, scene, at: ann, count: visits, "the planted trigger")
        _ = try await scene.site.end(other, expecting: [0, 3])
        for device in scene.devices {
            stage.expect(try await device.sync().pushed, is: 0, "what \(device.home) sends again")
        }
        let tags = try await server.show("account", Semantics.id(1)).fields["tags"]?.elements?.count
        stage.expect(tags, is: visits * 2 + 1, "the edits beside what threw that are in the store")
        try await server.requireGracefulStop()
        try await server.site.write("DROP TRIGGER planted", in: database)
        try await server.serve()
        for one in parked { try await server.command(["parked", "release", one.dot]) }
        try await scene.converge()
        stage.expect(try await bo.list("visit").count, is: visits, "the visits at bo's device")
        try await server.requireGracefulStop()
        return
            "all \(visits) of one type parked, \(visits * 2) of the same push and another device's applied, nothing sent again; released later"
    }

    /// The device's push comes to its end; so many of it are parked, and each names the request whose line in the log has the cause.
    private static func expectParked(
        _ stage: Stage, _ scene: Scene, at device: Device, count: Int, _ cause: String
    ) async throws -> [ParkedForm] {
        struct AlarmForm: Decodable { let code: String }
        let sync = try await device.run(["sync", "--json"], expecting: [3])
        stage.expect(sync.failureCode, is: nil, "what the push is told")
        let parked = try await scene.server.command(["parked", "list", "--json"], expecting: [3]).decoded(
            [ParkedForm].self)
        stage.expect(parked.count, is: count, "the number of parked change-sets")
        let status = try await device.status()
        stage.expect(status.pending.isEmpty, "\(status.pending.count) others were held back")
        stage.expect(status.parked.map(\.code), is: parked.map { _ in "internal_error" }, "why they are parked")
        let log = try scene.server.process().errorText
        for one in parked {
            guard let request = one.sentence?.firstMatch(of: /[0-9a-f]{16}/)?.output else {
                stage.expect(false, "no request is named: \(one.sentence ?? "no sentence")")
                continue
            }
            let lines = log.split(separator: "\n").filter { $0.contains(request) && $0.contains(one.dot) }
            stage.expect(
                lines.contains { $0.contains(cause) },
                "the log does not tell the cause of \(one.dot) in request \(request)")
        }
        try await Patience.until("the alarm") {
            try await scene.server.command(["alarms", "list", "--json"]).decoded([AlarmForm].self)
                .contains { $0.code == "merge_failed" } ? true : nil
        }
        return parked
    }
}
