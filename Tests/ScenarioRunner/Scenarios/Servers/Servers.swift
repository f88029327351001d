import SatchelTestSupport

/// V: what happens to a server.
enum Servers {}

extension Servers {
    /// V03: the server's disk fills in a merge, in the log, and at a commit.
    static func diskFull(_ stage: Stage) async throws -> String {
        let site = try Site()
        var seen: [String] = []
        try await SmallDisk.required(in: site, megabytes: 6) { disk in
            let server = try await ServerProcess.start(in: site, data: disk.path + "/server")
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            let account = try await ann.new("account", ["name=Aster"])
            for device in [ann, bo] { try await device.sync() }
            let known = try await server.ledger().count
            let text = "note=" + String(repeating: "On the road. ", count: 600)
            let count = 40
            for number in 1...count { try await ann.new("account", ["name=Customer \(number)", text]) }
            try disk.fill()
            let push = try await ann.run(["sync", "--json"], expecting: [1, 4])
            stage.expect(push.failureCode, is: "disk_full", "what a push to a full disk is told")
            stage.expect(try await ann.status().pending.count, is: count, "edits that are still pending")
            stage.expect(try await server.ledger().count, is: known, "change-sets that a full disk took")
            // Reads go on: by a device and by an operator.
            stage.expect(try await server.show("account", account).life, is: "alive", "what the operator reads")
            let pull = try await bo.run(["sync", "--json"], expecting: [0, 1, 3, 4])
            stage.expect(pull.exitCode, is: 0, "a pull from a full disk ended: \(pull.account)")
            let log = try server.process().errorText
            stage.expect(log.contains("disk_full"), "the log does not name the full disk")
            try disk.empty()
            // It is written down as soon as there is space.
            try await server.requireAlarm("disk_full")
            try await server.requireDrained([ann, bo])
            stage.expect(try await bo.list("account").count, is: count + 1, "records once there is space")
            try await server.requireGracefulStop()
            seen.append("tmpfs: \(count) edits refused whole with disk_full, reads went on")
        }
        let scene = try await Scene.start(stage, users: ["ann"])
        for point in [
            "merge-begins:3", "merge-writes:3", "merge-logs:3", "merge-logged:3", "push-merged:1", "server-commits:1",
        ] {
            seen.append(try await planted(scene, "\(point):enospc"))
        }
        try await scene.end()
        return seen.joined(separator: "; ")
    }

    /// One push to a server whose disk is full at a fault point.
    private static func planted(_ scene: Scene, _ fault: String) async throws -> String {
        let (stage, server, ann) = (scene.stage, scene.server, scene.devices[0])
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_FAULT=\(fault)"])
        let known = try await server.ledger().count
        try await ann.apply((1...5).map { "{\"type\":\"account\",\"set\":{\"name\":\"Customer \($0)\"}}" })
        let push = try await ann.run(["sync", "--json"], expecting: [0, 1, 4])
        stage.expect(push.failureCode, is: "disk_full", "\(fault): what the push is told")
        stage.expect(try await ann.status().pending.count, is: 5, "\(fault): edits that are still pending")
        stage.expect(try await server.ledger().count, is: known, "\(fault): change-sets of the server")
        try await ann.sync()
        stage.expect(try await server.ledger().count, is: known + 5, "\(fault): change-sets in the end")
        return "\(fault) \(push.failureCode ?? "not met")"
    }

    /// V06: what was served up to a sequence is never added to, on SQLite.
    static func sequenceGap(_ stage: Stage) async throws -> String {
        let held = try await heldMerge(stage)
        return try await held + "; " + servedPrefixes(stage)
    }

