import Foundation
import ScenarioRunner
import Testing

/// Data folders that are missing, of something else, or of a newer Satchel.
@Suite struct FolderTests {
    @Test func `a folder that is missing or foreign is refused by name, and left as it is`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        let device = try await server.enrol("ann")
        try await device.new("account", ["name=Aster"])
        try await server.requireDrained([device])

        let missing = try await site.run(.satchel, ["status", "--home", site.path("nowhere")])
        #expect(missing.exitCode == 1 && missing.failureCode == "missing_data", "\(missing.account)")
        let missingStore = try await site.run(.server, ["user", "list", "--data", site.path("nowhere")])
        #expect(missingStore.exitCode == 1 && missingStore.failureCode == "missing_data", "\(missingStore.account)")

        try FileManager.default.createDirectory(atPath: site.path("text"), withIntermediateDirectories: true)
        let text = Data("This is a letter, and no database at all.\n".utf8)
        try text.write(to: URL(filePath: site.path("text/satchel.sqlite")))
        for arguments in [["status"], ["new", "account", "name=A"]] {
            let result = try await site.run(.satchel, arguments + ["--home", site.path("text")])
            #expect(result.exitCode == 1 && result.failureCode == "foreign_data", "\(result.account)")
        }
        #expect(FileManager.default.contents(atPath: site.path("text/satchel.sqlite")) == text)

        // A device's home is no server's store, nor the other way round.
        try await server.requireGracefulStop()
        let swapped = try await site.run(.satchel, ["new", "account", "name=A", "--home", server.data])
        #expect(swapped.exitCode == 1 && swapped.failureCode == "foreign_data", "\(swapped.account)")
        let swappedStore = try await site.run(.server, ["user", "list", "--data", device.home])
        #expect(swappedStore.exitCode == 1 && swappedStore.failureCode == "foreign_data", "\(swappedStore.account)")

        let again = try await site.run(.server, ["init", "--data", server.data])
        #expect(again.exitCode == 1 && again.failureCode == "data_exists", "\(again.account)")
        try Data("mine".utf8).write(to: URL(filePath: site.path("text/letter.txt")))
        try FileManager.default.removeItem(atPath: site.path("text/satchel.sqlite"))
        let strange = try await site.run(.server, ["init", "--data", site.path("text")])
        #expect(strange.exitCode == 1 && strange.failureCode == "foreign_data", "\(strange.account)")

        try await server.serve()
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `a file of a newer format is refused before anything is written to it`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        try await device.new("account", ["name=Aster"])
        try await server.requireDrained([device])
        try await server.requireGracefulStop()

        for (program, folder, option) in [(Program.satchel, device.home, "--home"), (.server, server.data, "--data")] {
            let file = URL(filePath: folder + "/satchel.sqlite")
            let before = try Data(contentsOf: file)
            var newer = before
            // The format is a number at byte 60 of the file's header (https://sqlite.org/fileformat.html).
            newer.replaceSubrange(60..<64, with: [0, 0, 0, 99])
            try newer.write(to: file)
            let commands =
                program == .satchel
                ? [["status"], ["new", "account", "name=A"], ["sync"]] : [["user", "list"], ["serve", "--port", "0"]]
            for command in commands {
                let result = try await server.site.run(program, command + [option, folder])
                #expect(result.exitCode == 1 && result.failureCode == "newer_data", "\(result.account)")
            }
            #expect(try Data(contentsOf: file) == newer)
            try before.write(to: file)
        }

        try await server.serve()
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }
}
