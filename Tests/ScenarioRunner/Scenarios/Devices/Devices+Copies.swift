import Foundation
import SatchelTestSupport

extension Devices {
    /// D07: a device's files are copied, with a queue, and both go on.
    static func copied(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let (server, ann, bo) = (scene.server, scene.devices[0], scene.devices[1])
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        for number in 1...5 { try await ann.set("account", account, ["stock+=1", "note=shared \(number)"]) }
        let copy = try ann.copied(as: "copy")
        try await ann.set("account", account, ["phone=1"])
        try await ann.set("account", account, ["city=Lund", "stock+=1"])
        // What the copy makes has its name only until the server has spoken.
        for edit in [["phone=2"], ["website=https://aster.example", "stock+=1"], ["industry=Tea"]] {
            try await copy.run(["set", "account", account] + edit)
        }
        stage.expect(try await copy.status().doubt, is: "copy", "what the copy's status says")
        stage.expect(try await ann.status().doubt, is: nil, "what the original's status says")
        stage.expect(try await copy.run(["status"]).output.contains("is a copy of"), "the text of the copy's status")

        stage.expect(try await ann.sync().forks, is: 0, "forks at the original")
        let report = try await copy.sync()
        stage.expect(report.forks, is: 1, "forks at the copy")
        stage.expect(report.renamed, is: 3, "change-sets that got other names")
        let (first, second) = (try await ann.actor(), try await copy.actor())
        stage.expect(first != second, "both go on as \(first)")
        stage.expect(try await copy.status().doubt, is: nil, "what the copy's status says then")
        try await server.requireDrained([ann, copy, bo])
        stage.expect(try await server.ledger().count, is: 1 + 5 + 2 + 3, "change-sets at the server")
        let shown = try await bo.show("account", account)
        stage.expect(shown.fields["stock"], is: .number(7), "the counter that both counted")
        for (field, value) in ["note": "shared 5", "city": "Lund", "industry": "Tea"] {
            stage.expect(shown.fields[field], is: .text(value), field)
        }
        // Both had written that without having seen each other, and nothing else.
        stage.expect(Array(shown.conflicts.keys), is: ["phone"], "conflicts")
        let forks = try await server.devices().filter { $0.name == "ann-1" }.map(\.forks.count)
        stage.expect(forks, is: [1], "forks in the list of devices")
        stage.expect(
            try await server.command(["alarms", "list"], expecting: [0, 3]).output.contains("device_forked"),
            "the alarm")
        try await server.requireGracefulStop()
        return
            "found at its first sync; 5 shared edits once, 2 and 3 of each kept, one conflict; the operator sees the fork"
    }

    /// D08: a device's files are put back to an earlier day, and it goes on.
    static func putBack(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let (server, ann, bo) = (scene.server, scene.devices[0], scene.devices[1])
        let account = try await ann.new("account", ["name=Aster"])
        for number in 1...10 { try await ann.set("account", account, ["stock+=1", "note=\(number)"]) }
        try await ann.sync()
        let saved = try ann.copied(as: "saved")
        var last = ""
        // These are the server's alone to tell of, once they are no longer here.
        for number in 11...20 {
            let edit = ["set", "account", account, "stock+=1", "note=\(number)", "--json"]
            last = try await ann.run(edit).decoded(EditForm.self).dot
        }
        try await ann.sync()
        try ann.replaceFiles(with: saved)

        let status = try await ann.status()
        stage.expect(status.doubt, is: "older", "what the status says")
        stage.expect(status.doubtMissing, is: last, "what the status misses")
        for edit in [["phone=1"], ["city=Lund"], ["note=put back"], ["stock+=1"], ["industry=Tea"]] {
            try await ann.run(["set", "account", account] + edit)
        }
        let report = try await ann.sync()
        stage.expect(report.forks, is: 1, "forks")
        stage.expect(report.renamed, is: 5, "change-sets that got other names")
        try await server.requireDrained([ann, bo])
        stage.expect(try await server.ledger().count, is: 1 + 20 + 5, "change-sets at the server")
        let shown = try await ann.show("account", account)
        stage.expect(shown.fields["stock"], is: .number(21), "the counter")
        stage.expect(shown.fields["city"], is: .text("Lund"), "city")
        // The edit of the note had seen the tenth and not the twentieth.
        let sight = try await scene.conflicts(of: account)
        stage.expect(Array(sight.keys), is: ["note"], "conflicts")
        stage.expect(
            sight["note"].map { Set($0.siblings.keys) }, is: [.text("20"), .text("put back")], "values of the note")
        stage.expect(try await ann.status().doubt, is: nil, "what the status says in the end")
        try await server.requireGracefulStop()
        return
            "status says so before any sync; 10 acknowledged edits came back, 5 new ones under new names, one conflict"
    }

