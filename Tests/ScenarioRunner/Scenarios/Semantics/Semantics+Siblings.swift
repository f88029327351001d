extension Semantics {
    /// M10: three values of one field, synced in all six orders.
    static func threeValues(_ stage: Stage) async throws -> String {
        let id = id(1)
        let scene = try await Scene.start(
            stage, office: [account(id, name: "Aster", ",\"phone\":\"0\",\"city\":\"Ulm\"")])
        let values = ["one", "two", "three"]
        var dots: [String] = []
        for (device, value) in zip(scene.devices, values) {
            dots.append(try await device.set("account", id, ["phone=\(value)", "city=\(value)"]))
            // Further apart than a measured clock offset can be wrong, so that the order of the times is no matter of luck.
            let edited = ContinuousClock.now
            try await Patience.until("half a second later") {
                ContinuousClock.now > edited + .milliseconds(500) ? true : nil
            }
        }
        try await scene.server.requireGracefulStop()
        let siblings = Dictionary(uniqueKeysWithValues: zip(values.map { Shown.text($0) }, dots.map { Set([$0]) }))
        var digests: Set<String> = []
        for order in Orders.all(of: 3) {
            let name = order.map { String($0) }.joined()
            let twin = try await scene.twin(named: name)
            for place in order { try await twin.devices[place].sync() }
            digests.insert(try await twin.converge())
            let conflicts = try await twin.conflicts(of: id)
            stage.expect(Set(conflicts.keys), is: ["phone", "city"], "what is in conflict in the order \(name)")
            for (field, severity) in [("phone", "decide"), ("city", "review")] {
                stage.expect(conflicts[field]?.severity, is: severity, "the severity of \(field) in the order \(name)")
                stage.expect(conflicts[field]?.siblings, is: siblings, "the siblings of \(field) in the order \(name)")
                stage.expect(
                    conflicts[field]?.winner, is: .text("three"), "the winner of \(field) in the order \(name)")
            }
            for folder in [twin.server.data] + twin.devices.map(\.home) {
                let shown = try await twin.site.query(
                    "SELECT phone || ' ' || city FROM account WHERE id = '\(id)'", in: folder + "/satchel.sqlite")
                stage.expect(shown, is: "three three", "what \(folder) shows in the order \(name)")
            }
            try await twin.server.requireGracefulStop()
        }
        stage.expect(digests.count, is: 1, "the number of digests of six orders")
        return "6 orders, 3 siblings in both fields, the same winner, 1 digest"
    }

    /// M11: writers who each miss one write of the other, and many who write at once.
    static func manyWriters(_ stage: Stage) async throws -> String {
        let cycles = stage.count(50, over: 5), deviceCount = stage.count(50, over: 5)
        let id = id(1)
        let scene = try await Scene.start(
            stage, users: ["ann", "bo"], office: [account(id, name: "Aster", ",\"phone\":\"0\"")])
        let (ann, bo) = (scene.devices[0], scene.devices[1])
        var most = 0
        for cycle in 1...cycles {
            // Each has seen all but what the other writes in this cycle.
            for (device, name) in [(ann, "ann"), (bo, "bo")] {
                try await device.set("account", id, ["phone=\(name) \(cycle)", "city=\(name) \(cycle)", "--settle"])
            }
            for device in [ann, bo] { try await device.sync() }
            for conflict in try await scene.server.conflicts().flatMap(\.conflicts) {
                most = max(most, conflict.siblings.count)
            }
        }
        stage.expect(most, is: 2, "the most siblings after one of \(cycles) cycles")
        try await scene.end()
        let crowd = try await crowd(stage, of: deviceCount)
        return "\(cycles) cycles of two: at most \(most) siblings; \(crowd)"
    }

    /// M11 (b): so many devices write one field at once.
    private static func crowd(_ stage: Stage, of count: Int) async throws -> String {
        let id = id(1)
        let users = (1...count).map { "rep-\($0)" }
        let scene = try await Scene.start(stage, users: users, office: [account(id, name: "Aster", ",\"phone\":\"0\"")])
        for (device, user) in zip(scene.devices, users) { try await device.set("account", id, ["phone=\(user)"]) }
        for device in scene.devices { try await device.sync() }
        let start = ContinuousClock.now
        let list = try await scene.server.conflicts()
        let duration = ContinuousClock.now - start
        stage.expect(list.count, is: 1, "the number of records in conflict")
        stage.expect(list.first?.conflicts.count, is: 1, "the number of conflicts")
        stage.expect(
            Set(list.first?.conflicts.first?.siblings.map(\.value) ?? []), is: Set(users.map { .text($0) }),
            "the siblings")
        stage.expect(duration < .seconds(1), "the list took \(duration)")
        // The first of them has to fetch the others' values before it has seen them all.
        try await scene.devices[0].sync()
        try await scene.devices[0].resolve("account", id, "phone", ["--value", "settled"])
        try await scene.end()
        stage.expect(
            try await scene.devices.asyncMap { try await $0.show("account", id).fields["phone"] },
            is: Array(repeating: .text("settled"), count: count), "what the devices show")
        return
            "\(count) writers: \(count) siblings in one conflict, listed in \(duration.milliseconds) ms, settled once"
    }

    /// M12: somebody resolves what another edits meanwhile, in every order of the four steps.
    static func resolutionAndEdit(_ stage: Stage) async throws -> String {
        let orders = ["RrEe", "REre", "REer", "ERre", "ERer", "EeRr"].map { Array($0) }
        let ids = (0..<6).map { id($0 + 1) }, late = id(7), stale = id(8)
        let scene = try await Scene.start(
            stage, users: ["ann", "bo", "ines"],
            office: (ids + [late, stale]).map { account($0, name: "Aster", ",\"phone\":\"0\"") })
        let (ann, ines) = (scene.devices[0], scene.devices[2])
        var left: [String: [Shown: Set<String>]] = [:]
        for (id, order) in zip(ids, orders) {
            try await disagree(scene, about: id)
            var (c, d) = ("", "")
            for step in order {
                switch step {
                case "R": c = try await ines.resolve("account", id, "phone", ["--value", "c"])
                case "r": try await ines.sync()
                case "E": d = try await ann.set("account", id, ["phone=d"])
                default: try await ann.sync()
                }
            }
            left[id] = [.text("c"): [c], .text("d"): [d]]
        }
        try await scene.converge()
        let conflicts = try await scene.conflicts()
        for (id, order) in zip(ids, orders) {
            stage.expect(
                conflicts[id]?["phone"]?.siblings, is: left[id], "what is left in the order \(String(order))")
        }
        // Who has seen the resolution edits on top of it.
        try await disagree(scene, about: late)
        try await ines.resolve("account", late, "phone", ["--value", "c"])
        for device in [ines, ann] { try await device.sync() }
        try await ann.set("account", late, ["phone=d"])
        try await scene.converge()
        stage.expect(
            try await scene.conflicts(of: late).isEmpty, "an edit that had seen the resolution is in conflict with it")
        try await scene.expect("account", late, shows: ["phone": .text("d")])
        try await expectStaleIsTold(scene, about: stale)
        try await scene.end()
        return "6 orders: c and d stand as a conflict; d alone where it had seen c; a stale resolution is told"
    }

    /// A resolution at the server that does not know of the newest edit is refused, and loses nothing.
    private static func expectStaleIsTold(_ scene: Scene, about id: String) async throws {
        try await disagree(scene, about: id)
        let form = try await scene.server.command(["conflicts", "show", id, "--json"], expecting: [0, 3])
        let token = try form.decoded(ConflictForm.self).token
        try await scene.devices[0].set("account", id, ["phone=d"])
        try await scene.devices[0].sync()
        let resolution = try await scene.server.resolve(
            id, "phone", ["--value", "c", "--token", token], expecting: [1])
        scene.stage.expect(resolution.failureCode, is: "conflict_changed", "the answer to a stale resolution")
        try await scene.converge()
        let siblings = try await scene.conflicts(of: id)["phone"]?.siblings.keys
        scene.stage.expect(siblings.map(Set.init), is: [.text("b"), .text("d")], "what is left")
    }

    /// Ann writes a, Bo b without having seen it; the third has seen both, and Ann her own alone.
    private static func disagree(_ scene: Scene, about id: String) async throws {
        try await scene.devices[0].set("account", id, ["phone=a"])
        try await scene.devices[0].sync()
        try await scene.devices[1].set("account", id, ["phone=b"])
        try await scene.devices[1].sync()
        try await scene.devices[2].sync()
    }

    /// M13: two inspectors settle the same conflict, neither knowing of the other.
    static func twoInspectors(_ stage: Stage) async throws -> String {
        let ids = (1...3).map(id)
        let scene = try await Scene.start(
            stage, users: ["ann", "bo", "ines", "ivo"],
            office: ids.map { account($0, name: "Aster", ",\"phone\":\"0\"") })
        let (ines, ivo) = (scene.devices[2], scene.devices[3])
        for id in ids { try await disagree(scene, about: id) }
        try await scene.converge()
        // On two devices: x and y, and the same twice.
        let x = try await ines.resolve("account", ids[0], "phone", ["--value", "x"])
        let y = try await ivo.resolve("account", ids[0], "phone", ["--value", "y"])
        let same = try await [ines, ivo].asyncMap {
            try await $0.resolve("account", ids[1], "phone", ["--value", "x"])
        }
        try await scene.converge()
        stage.expect(
            try await scene.conflicts(of: ids[0])["phone"]?.siblings, is: [.text("x"): [x], .text("y"): [y]],
            "the new conflict")
        stage.expect(try await scene.conflicts(of: ids[1]).isEmpty, "the same decision twice is a conflict")
        try await scene.expect("account", ids[1], shows: ["phone": .text("x")])
        stage.expect(
            try await scene.states(of: [x, y] + same), is: ["sibling", "sibling", "visible", "visible"],
            "the state of the four resolutions")
        // At the server, with what both had looked at.
        let form = try await scene.server.command(["conflicts", "show", ids[2], "--json"], expecting: [0, 3])
        let token = try form.decoded(ConflictForm.self).token
        try await scene.server.resolve(ids[2], "phone", ["--value", "x", "--token", token], expecting: [0])
        let second = try await scene.server.resolve(
            ids[2], "phone", ["--value", "y", "--token", token], expecting: [1])
        stage.expect(
            ["conflict_changed", "no_conflict", "already_done"].contains(second.failureCode ?? ""),
            "the second inspector is told \(second.account)")
        try await scene.converge()
        try await scene.expect("account", ids[2], shows: ["phone": .text("x")])
        try await scene.end()
        return
            "x and y become a conflict, x twice asks nobody; at the server the second is told (\(second.failureCode ?? ""))"
    }
}
