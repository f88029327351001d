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
}
