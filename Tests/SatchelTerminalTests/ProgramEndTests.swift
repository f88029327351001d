import ArgumentParser
import SatchelSync
import SatchelTerminal
import Testing

private struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "satchel", subcommands: [Show.self])

    struct Show: ParsableCommand {
        @OptionGroup var output: OutputOptions
        @Argument var count: Int
    }
}

private struct Oddity: Error, CustomStringConvertible { let description = "odd \u{1B}[2J" }

@Suite struct ProgramEndTests {
    private static func end(_ error: any Error, isJSON: Bool = false) -> ProgramEnd {
        ProgramEnd(on: error, of: Program.self, isJSON: isJSON)
    }

    private static func parse(_ arguments: [String], isJSON: Bool = false) -> ProgramEnd? {
        do {
            var command = try Program.parseAsRoot(arguments)
            try command.run()
            return nil
        } catch {
            return end(error, isJSON: isJSON)
        }
    }

    @Test func `a failure is one line with program, message, remedy and code`() {
        let error = SatchelError(.unknownRecord, "No record\nends in 9c41.", remedy: "See satchel list.")
        #expect(
            Self.end(error)
                == ProgramEnd(
                    exitCode: 1,
                    error: "satchel: No record\\nends in 9c41. See satchel list. [unknown_record]\n"))
        #expect(
            Self.end(error, isJSON: true).error.hasPrefix(
                #"{"error":{"code":"unknown_record","message":"No record\nends in 9c41.","#))
    }

    @Test func `a command's own exit code is silent`() {
        #expect(Self.end(ExitCode(4)) == ProgramEnd(exitCode: 4))
        #expect(Self.end(OutputClosed()) == ProgramEnd(exitCode: 0))
        #expect(Self.end(CancellationError()).exitCode == 130)
    }

    @Test func `wrong usage is 64, as text and as JSON`() throws {
        let text = try #require(Self.parse(["show", "many\u{1B}[2J"]))
        #expect(text.exitCode == 64)
        #expect(text.error.contains("Usage: satchel show"))
        #expect(!text.error.contains("\u{1B}"))
        let json = try #require(Self.parse(["show"], isJSON: true))
        #expect(json.exitCode == 64)
        #expect(json.error.hasPrefix(#"{"error":{"code":"invalid_request","#))
        #expect(json.error.contains(#""remedy":"See satchel --help.""#))
    }

    @Test func `a text that the parser took for an option is named, with the way to write it`() throws {
        let arguments = ["show", "-5 degrees"]
        let error = try #require(throws: (any Error).self) { try Program.parseAsRoot(arguments) }
        let text = ProgramEnd(on: error, of: Program.self, isJSON: false, arguments: arguments).error
        #expect(
            text.split(separator: "\n").dropFirst().first
                == "Help:  A text that begins with \"-\" stands last, behind \"--\": -- '-5 degrees'")
        let json = ProgramEnd(on: error, of: Program.self, isJSON: true, arguments: arguments).error
        #expect(json.contains(#"-- '-5 degrees'. See satchel show --help.""#))
        // What is wrong is another thing: nothing is said of texts.
        let slip = ProgramEnd(
            on: ValidationError("--limit takes 1."), of: Program.self, isJSON: false, arguments: ["-1"])
        #expect(!slip.error.contains("Help:"))
        #expect(ProgramArguments.textLikeOption(in: ["note", "3f2a", "- call back"]) == "- call back")
        for arguments in [["--limit", "x"], ["-q", "-h"], ["--", "-5"], ["-"], ["--code=A B"], []] {
            #expect(ProgramArguments.textLikeOption(in: arguments) == nil)
        }
    }

    @Test func `arguments whose form is wrong end with 64, in one line as every failure`() {
        let slip = SatchelError.wrongUsage("\"name\" is not an assignment.", remedy: "Write field=value.")
        #expect(
            Self.end(slip)
                == ProgramEnd(
                    exitCode: 64,
                    error: "satchel: \"name\" is not an assignment. Write field=value. [invalid_request]\n"))
        #expect(Self.end(slip, isJSON: true).exitCode == 64)
        #expect(Self.end(SatchelError(.invalidRequest, "This device made no change-set a:1.")).exitCode == 1)
    }

    @Test func `help goes to standard output and is no failure`() throws {
        let help = try #require(Self.parse(["show", "--help"]))
        #expect(help.exitCode == 0)
        #expect(help.error.isEmpty)
        #expect(help.output.contains("USAGE: satchel show"))
        #expect(help.output.contains("--json"))
    }

    @Test func `what nobody knows is an internal error on one line`() {
        let end = Self.end(Oddity())
        #expect(end.exitCode == 1)
        #expect(end.error.contains("odd \\u{1B}[2J"))
        #expect(end.error.hasSuffix("[internal_error]\n"))
        #expect(end.error.split(separator: "\n").count == 1)
    }

    @Test func `arguments that are not UTF-8 are refused, not repaired`() throws {
        let surrogate: [UInt8] = [0xED, 0xA0, 0x80]
        let error = #expect(throws: SatchelError.self) {
            try ProgramArguments.texts(of: [Array("new".utf8), Array("name=".utf8) + surrogate])
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message == "Argument 2 is not valid UTF-8 text.")
        #expect(throws: SatchelError.self) { try ProgramArguments.texts(of: [[0xC3]]) }
        #expect(try ProgramArguments.texts(of: [Array("名=蓝门".utf8), []]) == ["名=蓝门", ""])
    }

    @Test func `a word after the terminator does not ask for JSON`() {
        #expect(ProgramArguments.asksForJSON(["show", "--json"]))
        #expect(!ProgramArguments.asksForJSON(["note", "--", "--json"]))
    }

    @Test func `colours follow the choice, the terminal and NO_COLOR`() {
        #expect(ColorChoice.auto.isColored(isTerminal: true, noColor: nil))
        #expect(ColorChoice.auto.isColored(isTerminal: true, noColor: ""))
        #expect(!ColorChoice.auto.isColored(isTerminal: true, noColor: "1"))
        #expect(!ColorChoice.auto.isColored(isTerminal: false, noColor: nil))
        #expect(ColorChoice.always.isColored(isTerminal: false, noColor: "1"))
        #expect(!ColorChoice.never.isColored(isTerminal: true, noColor: nil))
        #expect(!ColorChoice.auto.isColored(isTerminal: true, noColor: nil, terminal: "dumb"))
    }
}
