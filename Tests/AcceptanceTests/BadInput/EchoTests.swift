import Foundation
import ScenarioRunner
import Testing

/// Input of any length, of which a refusal repeats no more than it takes to know it again.
@Suite struct EchoTests {
    private static let long = String(repeating: "x", count: 90_000)

    private static let commands = [
        ["explain", long], ["explain", "account", long], ["explain", long + ":1"], ["queue", "show", long],
        ["show", long, "abcd"], ["set", "account", "abcd", long], ["list", "account", "--where", long],
        ["new", "account", "\(long)=1"], ["new", "account", "name=A", "employees=\(long)"], [long], ["sync", long],
        ["enrol", long, "--code", "AAAA"],
    ]

    @Test func `a long argument is not repeated whole`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        for arguments in Self.commands {
            let result = try await device.run(arguments, expecting: [1, 64])
            let (count, name) = (result.error.utf8.count, arguments[0].prefix(9))
            #expect((20..<3_000).contains(count) && result.output.isEmpty, "\(name): \(count) bytes")
        }
        try await server.requireGracefulStop()
    }

    @Test func `a long cell of the first line is not repeated whole`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let cell = String(repeating: "y", count: 1_000_000)
        for table in ["external_id,\(cell)\nA1,x\n", "\(cell)\nA1\n", "external_id,parent\nA1,\(cell)\n"] {
            let path = server.site.path("account.csv")
            try Data(table.utf8).write(to: URL(filePath: path))
            let result = try await server.command(["import", "account", path, "--as", "office"], expecting: [1])
            #expect((20..<1_000).contains(result.error.utf8.count), "\(result.error.utf8.count) bytes")
        }
        try await server.requireGracefulStop()
    }
}
