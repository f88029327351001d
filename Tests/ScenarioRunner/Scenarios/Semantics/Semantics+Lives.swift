import SatchelSync

/// M: what a merge makes of what people did without knowing of each other.
enum Semantics {
    /// A line of the office that makes an account.
    static func account(_ id: String, name: String, _ more: String = "") -> String {
        "{\"type\":\"account\",\"id\":\"\(id)\",\"set\":{\"name\":\"\(name)\"\(more)}}"
    }

    /// The record of a small number.
    static func record(_ number: Int) -> RecordID {
        RecordID(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0000 + UInt64(number))
    }

    /// The id of a record by a small number.
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "01990000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}

extension Semantics {
    /// M01: one deletes a customer whom another edits.
    static func editAndDelete(_ stage: Stage) async throws -> String {
        let ids = (1...4).map(id)
        let scene = try await Scene.start(stage, office: ids.map { account($0, name: "Aster", ",\"phone\":\"1\"") })
        let (ann, bo) = (scene.devices[0], scene.devices[1])
        var edits: [String: String] = [:]
        // Ann's delete is there first for two of them, and Bo's edit for two.
        for (pair, order) in [(ids.prefix(2), [ann, bo]), (ids.suffix(2), [bo, ann])] {
            for id in pair {
                try await ann.delete("account", id)
                edits[id] = try await bo.set("account", id, ["phone=\(id.suffix(1))-by-bo"])
            }
            for device in order { try await device.sync() }
        }
        try await scene.converge()
        for id in ids {
            let conflicts = try await scene.conflicts(of: id)
            stage.expect(Array(conflicts.keys), is: ["life"], "what is in conflict of \(id)")
            stage.expect(conflicts["life"]?.severity, is: "decide", "the severity of the life of \(id)")
            stage.expect(conflicts["life"]?.users, is: ["ann", "bo"], "who is named in the conflict of \(id)")
            try await scene.expect("account", id, shows: ["phone": .text("\(id.suffix(1))-by-bo")], life: "contested")
        }
        // Either choice, by either of the two, and by somebody else.
        for (id, device, choice) in [
            (ids[0], ann, "--keep"), (ids[1], bo, "--delete"), (ids[2], scene.devices[2], "--keep"),
            (ids[3], ann, "--delete"),
        ] { try await device.resolve("account", id, "life", [choice]) }
        try await scene.converge()
        for (place, id) in ids.enumerated() {
            stage.expect(try await scene.conflicts(of: id).isEmpty, "\(id) is still in conflict")
            let value = Shown.text("\(id.suffix(1))-by-bo")
            try await scene.expect(
                "account", id, shows: ["phone": value], life: place.isMultiple(of: 2) ? "alive" : "deleted")
            let story = try await scene.server.command(["explain", edits[id] ?? "", "--json"]).output
            stage.expect(
                story.contains("\(id.suffix(1))-by-bo"), "the server no longer knows what \(edits[id] ?? "") wrote")
        }
        try await scene.end()
        return "4 contested by both parties in both orders; kept 2 and deleted 2, everywhere; no value lost"
    }

    /// M02: one deletes an account under which another makes records.
    static func deletedParent(_ stage: Stage) async throws -> String {
        let ids = (1...2).map(id)
        let scene = try await Scene.start(stage, office: ids.map { account($0, name: "Aster") })
        let (ann, bo) = (scene.devices[0], scene.devices[1])
        var children: [(type: String, id: String)] = []
        func expectReadable() async throws {
            for child in children {
                stage.expect(try await bo.show(child.type, child.id).life, is: "alive", "\(child.id) at its author")
            }
        }
        for (parent, order) in zip(ids, [[ann, bo], [bo, ann]]) {
            try await ann.delete("account", parent)
            children.append(("contact", try await bo.new("contact", ["name=Zoë", "account=\(parent)"])))
            children.append(("visit", try await bo.new("visit", ["purpose=tea", "account=\(parent)"])))
            try await expectReadable()
            for device in order { try await device.sync() }
            try await expectReadable()
        }
        try await scene.converge()
        for parent in ids {
            let conflicts = try await scene.conflicts(of: parent)
            stage.expect(Array(conflicts.keys), is: ["life"], "what is in conflict of \(parent)")
            stage.expect(conflicts["life"]?.severity, is: "decide", "the severity of the life of \(parent)")
            try await scene.expect("account", parent, shows: ["name": .text("Aster")], life: "contested")
        }
        for (place, child) in children.enumerated() {
            try await scene.expect(child.type, child.id, shows: ["account": .text(ids[place / 2])])
        }
        try await ann.resolve("account", ids[0], "life", ["--keep"])
        try await bo.resolve("account", ids[1], "life", ["--keep"])
        try await scene.converge()
        try await expectReadable()
        for parent in ids { try await scene.expect("account", parent, shows: ["name": .text("Aster")]) }
        try await scene.end()
        return "2 parents contested, 4 children readable throughout; kept"
    }
}
