import Foundation
import ScenarioRunner
import Testing

/// The service that `satchel enrol` offers; a script stands in the place of `systemctl`.
@Suite(.serialized) struct ServiceTests {
    /// Enrols a device of ann in an environment, with what more was typed.
    private func enrol(
        _ server: ServerProcess, as number: Int, _ variables: [String], _ arguments: [String]
    ) async throws -> ProgramResult {
        let words =
            variables + [Places.programs.appending(path: "satchel").path, "enrol", server.url, "--code"]
            + [try await server.code(for: "ann"), "--home", server.site.path("home \(number)")] + arguments
        return try await server.site.end(try server.site.start("/usr/bin/env", words.map { Array($0.utf8) }))
    }

    private struct Form: Decodable { let service: String?, actor: String }

    @Test func `a unit is written and started where that is wanted, and nothing else is touched`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        let (bin, log) = (site.path("bin"), site.path("systemctl.log"))
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        try site.write("#!/bin/sh\necho \"$@\" >>'\(log)'\necho talk\n", to: bin + "/script")
        // Another process makes the file: one that this process forks meanwhile would hold it open, and nobody could run it.
        let copy = "cp '\(bin)/script' '\(bin)/systemctl' && chmod 755 '\(bin)/systemctl'"
        let made = try await site.end(try site.start("/bin/sh", ["-c", copy].map { Array($0.utf8) }))
        #expect(made.exitCode == 0)

        let plain = try await enrol(server, as: 1, ["PATH=\(bin)"], ["--json"]).decoded(Form.self)
        #expect(plain.service == nil && !FileManager.default.fileExists(atPath: log))
        let refused = try await enrol(server, as: 2, ["PATH=\(bin)"], ["--no-service", "--json"]).decoded(Form.self)
        #expect(refused.service == nil)

        let result = try await enrol(server, as: 3, ["PATH=\(bin)"], ["--install-service", "--json"])
        let form = try result.decoded(Form.self)
        let name = "satchel-ann-\(form.actor.prefix(8)).service"
        let path = try #require(form.service)
        #expect(path == site.path(".config/systemd/user/\(name)"))
        let unit = try String(contentsOfFile: path, encoding: .utf8)
        #expect(unit.contains("/satchel\" sync --watch --home \"\(site.path("home 3"))\"\n"), "\(unit)")
        #expect(
            try String(contentsOfFile: log, encoding: .utf8) == "--user daemon-reload\n--user enable --now \(name)\n")

        // Where there is no systemd it is written all the same, and said how to start it.
        let elsewhere = ["PATH=\(site.path("nowhere"))", "XDG_CONFIG_HOME=\(site.path("config"))"]
        let told = try await enrol(server, as: 4, elsewhere, ["--install-service"])
        #expect(
            told.exitCode == 0 && told.error.contains("systemctl --user enable --now satchel-ann-"), "\(told.account)")
        #expect(told.error.contains(site.path("config/systemd/user/satchel-ann-")), "\(told.account)")
        let both = try await enrol(server, as: 5, ["PATH=\(bin)"], ["--install-service", "--no-service"])
        #expect(both.exitCode == 64)
        try await server.requireGracefulStop()
    }
}