    /// D10: a device's files are gone with a part of its queue, and its user enrols again.
    static func wiped(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["bo"])
        let server = scene.server
        let proxy = try await FaultProxy(before: server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await server.enrol("bo", url: proxy.url)
        var random = SeededRandom(seed: stage.seed)
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        for _ in 1...7 {
            let text = (0..<400).map { _ in String(random.next(), radix: 36) }.joined()
            try await ann.run(["set", "account", account, "note=\(text)"])
        }
        // The line carries less and less, then one small push, and then nothing.
        proxy.set(.up(.cut(after: 2_000)))
        for _ in 0..<4 { try await ann.run(["sync"], expecting: [4]) }
        let count = proxy.connectionCount
        proxy.set { number, _ in number == count ? .up(.cut(after: 9_000)) : .refused }
        try await ann.run(["sync"], expecting: [4])
        let pending = try await ann.status().pending.count, judged = try await server.ledger().count
        stage.expect(pending > 0 && pending < 7 && pending + judged == 8, "\(pending) pending, \(judged) at the server")
        let old = try await ann.actor()
        try FileManager.default.removeItem(atPath: ann.home)

        // A day later.
        try await server.stop()
        try await server.serve(environment: ["SATCHEL_NOW=+90000"])
        proxy.set(.plain)
        let code = try await server.code(for: "bo")
        try await ann.run(["enrol", proxy.url, "--code", code, "--device", "bo-2"])
        let new = try await ann.actor()
        stage.expect(new != old, "the new device goes on as \(old)")
        try await ann.sync()
        let devices = try await server.devices().filter { $0.name == "bo-2" }
        stage.expect(devices.map(\.reportedPending), is: [pending, 0], "what the devices last reported")
        stage.expect((devices.first?.silentSeconds ?? 0) > 80_000, "the old device is not silent")
        let list = try await server.command(["device", "list"]).output
        stage.expect(list.contains("last reported \(pending) pending"), "the list of devices does not say so: \(list)")
        try await Patience.until("the alarm") { () async throws -> Bool? in
            let alarms = try await server.command(["alarms", "list"], expecting: [0, 3]).output
            return alarms.contains("work_missing") ? true : nil
        }
        try await ann.set("account", account, ["city=Lund"])
        try await server.requireDrained([ann] + scene.devices)
        stage.expect(try await server.ledger().count, is: judged + 1, "change-sets at the server")
        try await server.requireGracefulStop()
        return
            "\(pending) of 8 lost with the files: the old device is listed as silent with them, and an alarm says so; a new actor, no dot twice"
    }
}

/// What `device list` prints.
private struct DeviceForm: Decodable {
    struct Fork: Decodable {}

    let name: String
    let forks: [Fork]
    let reportedPending: Int, silentSeconds: Int

    enum CodingKeys: String, CodingKey {
        case name, forks
        case reportedPending = "reported_pending"
        case silentSeconds = "silent_s"
    }
}

extension ServerProcess {
    fileprivate func devices() async throws -> [DeviceForm] {
        try await command(["device", "list", "--json"]).decoded()
    }
}

extension Device {
    /// The name under which it edits now.
    fileprivate func actor() async throws -> String {
        try await site.query("SELECT value FROM satchel_meta WHERE key = 'actor'", in: databasePath)
    }

    /// Puts the files of another home in the place of its own.
    fileprivate func replaceFiles(with other: Device) throws {
        try FileManager.default.removeItem(atPath: home)
        try FileManager.default.copyItem(atPath: other.home, toPath: home)
    }
}
