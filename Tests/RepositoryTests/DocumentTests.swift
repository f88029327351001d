import Foundation
import Testing

/// What the documents say is what the sources do.
@Suite struct DocumentTests {
    /// The documents of the project, in the order of their paths.
    static let documents = Repository.files(under: ["README.md", "CHANGELOG.md", "Protocol", "Fixtures", "Tests"])
        .filter { $0.path.hasSuffix(".md") }

    @Test func `errors.md lists every code once, and no other`() throws {
        let codes = try ErrorCodes.declared().map(\.word)
        #expect(codes.count > 30)
        Self.expectSame(try ErrorCodes.listed().map(\.word), codes)
    }

    @Test func `errors.md gives each code the status that the server gives it`() throws {
        let words = Dictionary(uniqueKeysWithValues: try ErrorCodes.declared().map { ($0.name, $0.word) })
        var statuses: [String: String] = [:]
        for (name, status) in try ErrorCodes.statuses() { statuses[try #require(words[name])] = status }
        for (word, status) in try ErrorCodes.listed() {
            // What the server has no word for it says with 500; what it never says has no status.
            let allowed = statuses[word].map { [$0] } ?? ["500", "–"]
            #expect(allowed.contains(status), "\(word) is listed with \(status); the server sends \(allowed).")
        }
    }

    @Test func `cli.md describes every verb of the programs, and no other`() throws {
        let text = try Self.text(of: "Protocol/cli.md")
        let described = text.matches(of: /(?m)^#### `(satchel[a-z-]*(?: [a-z][a-z-]*)+)/).map { String($0.1) }
        #expect(CommandTree.verbs.count > 20)
        Self.expectSame(described, CommandTree.verbs)
    }

    @Test func `cli.md names every option, and no other`() throws {
        let named = Set(try Self.text(of: "Protocol/cli.md").matches(of: /--([a-z][a-z-]*)/).map { String($0.1) })
        #expect(CommandTree.options.count > 15)
        Self.expectSame(named.subtracting(["help", "version", "manual-page"]), CommandTree.options)
    }

    @Test func `commands in the README are commands of the programs`() throws {
        var count = 0
        let readme = try Self.text(of: "README.md")
        for match in readme.matches(of: /(?m)(?:^|[ (`])(satchel(?:-server|-inspect)?)((?: [a-z][a-z-]*)+)/) {
            let words = (match.1 + match.2).split(separator: " ").map(String.init)
            let isVerb = (2...min(3, words.count)).contains { count in
                CommandTree.verbs.contains(words[..<count].joined(separator: " "))
            }
            #expect(isVerb, "README.md shows `\(match.0)`, and there is no such verb.")
            count += 1
        }
        #expect(count > 5)
    }

    @Test func `scripts that documents name are there and can be run`() {
        var count = 0
        for document in Self.documents {
            for match in document.text.matches(of: /(?:Scripts\/|\.ci\/)[a-z][a-z-]*\b(?![.\/])/) {
                let path = Repository.root.appending(path: String(match.0)).path
                #expect(
                    FileManager.default.isExecutableFile(atPath: path), "\(document.path) names \(match.0).")
                count += 1
            }
        }
        #expect(count > 1)
    }

    @Test func `relative links lead somewhere`() {
        for document in Self.documents {
            let folder = Repository.root.appending(path: document.path).deletingLastPathComponent()
            for match in document.text.matches(of: /\]\(([^)\s#:]+)(?:#[^)]*)?\)/) {
                let path = folder.appending(path: String(match.1)).path
                #expect(FileManager.default.fileExists(atPath: path), "\(document.path) links to \(match.1).")
            }
        }
    }

    @Test func `decisions are numbered in order, and each says why`() throws {
        let decisions = Self.documents.filter { $0.path.hasPrefix("Protocol/decisions/") }
        #expect(!decisions.isEmpty)
        for (index, decision) in decisions.enumerated() {
            let number = String(repeating: "0", count: 4 - "\(index + 1)".count) + "\(index + 1)"
            let (path, text) = (decision.path, decision.text)
            #expect(path.hasPrefix("Protocol/decisions/\(number)-"), "\(path) is not number \(number).")
            #expect(text.hasPrefix("# \(number). "), "\(path) does not begin with its number.")
            for part in ["Status", "Context", "Decision", "Consequences", "Alternatives", "Think again if"] {
                #expect(text.contains("\(part): "), "\(path) has no \"\(part)\".")
            }
            #expect(text.count { $0 == "\n" } <= 50, "\(path) is longer than a page.")
        }
    }

    /// Expects a document to list what the sources declare, each once; a failure names the differences alone.
    private static func expectSame(
        _ listed: some Collection<String>, _ declared: some Collection<String>,
        at location: SourceLocation = #_sourceLocation
    ) {
        let missing = Set(declared).subtracting(listed).sorted()
        let unknown = Set(listed).subtracting(declared).sorted()
        let twice = Dictionary(grouping: listed, by: \.self).filter { $1.count > 1 }.keys.sorted()
        #expect(missing.isEmpty, "not listed", sourceLocation: location)
        #expect(unknown.isEmpty, "listed, and not there", sourceLocation: location)
        #expect(twice.isEmpty, "listed twice", sourceLocation: location)
    }

    private static func text(of path: String) throws -> String {
        try #require(Repository.files(under: [path]).first, "There is no \(path).").text
    }
}
