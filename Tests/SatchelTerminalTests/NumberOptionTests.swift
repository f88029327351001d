import ArgumentParser
import SatchelTerminal
import Testing

private struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list")

    @Option(parsing: .unconditional, help: "Show at most this many.")
    var limit = NumberOption(200)

    func validate() throws { _ = try limit.number(of: "--limit", in: 1...1_000) }
}

@Suite struct NumberOptionTests {
    @Test(arguments: [
        ("0", "got 0."), ("-1", "got -1."), ("1001", "got 1001."), ("x", "got \"x\"."), ("1.5", "got \"1.5\"."),
        ("--json", "got \"--json\"."), ("99999999999999999999", "got \"99999999999999999999\"."),
    ]) func `a number that does not fit is told with the bounds, one below zero too`(text: String, got: String) throws {
        for arguments in [["--limit", text], ["--limit=\(text)"]] {
            let error = try #require(throws: (any Error).self) { try Command.parse(arguments) }
            #expect(Command.message(for: error) == "--limit takes a whole number from 1 to 1000, \(got)")
            #expect(Command.exitCode(for: error) == .validationFailure)
        }
    }

    @Test func `a number that fits is taken, and help names the usual one`() throws {
        #expect(try Command.parse(["--limit", "1000"]).limit.number(of: "--limit", in: 1...1_000) == 1_000)
        #expect(try Command.parse([]).limit.number(of: "--limit", in: 1...1_000) == 200)
        #expect(Command.helpMessage().contains("(default: 200)"))
    }
}
