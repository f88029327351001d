import Foundation

/// D15, M17: a change-set that the server never takes, among many that it does, and before some that need it.
enum Poison {
    /// A rule of the house that only the server knows: it takes no customer whose name begins with a tilde.
    ///
    /// It is written into a server's store that stands still, under the version that devices have.
    static func enforceRule(_ isOn: Bool, at server: ServerProcess) async throws {
        let free = "name: { id: 1, kind: text, max_length: 200, required: true }"
        let ruled = "name: { id: 1, kind: text, max_length: 200, required: true, pattern: \"[^~].*\" }"
        let (old, new) = isOn ? (free, ruled) : (ruled, free)
        try await server.requireGracefulStop()
        try await server.site.write(
            "UPDATE satchel_meta SET schema_source = replace(schema_source, '\(old)', '\(new)')",
            in: server.data + "/satchel.sqlite")
        try await server.serve()
    }

    /// D15: of a thousand in the queue number 400 is refused, and twenty need what it makes.
    static func amongThousand(_ stage: Stage) async throws -> String {
        let count = stage.count(1_000, over: 10), place = stage.count(400, over: 10)
        let needy = stage.count(20, over: 10)
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        try await enforceRule(true, at: scene.server)
        let ann = scene.devices[0]
        let root = Semantics.id(place)
        try await ann.apply(
            (1...count).map { number in
                if number == place { return Semantics.account(root, name: "~Aster") }
                if number > count - needy {
                    return number.isMultiple(of: 2)
                        ? "{\"type\":\"account\",\"id\":\"\(root)\",\"set\":{\"city\":\"Lund \(number)\"}}"
                        : "{\"type\":\"contact\",\"id\":\"\(Semantics.id(number))\",\"set\":{\"name\":\"Contact \(number)\",\"account\":\"\(root)\"}}"
                }
                return Semantics.account(Semantics.id(number), name: "Customer \(number)")
            })
        let sync = try await ann.sync()
        stage.expect(sync.applied, is: count - needy - 1, "applied in the first sync")
        stage.expect(sync.parked, is: needy + 1, "parked in the first sync")
        stage.expect(sync.pending, is: 0, "without an answer after the first sync")
        try await expectParked(stage, ann, count: needy + 1)
        for _ in 1...2 {
            stage.expect(try await ann.sync().pushed, is: 0, "what is sent again")
        }
        try await scene.converge(parked: needy + 1)
        try await scene.server.requireGracefulStop()
        for way in Way.allCases where stage.size == .full || way != .returnedByOffice {
            try await way.play(stage, scene.twin(named: way.rawValue), needy: needy)
        }
        return
            "\(count) queued, number \(place) refused, \(needy) need it: \(count - needy - 1) in with the first sync; fixed and discarded by its author, released and made anew at the office"
    }

    /// One is rejected, and says why; the others wait for its record.
    private static func expectParked(_ stage: Stage, _ device: Device, count: Int) async throws {
        let parked = try await device.status().parked
        stage.expect(parked.count, is: count, "parked work at the device")
        stage.expect(parked.count { $0.state == "rejected" }, is: 1, "rejected change-sets")
        stage.expect(parked.first { $0.state == "rejected" }?.code, is: "invalid_value", "why it is rejected")
        stage.expect(parked.count { $0.state == "held" }, is: count - 1, "held change-sets")
        stage.expect(
            parked.allSatisfy { $0.sentence?.isEmpty == false }, "a parked change-set does not say why")
    }

    /// What can become of it.
    private enum Way: String, CaseIterable {
        case fixedByAuthor, discardedByAuthor, releasedAtOffice, madeAtOffice, returnedByOffice

