import SatchelTestSupport

/// D: what happens to a device.
enum Devices {}

extension Devices {
    /// D05: the disk fills in an edit, in a photo's row, and in a pull.
    static func diskFull(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["bo"])
        var seen: [String] = []
        try await SmallDisk.required(in: scene.site, megabytes: 6) { disk in
            let ann = try await scene.server.enrol("bo", home: disk.path + "/home")
            let account = try await ann.new("account", ["name=Aster"])
            let photo = scene.site.path("photo.jpg")
            try scene.site.write(String(repeating: "light ", count: 200), to: photo)
            try disk.fill()
            // An edit and a photo's row: refused until they are refused, and what was acknowledged before stays.
            let text = "note=" + String(repeating: "On the road. ", count: 600)
            for (name, arguments) in [
                ("edit", ["set", "account", account, text, "--json"]),
                ("attach", ["photo", "add", photo, "--any", "--of", account, "--json"]),
            ] {
                var refusals = 0
                for _ in 0..<200 where refusals == 0 {
                    let result = try await ann.run(arguments, expecting: [0, 1])
                    if result.exitCode == 0 {
                        scene.site.keepAcknowledged(try result.decoded(EditForm.self).dot, at: ann.home)
                    } else {
                        stage.expect(result.failureCode, is: "disk_full", "the code of a refused \(name)")
                        refusals += 1
                    }
                }
                stage.expect(refusals, is: 1, "refusals of \(name) on a full disk")
            }
            let acknowledged = scene.site.acknowledged(at: ann.home)
            stage.expect(try await ann.ledger().count, is: acknowledged.count, "change-sets on the full disk")
            stage.expect(try await ann.show("account", account).fields["name"], is: .text("Aster"), "what is readable")
            // What was queued can still be pushed.
            let push = try await ann.run(["sync", "--json"], expecting: [0, 1, 3, 4])
            let arrived = try await scene.server.ledger().count
            stage.expect(arrived, is: acknowledged.count, "change-sets that reached the server from the full disk")
            seen.append(
                "\(acknowledged.count) acknowledged, \(arrived) pushed from the full disk (\(push.failureCode ?? "sync ended well"))"
            )
            // A pull of more than there is room for.
            let lines = (1...600).map {
                "{\"type\":\"account\",\"set\":{\"name\":\"C \($0)\",\"note\":\"\(String(repeating: "x\($0) ", count: 200))\"}}"
            }
            try await scene.server.apply(lines.joined(separator: "\n"))
            let before = try await ann.status().checkpoint
            let pull = try await ann.run(["sync", "--json"], expecting: [1, 4])
            stage.expect(pull.failureCode, is: "disk_full", "the code of a pull on a full disk")
            stage.expect(try await ann.status().checkpoint, is: before, "the checkpoint after a pull on a full disk")
            try disk.empty()
            try await ann.set("account", account, ["city=Lund"])
            try await scene.server.requireDrained(scene.devices + [ann])
            stage.expect(try await ann.list("account").count, is: 601, "records once there is space")
        }
        try await scene.server.requireGracefulStop()
        return seen.joined() + "; with space all goes on"
    }

    /// D12: two processes edit one database while a third syncs.
    static func twoProcesses(_ stage: Stage) async throws -> String {
        let edits = stage.count(10_000, over: 100)
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let ann = scene.devices[0]
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        let busy = Locked(0)
        func work(_ name: String) async throws {
            for number in 0..<(edits / 2) {
                while true {
                    let result = try await ann.run(
                        ["set", "account", account, "stock+=1", "note=\(name) \(number)", "--json"], expecting: [0, 1])
                    if result.exitCode == 0 {
                        scene.site.keepAcknowledged(try result.decoded(EditForm.self).dot, at: ann.home)
                        break
                    }
                    stage.expect(result.failureCode, is: "database_in_use", "why an edit was refused")
                    busy.withLock { $0 += 1 }
                }
            }
        }
        let isDone = Locked(false), syncs = Locked(0)
        try await withThrowingTaskGroup { group in
            group.addTask {
                while !isDone.withLock({ $0 }) {
                    try await ann.run(["sync"], expecting: [0, 1, 3])
                    syncs.withLock { $0 += 1 }
                }
            }
            try await withThrowingTaskGroup { editors in
                for name in ["gui", "cli"] { editors.addTask { try await work(name) } }
                try await editors.waitForAll()
            }
            isDone.withLock { $0 = true }
            try await group.waitForAll()
        }
        try await scene.server.requireDrained(scene.devices)
        let sum = Int64(edits / 2 * 2)
        stage.expect(try await ann.show("account", account).fields["stock"], is: .number(sum), "the sum of all edits")
        stage.expect(try await scene.server.ledger().count, is: Int(sum) + 1, "the change-sets of the server")
        stage.expect(
            try await scene.site.query("PRAGMA integrity_check", in: ann.databasePath), is: "ok",
            "the database's integrity")
        try await scene.server.requireGracefulStop()
        return "\(sum) edits by two processes, \(syncs.withLock { $0 }) syncs beside them: counters 1 to \(sum + 1),"
            + " \(busy.withLock { $0 }) times told database_in_use"
    }
}
