import Foundation
import Testing

/// The error codes, as the sources declare them and as `Protocol/errors.md` lists them.
enum ErrorCodes {
    /// Each code's name in Swift and its word.
    static func declared() throws -> [(name: String, word: String)] {
        let file = try source("Sources/SatchelSync/Errors/SatchelError.swift")
        return file.matches(of: /static let ([a-zA-Z]+) = Self\("([a-z_]+)"\)/).map { (String($0.1), String($0.2)) }
    }

    /// The status that the server gives to a code, by the code's name in Swift; those that get 500 are left out.
    static func statuses() throws -> [(name: String, status: String)] {
        let file = try source("Sources/SatchelServer/HTTP/ProblemResponse.swift")
        let numbers = [
            "badRequest": "400", "unauthorized": "401", "forbidden": "403", "notFound": "404", "requestTimeout": "408",
            "conflict": "409",
            "contentTooLarge": "413", "unprocessableContent": "422", "tooManyRequests": "429",
            "serviceUnavailable": "503", "insufficientStorage": "507",
        ]
        let body = try #require(file.firstMatch(of: /(?s)switch code \{(.*?)default:/)).1
        var statuses: [(name: String, status: String)] = []
        for match in body.matches(of: /(?s)case (.*?):\s*\.([a-zA-Z]+)/) {
            let status = try #require(numbers[String(match.2)], "No number is known for \(match.2).")
            statuses += match.1.matches(of: /\.([a-zA-Z]+)/).map { (String($0.1), status) }
        }
        return statuses
    }

    /// The rows of the document's tables: word and status.
    static func listed() throws -> [(word: String, status: String)] {
        try source("Protocol/errors.md").matches(of: /(?m)^\| `([a-z_]+)`(?: v)? \| ([^ |]+)/)
            .map { (String($0.1), $0.2.allSatisfy(\.isNumber) ? String($0.2) : $0.2 == "at" ? "500" : String($0.2)) }
    }

    private static func source(_ path: String) throws -> String {
        try #require(Repository.files(under: [path]).first, "There is no \(path).").text
    }
}

/// The verbs and options of the three programs, read from their command configurations.
enum CommandTree {
    private struct Command {
        let name: String
        let subcommands: [String]
        let isRoot: Bool
    }

    private static let programs = ["satchel", "satchel-server", "satchel-inspect"]
    private static let files = Repository.files(under: programs.map { "Sources/\($0)" })

    /// Every verb with its program, such as `satchel conflicts list`.
    static let verbs: Set<String> = {
        var all: Set<String> = []
        for program in programs {
            let commands = commands(of: program)
            for (key, command) in commands where command.isRoot { walk(key, command, [], commands, into: &all) }
        }
        return all
    }()

    /// Every long option, without its hyphens.
    static let options: Set<String> = {
        var all: Set<String> = []
        for file in files + Repository.files(under: ["Sources/SatchelTerminal"]) {
            // Up to the property: what stands between may be a help text in parentheses, over several lines.
            for match in file.text.matches(of: /(?s)@(?:Option|Flag)\b(.*?)\bvar ([a-zA-Z]+)/) {
                let custom = match.1.firstMatch(of: /\.customLong\("([a-z-]+)"\)/).map { String($0.1) }
                all.insert(custom ?? hyphenated(String(match.2)))
            }
        }
        return all
    }()

    /// The commands of a program by the name of their type; one that is nested has its outer type's name before it.
    private static func commands(of program: String) -> [String: Command] {
        var commands: [String: Command] = [:]
        for file in files where file.path.hasPrefix("Sources/\(program)/") {
            var outer = ""
            let starts = file.text.matches(of: /(?m)^( *)struct (\w+): (?:Async)?ParsableCommand/)
            for (index, start) in starts.enumerated() {
                let type = String(start.2)
                if start.1.isEmpty { outer = type }
                // A command's own words come before the next command begins, be it beside or within.
                let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : file.text.endIndex
                let text = file.text[start.range.upperBound..<end]
                let name = text.firstMatch(of: /commandName: "([a-z-]+)"/).map { String($0.1) } ?? hyphenated(type)
                let list = text.firstMatch(of: /(?s)subcommands: \[(.*?)\]/).map { String($0.1) } ?? ""
                commands[start.1.isEmpty ? type : "\(outer).\(type)"] = Command(
                    name: name, subcommands: list.matches(of: /(\w+)\.self/).map { String($0.1) },
                    isRoot: name == program)
            }
        }
        return commands
    }

    private static func walk(
        _ key: String, _ command: Command, _ path: [String], _ commands: [String: Command], into all: inout Set<String>
    ) {
        let path = path + [command.name]
        if command.subcommands.isEmpty { all.insert(path.joined(separator: " ")) }
        for name in command.subcommands {
            let inner = commands["\(key).\(name)"] == nil ? name : "\(key).\(name)"
            guard let subcommand = commands[inner] else {
                Issue.record("The subcommand \(name) of \(command.name) was not found.")
                continue
            }
            walk(inner, subcommand, path, commands, into: &all)
        }
    }

    /// `EnrolCode` as `enrol-code`.
    private static func hyphenated(_ name: String) -> String {
        var words = ""
        for character in name {
            if character.isUppercase, !words.isEmpty { words += "-" }
            words += character.lowercased()
        }
        return words
    }
}
