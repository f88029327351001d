extension Semantics {
    /// M09: a tag is removed, added again by somebody who had not seen that, and removed by one who had seen both.
    static func setElement(_ stage: Stage) async throws -> String {
        let ids = (1...2).map(id)
        let scene = try await Scene.start(
            stage, office: ids.map { account($0, name: "Aster", ",\"tags\":[\"vip\",\"old\"]") })
        let (ann, bo, cy) = (scene.devices[0], scene.devices[1], scene.devices[2])
        for (id, order) in zip(ids, [[ann, bo], [bo, ann]]) {
            try await ann.set("account", id, ["tags-=vip"])
            try await bo.set("account", id, ["tags+=vip"])
            for device in order { try await device.sync() }
        }
        try await scene.converge()
        for id in ids { try await scene.expect("account", id, shows: ["tags": .elements(["old", "vip"])]) }
        for id in ids {
            try await cy.set("account", id, ["tags-=vip"])
            stage.expect(try await scene.conflicts(of: id).isEmpty, "a set is in conflict")
        }
        try await scene.converge()
        for id in ids { try await scene.expect("account", id, shows: ["tags": .elements(["old"])]) }
        // No ghost: whoever writes the record next does not bring it back.
        for (device, id) in zip([ann, bo], ids) { try await device.set("account", id, ["tags+=new", "city=Lund"]) }
        try await scene.converge()
        for id in ids { try await scene.expect("account", id, shows: ["tags": .elements(["new", "old"])]) }
        try await scene.end()
        return "present after the add, absent after the remove that had seen both, in both orders"
    }

    /// M14: two edit different fields of one record.
    static func differentFields(_ stage: Stage) async throws -> String {
        let id = id(1)
        let scene = try await Scene.start(stage, office: [account(id, name: "Aster")])
        let dots = [
            try await scene.devices[0].set("account", id, ["phone=1"]),
            try await scene.devices[1].set("account", id, ["address=Main Street 1"]),
        ]
        try await scene.converge()
        try await scene.expect("account", id, shows: ["phone": .text("1"), "address": .text("Main Street 1")])
        stage.expect(try await scene.conflicts(of: id).isEmpty, "different fields are in conflict")
        struct Line: Decodable {
            let dot: String, user: String
            let writes: [String: Shown]
        }
        for device in scene.devices {
            let log = try await device.run(["log", "account", id, "--json"]).decoded([Line].self)
            for (dot, (user, field)) in zip(dots, [("ann", "phone"), ("bo", "address")]) {
                let line = log.first { $0.dot == dot }
                stage.expect(
                    line?.user == user && line?.writes[field] != nil,
                    "\(device.home) does not say that \(user) wrote \(field)")
            }
        }
        stage.expect(try await scene.states(of: dots), is: ["visible", "visible"], "the state of the two")
        try await scene.end()
        return "both visible, both attributed on every device, no conflict"
    }

    /// M15: two write the same.
    static func sameValue(_ stage: Stage) async throws -> String {
        let id = id(1)
        let scene = try await Scene.start(stage, office: [account(id, name: "Aster", ",\"phone\":\"0\"")])
        let dots = try await scene.devices.prefix(2).asyncMap { try await $0.set("account", id, ["phone=1"]) }
        try await scene.converge()
        try await scene.expect("account", id, shows: ["phone": .text("1")])
        stage.expect(try await scene.conflicts(of: id).isEmpty, "the same value is in conflict")
        stage.expect(try await scene.states(of: dots), is: ["visible", "visible"], "the state of the two")
        try await scene.devices[2].set("account", id, ["phone=2"])
        try await scene.converge()
        try await scene.expect("account", id, shows: ["phone": .text("2")])
        stage.expect(try await scene.states(of: dots), is: ["superseded", "superseded"], "the state of the two after")
        stage.expect(try await scene.conflicts(of: id).isEmpty, "one of the two is still there")
        try await scene.end()
        return "one value with two change-sets, no conflict; both superseded by who had seen them"
    }

    /// M16: numbers that a binary float cannot hold.
    static func exactNumbers(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage)
        let (ann, server) = (scene.devices[0], scene.server)
        let (big, quantity) = ("9007199254740993", "123456789012")
        let account = try await ann.new(
            "account", ["name=Aster", "revenue=\(big)", "next_visit=2024-02-29", "credit_limit=0.10"])
        var deals: [String] = []
        for number in 1...3 { deals.append(try await ann.new("opportunity", ["name=\(number)", "amount=0.10"])) }
        for _ in 0..<3 { try await ann.set("account", account, ["stock+=\(quantity)"]) }
        let tooFine = try await ann.run(["set", "opportunity", deals[0], "amount=0.105"], expecting: [1, 64])
        stage.expect(tooFine.failureCode != nil, "half a cent was taken: \(tooFine.account)")
        let notLeap = try await ann.run(["set", "account", account, "next_visit=2023-02-29"], expecting: [1, 64])
        stage.expect(notLeap.failureCode != nil, "29 February 2023 was taken: \(notLeap.account)")
        // By CSV and by JSON lines, as the office does.
        let csv = scene.site.path("numbers.csv")
        try scene.site.write(
            "external_id,name,revenue,next_visit,credit_limit\nc-1,CSV,\(big),2024-02-29,0.10\n", to: csv)
        try await server.command(["import", "account", csv, "--as", "office"])
        try await server.apply(
            "{\"type\":\"account\",\"set\":{\"name\":\"JSON\",\"revenue\":\(big),\"next_visit\":\"2024-02-29\",\"credit_limit\":\"0.10\"}}"
        )
        try await scene.converge()

        for device in scene.devices {
            let text = try await device.run(["list", "account", "--json"]).output
            stage.expect(text.ranges(of: "\"revenue\":\(big)").count, is: 3, "\(big) in the JSON of \(device.home)")
            stage.expect(text.ranges(of: "\"next_visit\":\"2024-02-29\"").count, is: 3, "2024-02-29 there")
            stage.expect(text.ranges(of: "\"credit_limit\":\"0.10\"").count, is: 3, "0.10 there")
            let table = try await device.run(["export", "account", "--as", "csv"]).output
            for value in [big, "2024-02-29", "0.10"] {
                stage.expect(table.ranges(of: ",\(value)").count, is: 3, "\(value) in the CSV of \(device.home)")
            }
            stage.expect(
                text.contains("\"stock\":370370367036"), "three times \(quantity) is another sum at \(device.home)")
            let rows = try await scene.site.query(
                "SELECT (SELECT sum(amount) FROM opportunity), count(*), sum(revenue = \(big)), sum(next_visit = '2024-02-29'),"
                    + " sum(credit_limit), sum(stock) FROM account", in: device.databasePath)
            stage.expect(rows, is: "30|3|3|3|30|370370367036", "what SQL sums up at \(device.home)")
        }
        let text = try await server.command(["list", "account", "--json"]).output
        stage.expect(text.ranges(of: "\"revenue\":\(big)").count, is: 3, "\(big) in the server's JSON")
        try await scene.end()
        return "\(big), 0.10 × 3 = 0.30, \(quantity) × 3, 2024-02-29: exact by CLI, CSV, JSON, wire and SQLite"
    }
}
