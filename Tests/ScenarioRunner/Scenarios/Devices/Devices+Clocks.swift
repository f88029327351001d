import Foundation

extension Devices {
    /// D06: a clock three days ahead wins nothing and loses nothing, and everybody is told.
    static func clockAhead(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage)
        let (ann, bo, cy) = (scene.devices[0], scene.devices[1], scene.devices[2])
        let early = ann.with("SATCHEL_NOW=+259200")
        let account = try await early.new("account", ["name=Aster", "phone=1"])
        let dot = try await early.edit(["set", "account", account, "phone=2", "--json"]).dot
        for device in [early, bo, cy] { try await device.sync() }

        // Bo has seen it, Cy edits something else at the same time.
        try await bo.set("account", account, ["phone=3"])
        try await cy.set("account", account, ["city=Lund"])
        for device in [bo, cy, early, bo, cy] { try await device.sync() }
        try await scene.expect("account", account, shows: ["phone": .text("3"), "city": .text("Lund")])
        stage.expect(try await scene.conflicts(of: account).isEmpty, "a clock made a conflict")
        stage.expect(try await scene.server.ledger().allSatisfy { $0.state != "parked" }, "a clock had work parked")

        // The label, wherever the clock shows.
        let words = "about 3 days ahead"
        for (name, text) in [
            ("device list", try await scene.server.command(["device", "list"]).output),
            ("explain at the server", try await scene.server.command(["explain", dot]).output),
            ("explain on the device", try await early.run(["explain", dot]).output),
            ("log", try await early.run(["log", "account", account]).output),
            ("status", try await early.run(["status"]).output),
        ] { stage.expect(text.contains(words), "\(name) does not say \(words): \(text)") }

        // A clock that is set right: between the edit and the sync, and for good.
        try await early.set("account", account, ["note=still early"])
        try await ann.sync()
        try await ann.set("account", account, ["phone=4"])
        for device in [ann, bo, cy] { try await device.sync() }
        try await scene.expect("account", account, shows: ["phone": .text("4"), "note": .text("still early")])
        stage.expect(try await scene.conflicts(of: account).isEmpty, "a clock that was set right made a conflict")
        let right = try await scene.server.command(["device", "list"]).output
        stage.expect(!right.contains(words), "device list still says \(words): \(right)")
        try await scene.end()
        return
            "labelled in device list, explain and status; the edit that had seen it stands; after the clock was set right, too"
    }
}
