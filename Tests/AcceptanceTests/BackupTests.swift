import Foundation
import ScenarioRunner
import Testing

/// Backups of a server that devices sync with meanwhile.
@Suite(.serialized) struct BackupTests {
    private struct Backup: Decodable {
        let path: String
        let sequence: Int
        let digest: String
    }

    @Test func `a backup under load is the store at one sequence, and a store of its own when it is put into a folder`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let devices = [try await server.enrol("ann"), try await server.enrol("bo")]
        let lines = (1...300).map { "{\"type\":\"account\",\"set\":{\"name\":\"Customer \($0)\"}}" }
        try await server.apply(lines.joined(separator: "\n"))
        let folder = FileManager.default.temporaryDirectory.appending(path: "satchel-backup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "satchel.sqlite").path

        async let edits: Void = {
            for number in 1...4 {
                for device in devices {
                    _ = try await device.new("account", ["name=New \(number)"])
                    try await device.sync()
                }
            }
        }()
        let made = try await server.command(["backup", file, "--json"])
        try await edits
        let backup = try JSONDecoder().decode(Backup.self, from: Data(made.output.utf8))
        #expect((300...308).contains(backup.sequence))
        _ = try await server.command(["backup", file], expecting: [1])
        let listed = try await server.command(["backup", "list", "--json"])
        #expect(
            try JSONDecoder().decode([Backup].self, from: Data(listed.output.utf8)).map(\.digest) == [backup.digest])

        try await devices[0].sync()
        let status = try await devices[0].run(["status"]).output
        #expect(status.contains("In a verified backup: "))
        try await server.requireDrained(devices)
        try await server.requireGracefulStop()
        let restored = try await server.site.run(.server, ["digest", "--data", folder.path]).output
        #expect(restored.contains(backup.digest))
    }

    private struct Drill: Decodable {
        struct Since: Decodable {
            let change_set_count: Int
            let returned_count: Int
            let is_same: Bool
        }
        struct Failure: Decodable { let code: String }
        let is_usable: Bool
        let path: String
        let digest: String?
        let replayed_digest: String?
        let age_s: Int?
        let restore_ms: Int
        let since: Since?
        let error: Failure?
    }

    @Test func `a drill beside a running server says what a backup is worth, and leaves nothing behind`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        _ = try await device.new("account", ["name=Before"])
        try await device.sync()
        let none = try await server.command(["drill", "--json"], expecting: [1])
        #expect(none.failureCode == "missing_data")
        let file = server.site.path("office.backup")
        _ = try await server.command(["backup", file])
        for number in 1...3 { _ = try await device.new("account", ["name=After \(number)"]) }
        try await device.sync()
        let entries = try FileManager.default.contentsOfDirectory(atPath: server.data).sorted()

        let drill = try await server.command(["drill", "--json"]).decoded(Drill.self)
        #expect(drill.is_usable)
        #expect(drill.path == file)
        #expect(drill.digest == drill.replayed_digest)
        #expect(drill.age_s.map { $0 < 600 } == true)
        #expect(drill.since?.change_set_count == 3)
        #expect(drill.since?.returned_count == 3)
        #expect(drill.since?.is_same == true)
        let text = try await server.command(["drill", file]).output
        #expect(text.contains("can be used"))
        #expect(text.contains("3 of the 3 that 1 device made came back in the copy"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.data).sorted() == entries)

        // Some pages of the file are gone.
        let handle = try FileHandle(forUpdating: URL(filePath: file))
        try handle.seek(toOffset: 8_192)
        try handle.write(contentsOf: Data(repeating: 0, count: 65_536))
        try handle.close()
        let broken = try await server.command(["drill", "--json"], expecting: [1]).decoded(Drill.self)
        #expect(!broken.is_usable)
        #expect(broken.error?.code == "damaged_data")
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
