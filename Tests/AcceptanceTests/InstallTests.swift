import Foundation
import ScenarioRunner
import Testing

/// What `Scripts/install` puts beside the programs: completions that complete, and pages that man can show.
@Suite struct InstallTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// What bash offers for the last of these words.
    private func completions(
        _ words: [String], script: String, site: Site, environment: [String]
    ) async throws -> [String] {
        let line = words.joined(separator: " ")
        let program = """
            source '\(script)'
            COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " "))); COMP_CWORD=\(words.count - 1)
            COMP_LINE='\(line)'; COMP_POINT=\(line.utf8.count)
            _satchel satchel '\(words.last ?? "")' '\(words.dropLast().last ?? "")'
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let bash = try site.start(
            "/bin/bash", ["--norc", "-c", program].map { Array($0.utf8) }, environment: environment)
        let result = try await site.end(bash)
        #expect(result.exitCode == 0 && result.error.isEmpty, "\(result.account)")
        return result.output.split(separator: "\n").map(String.init)
    }

    @Test func `completions and pages are installed, and bash completes verbs, types and files`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        let device = try await server.enrol("ann")
        // The programs stay where they are: what is installed calls them.
        let bin = site.path("programs")
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: false)
        for program in ["satchel", "satchel-server", "satchel-inspect"] {
            let path = Places.programs.appending(path: program).path(percentEncoded: false)
            // Written by a shell: a process that another test starts meanwhile would hold a file of ours open for writing.
            let write = """
                printf '%s\\n' '#!/bin/sh' "exec '\(path)' \\"\\$@\\"" >'\(bin)/\(program)'
                chmod 755 '\(bin)/\(program)'
                """
            let written = try await site.end(try site.start("/bin/bash", ["-c", write].map { Array($0.utf8) }))
            #expect(written.exitCode == 0, "\(written.account)")
        }
        let prefix = site.path("prefix")
        let script = Self.root.appending(path: "Scripts/install").path(percentEncoded: false)
        let install = try site.start(
            "/bin/bash", [script, "--prefix", prefix].map { Array($0.utf8) }, environment: ["SATCHEL_BIN=\(bin)"])
        let installed = try await site.end(install)
        #expect(installed.exitCode == 0 && installed.output.hasPrefix("Installed satchel "), "\(installed.account)")

        for program in ["satchel", "satchel-server", "satchel-inspect"] {
            for file in [
                "bin/\(program)", "share/zsh/site-functions/_\(program)",
                "share/fish/vendor_completions.d/\(program).fish",
            ] { #expect(FileManager.default.fileExists(atPath: "\(prefix)/\(file)"), "\(file)") }
            let completion = "\(prefix)/share/bash-completion/completions/\(program)"
            let check = try await site.end(try site.start("/bin/bash", ["-n", completion].map { Array($0.utf8) }))
            #expect(check.exitCode == 0, "\(check.account)")
            let page = try String(contentsOfFile: "\(prefix)/share/man/man1/\(program).1", encoding: .utf8)
            #expect(page.contains("\n.SH NAME\n\(program.replacing("-", with: "\\-")) \\- "), "\(page.prefix(400))")
            #expect(page.contains("\n.SH SYNOPSIS\n.B "))
        }

        let words = "\(prefix)/share/bash-completion/completions/satchel"
        let environment = ["PATH=\(prefix)/bin:/usr/bin:/bin", "SATCHEL_HOME=\(device.home)"]
        let file = site.path("edits-of-monday.jsonl")
        try site.write("", to: file)
        for (typed, offered) in [
            (["vis"], ["visit"]), (["--language", "zh", "vis"], ["visit"]), (["--language", "z"], ["zh"]),
            (["visit", "sta"], ["start"]), (["list", "acc"], ["account"]), (["schema", "opp"], ["opportunity"]),
            (["--home", String(device.home.dropLast(3))], [device.home]), (["--home", device.home, "vis"], ["visit"]),
            (["status", "--language", "e"], ["en"]), (["apply", String(file.dropLast(9))], [file]),
            (["photo", "add", String(file.dropLast(9))], [file]),
        ] {
            let found = try await completions(["satchel"] + typed, script: words, site: site, environment: environment)
            #expect(found == offered, "\(typed)")
        }
        for page in ["man1/satchel.1", "zh/man1/satchel.1"] {
            guard Places.installed("man") != nil else { continue }
            let program = "man --warnings -l '\(prefix)/share/man/\(page)' >/dev/null"
            let man = try site.start(
                "/bin/bash", ["-c", program].map { Array($0.utf8) }, environment: ["LC_ALL=C.UTF-8", "MANWIDTH=80"])
            let shown = try await site.end(man)
            #expect(shown.exitCode == 0 && !shown.error.contains("cannot adjust"), "\(shown.account)")
        }
    }
}