        func play(_ stage: Stage, _ scene: Scene, needy: Int) async throws {
            let ann = scene.devices[0]
            let parked = try await ann.status().parked
            guard let root = parked.first(where: { $0.state == "rejected" }) else { return }
            var left = 0
            switch self {
            case .fixedByAuthor: try await ann.edit(["queue", "fix", root.dot, "name=Aster"])
            case .returnedByOffice:
                try await scene.server.command(["parked", "return", root.dot, "--reason", "no such customer"])
                try await ann.sync()
                let told = try await ann.status().parked.first { $0.dot == root.dot }
                stage.expect(told?.code, is: "returned", "what its author is told of work that was given back")
                try await ann.edit(["queue", "discard", root.dot, "--with-waiting"])
            case .discardedByAuthor:
                try await ann.edit(["queue", "discard", root.dot])
                try await ann.sync()
                stage.expect(try await ann.status().parked.count, is: needy, "\(self): what still waits for the record")
                // Each of those can be given up, too.
                for work in parked where work.dot != root.dot { try await ann.edit(["queue", "discard", work.dot]) }
            case .releasedAtOffice: try await scene.server.command(["parked", "release", root.dot])
            case .madeAtOffice:
                try await scene.server.apply(Semantics.account(root.records.first ?? "", name: "Aster AB"))
                left = 1
            }
            try await scene.converge(parked: left)
            stage.expect(try await ann.status().parked.count, is: left, "\(self): what is parked in the end")
            let id = root.records.first ?? ""
            if self == .discardedByAuthor || self == .returnedByOffice {
                stage.expect(
                    try await !scene.devices[1].list("account").contains { $0.id == id }, "a discarded record is shown")
            } else {
                let name = self == .releasedAtOffice ? "~Aster" : self == .madeAtOffice ? "Aster AB" : "Aster"
                for device in scene.devices.suffix(1) {
                    let shown = try await device.show("account", id)
                    stage.expect(shown.fields["name"], is: .text(name), "\(self): the name at \(device.home)")
                    stage.expect(
                        shown.fields["city"]?.text?.hasPrefix("Lund") == true,
                        "\(self): what waited is not at \(device.home)")
                }
            }
            try await scene.server.requireGracefulStop()
        }
    }
}

extension Poison {
    /// M17: offline a rep makes a customer, a contact, an opportunity and a note, each needing the one before; the customer is
    /// refused.
    static func rootOfChain(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        try await enforceRule(true, at: scene.server)
        let ann = scene.devices[0]
        let account = try await ann.new("account", ["name=~Aster"])
        let contact = try await ann.new("contact", ["name=Kim", "account=\(account)"])
        let opportunity = try await ann.new("opportunity", ["name=Chairs", "account=\(account)", "contact=\(contact)"])
        let note = try await ann.new("note", ["body=Wants ten", "opportunity=\(opportunity)"])
        let chain = [("account", account), ("contact", contact), ("opportunity", opportunity), ("note", note)]
        let sync = try await ann.sync()
        stage.expect([sync.applied, sync.parked], is: [0, 4], "what went in of the four, and what is parked")
        let parked = try await ann.status().parked
        stage.expect(parked.map(\.state), is: ["rejected", "held", "held", "held"], "the states that the rep sees")
        stage.expect(
            parked.first?.sentence?.contains("name") == true, "the reason is \(parked.first?.sentence ?? "none")")
        for (type, id) in chain {
            stage.expect(try await ann.show(type, id).life, is: "alive", "the \(type) at the rep's device")
        }
        try await scene.converge(parked: 4)
        try await scene.server.requireGracefulStop()
        guard let root = parked.first?.dot else { return "" }
        let fixed = try await scene.twin(named: "fixed")
        try await fixed.devices[0].edit(["queue", "fix", root, "name=Aster"])
        try await fixed.converge()
        for (type, id) in chain { try await fixed.expect(type, id, shows: [:]) }
        let dots = try await fixed.server.ledger().map(\.dot).filter { $0.contains("*") }
        stage.expect(dots, is: parked.dropFirst().map { star($0.dot) }, "what was released, in order")
        try await fixed.server.requireGracefulStop()
        try await discard(stage, scene, parked.map(\.dot))
        return
            "four visible with their states; the fix of the first lets three in behind it; its discard asks about the three"
    }

    /// The discard names the three, and takes them along where it is told to.
    private static func discard(_ stage: Stage, _ scene: Scene, _ parked: [String]) async throws {
        struct Form: Decodable {
            let also: [String], waiting: [String]

            enum CodingKeys: String, CodingKey {
                case also = "also_discarded"
                case waiting = "still_waiting"
            }
        }
        let alone = try await scene.twin(named: "alone")
        let told = try await alone.devices[0].run(["queue", "discard", parked[0], "--json"]).decoded(Form.self)
        stage.expect(told.waiting, is: Array(parked.dropFirst()), "what a discard of the first alone says")
        try await alone.converge(parked: 3)
        try await alone.server.requireGracefulStop()
        let scene = try await scene.twin(named: "discarded")
        let all = try await scene.devices[0].run(["queue", "discard", parked[0], "--with-waiting", "--json"])
            .decoded(Form.self)
        stage.expect(all.also, is: Array(parked.dropFirst()), "what goes with the first")
        try await scene.converge()
        for type in ["account", "contact", "opportunity", "note"] {
            stage.expect(try await scene.devices[0].list(type).isEmpty, "a discarded \(type) is shown")
        }
        try await scene.server.requireGracefulStop()
    }

    /// The name under which a change-set is released.
    private static func star(_ dot: String) -> String { dot + "*:1" }
}