    /// A merge stands still before its commit while others push and pull.
    private static func heldMerge(_ stage: Stage) async throws -> String {
        let id = Semantics.id(1)
        let scene = try await Scene.start(stage, office: [Semantics.account(id, name: "Aster")])
        let (ann, bo, cy, server) = (scene.devices[0], scene.devices[1], scene.devices[2], scene.server)
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_FAULT=merge-logged:3:stall"])
        for number in 1...4 { try await ann.set("account", id, ["tags+=ann-\(number)"]) }
        try await bo.set("account", id, ["tags+=bo"])
        let first = try ann.start(["sync", "--json"])
        try await Patience.until("a merge that stands still") { () -> Bool? in
            let sent = try await ann.status().pending.allSatisfy { $0.state == "sent" }
            return sent && first.isRunning ? true : nil
        }
        let second = try bo.start(["sync", "--json"])
        let third = try cy.start(["sync", "--json"])
        // With one writer the second waits behind the first; the third reads what is committed, and no more.
        let pulled = try await scene.site.end(third, expecting: [0, 3, 4])
        let seen = try await cy.show("account", id).fields["tags"]?.elements ?? []
        stage.expect(seen.isEmpty, "a pull saw \(seen) of a merge that was not committed")
        try await server.restartAfterKill()
        for process in [first, second] { _ = try await scene.site.end(process, expecting: [0, 3, 4]) }
        try await scene.converge()
        let all = Set((1...4).map { "ann-\($0)" } + ["bo"])
        try await scene.expect("account", id, shows: ["tags": .elements(all)])
        try await server.requireGracefulStop()
        return "a merge held before its commit: a pull beside it ended with \(pulled.exitCode) and saw nothing of it"
    }

    /// Somebody pulls again and again while others push: each time he has exactly what the log has up to his checkpoint.
    private static func servedPrefixes(_ stage: Stage) async throws -> String {
        let rounds = stage.count(100, over: 20)
        let id = Semantics.id(1)
        let users = ["ann", "bo", "cy", "watch"]
        let scene = try await Scene.start(stage, users: users, office: [Semantics.account(id, name: "Aster")])
        let watcher = scene.devices[3]
        let isDone = Locked(false), looks = Locked<[(Int, Set<String>)]>([])
        let dots = Locked<[String: String]>([:])
        try await withThrowingTaskGroup { group in
            group.addTask {
                while !isDone.withLock({ $0 }) {
                    try await watcher.sync()
                    let (checkpoint, record) = (
                        try await watcher.status().checkpoint, try await watcher.show("account", id)
                    )
                    looks.withLock { $0.append((checkpoint, record.fields["tags"]?.elements ?? [])) }
                }
            }
            try await withThrowingTaskGroup { editors in
                for (device, user) in zip(scene.devices.dropLast(), users) {
                    editors.addTask {
                        for round in 0..<rounds {
                            let dot = try await device.set("account", id, ["tags+=\(user)-\(round)"])
                            dots.withLock { $0["\(user)-\(round)"] = dot }
                            try await device.sync()
                        }
                    }
                }
                try await editors.waitForAll()
            }
            isDone.withLock { $0 = true }
            try await group.waitForAll()
        }
        try await scene.converge()
        let sequences = try await Self.sequences(of: dots.withLock { $0 }, at: scene.server)
        for (checkpoint, elements) in looks.withLock({ $0 }) {
            let wanted = Set(sequences.filter { $0.value <= checkpoint }.keys)
            stage.expect(
                elements == wanted,
                "at checkpoint \(checkpoint) a pull lacked \(wanted.subtracting(elements)) and had \(elements.subtracting(wanted))"
            )
        }
        let count = looks.withLock { $0.count }
        stage.expect(count > 2, "only \(count) pulls came between")
        try await scene.server.requireGracefulStop()
        return "\(count) pulls beside \(sequences.count) pushes: each exactly the log up to its checkpoint"
    }

    /// The sequences at which the server took change-sets, by the names that `dots` has for them.
    private static func sequences(of dots: [String: String], at server: ServerProcess) async throws -> [String: Int] {
        let log = try await server.site.query(
            "SELECT lower(hex(substr(a.name, 1, 16))) || ':' || l.counter || ' ' || l.sequence FROM satchel_log l JOIN satchel_actor a ON a.key = l.actor"
                + " WHERE NOT l.is_revision",
            in: server.data + "/satchel.sqlite")
        let pairs = log.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let known = Dictionary(pairs.map { ($0[0], Int($0[1]) ?? 0) }) { first, _ in first }
        return dots.compactMapValues { known[$0] }
    }
}
