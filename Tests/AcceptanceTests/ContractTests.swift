import Foundation
import ScenarioRunner
import Testing

/// `Protocol/cli.md` is held against the programs: each verb, its places and its options, both ways.
@Suite struct ContractTests {
    private struct Dump: Decodable { let command: Command }

    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable { let kind: String, name: String }
            let kind: String, names: [Name]?, isRepeating: Bool?
        }

        let commandName: String, subcommands: [Command]?, arguments: [Argument]?

        /// Each verb below, with its path.
        func verbs(_ path: [String] = []) -> [(path: String, command: Command)] {
            let path = path + [commandName]
            let inner = (subcommands ?? []).filter { $0.commandName != "help" }
            return inner.isEmpty ? [(path.joined(separator: " "), self)] : inner.flatMap { $0.verbs(path) }
        }

        var options: Set<String> {
            Set((arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name))
        }

        private var places: [Argument] { (arguments ?? []).filter { $0.kind == "positional" } }
        /// How many places the document may name: where one takes several words, it may name these.
        var placeCounts: ClosedRange<Int> {
            places.count...(places.contains { $0.isRepeating == true } ? places.count + 1 : places.count)
        }
    }

    /// A verb as the document has it.
    private struct Section {
        let places: [String], options: Set<String>
    }

    /// What the table *What holds everywhere* and the lines below it give to every verb of a program.
    private static let everywhere: [Program: Set<String>] = [
        .satchel: ["home", "language"], .server: ["data"], .inspect: [],
    ]

    /// The sections of the document by their verbs; an option counts where code begins with it, so that another verb's can be named with that.
    private static func sections() throws -> [String: Section] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Protocol/cli.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        var sections: [String: Section] = [:]
        for part in text.split(separator: "\n#").map({ "#" + $0 }) {
            guard let head = part.firstMatch(of: /^#### `(satchel[a-z-]*(?: [a-z][a-z-]*)+)([^`\n]*)`/) else {
                continue
            }
            let options = part.matches(of: /`--([a-z][a-z-]*)/).map { String($0.1) }
            #expect(sections[String(head.1)] == nil, "\(head.1) is described twice.")
            sections[String(head.1)] = Section(
                places: head.2.split(separator: " ").map(String.init), options: Set(options))
        }
        return sections
    }

    @Test func `cli.md has the verbs of the programs, their places and their options, and no others`() async throws {
        let site = try Site()
        var sections = try Self.sections()
        for program in [Program.satchel, .server, .inspect] {
            let result = try await site.run(program, ["--experimental-dump-help"], expecting: [0])
            let verbs = try result.decoded(Dump.self).command.verbs()
            #expect(verbs.count >= 4)
            for (verb, command) in verbs {
                guard let section = sections.removeValue(forKey: verb) else {
                    Issue.record("cli.md does not describe `\(verb)`.")
                    continue
                }
                let own = verb.hasSuffix(" faults list") ? [] : try #require(Self.everywhere[program])
                let speech: Set = verb == "satchel-server serve" ? [] : ["json", "quiet", "color"]
                let common = own.union(speech).union(["version", "help"])
                #expect(
                    command.options.isSuperset(of: common), "`\(verb)` lacks \(common.subtracting(command.options))")
                let given = program == .inspect ? common.union(["home", "data", "server", "as"]) : common
                #expect(section.options.subtracting(given) == command.options.subtracting(given), "`\(verb)`")
                #expect(command.placeCounts.contains(section.places.count), "`\(verb)` \(section.places)")
            }
        }
        #expect(sections.keys.sorted() == [], "cli.md describes verbs that are not there.")
    }

    @Test func `an option that no program knows is wrong usage, in JSON too`() async throws {
        let site = try Site()
        for program in [Program.satchel, .server, .inspect] {
            let verb = program == .inspect ? "list" : program == .server ? "digest" : "status"
            let result = try await site.run(program, [verb, "--no-such-option", "--json"], expecting: [64])
            #expect(result.failureCode == "invalid_request" && result.output.isEmpty, "\(result.account)")
        }
    }
}
