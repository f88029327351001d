import Testing

/// The style guide as a test: it names file, line and what to do; a reviewed exception carries `// tidy: reason`.
@Suite struct TidyTests {
    /// Words that some files do without, as whole words of code.
    struct Ban: Sendable, CustomTestStringConvertible {
        let place: String
        let words: [String]
        let instead: String
        var testDescription: String { place }
    }

    static let pureWords = [
        "Task", "await", "async", "Mutex", "Date()", "Date.now", "UUID()", "SystemRandomNumberGenerator",
    ]

    static let bans = [
        Ban(
            place: "Sources/SatchelSync/", words: pureWords + ["import Foundation", "import FoundationEssentials"],
            instead: "what the caller passes in"),
        Ban(place: "Sources/SatchelWire/", words: pureWords, instead: "what the caller passes in"),
        Ban(place: "Sources/SatchelInspection/", words: pureWords, instead: "what the caller passes in"),
        Ban(place: "Sources/SatchelSchemaFile/", words: pureWords, instead: "what the caller passes in"),
        Ban(place: "Sources/SatchelInterchange/", words: pureWords, instead: "what the caller passes in"),
        Ban(place: "Sources/", words: ["try!", "as!", "fatalError("], instead: "a SatchelError that says what to do"),
        Ban(place: "Sources/", words: ["Task.detached"], instead: "a task with an owner that cancels it"),
        Ban(place: "Sources/", words: ["@testable", "@_exported"], instead: "`package` access"),
        Ban(place: "Tests/", words: ["Task.sleep", "sleep(", "usleep("], instead: "a confirmation or a stream"),
        Ban(place: "Tests/", words: ["withKnownIssue"], instead: "a mending; what is not mended fails"),
    ]

    @Test(arguments: bans) func `each layer keeps to its words`(ban: Ban) {
        let search = WordSearch(ban.words, isWhole: true)
        for file in Repository.swiftFiles where file.path.hasPrefix(ban.place) {
            for hit in search.hits(in: file.code) where !file.isExcused(hit.line) {
                Issue.record("\(file.path):\(hit.line): `\(hit.word)` is banned here; use \(ban.instead).")
            }
        }
    }

    @Test func `a promise that the compiler cannot check says what keeps it`() {
        let search = WordSearch(["@unchecked Sendable", "nonisolated(unsafe)"], isWhole: true)
        for file in Repository.swiftFiles where file.path.hasPrefix("Sources/") {
            for hit in search.hits(in: file.code) {
                let before = file.line(hit.line - 1).drop { $0 == " " }
                #expect(before.hasPrefix("//"), "\(file.path):\(hit.line): say in the line before what guards it.")
            }
        }
    }

    @Test func `functions have at most 70 lines`() {
        for file in Repository.swiftFiles {
            for function in file.functions where function.lineCount > 70 && !file.isExcused(function.line) {
                Issue.record("\(file.path):\(function.line): a function of \(function.lineCount) lines; divide it.")
            }
        }
    }

    @Test func `files have at most 450 lines`() {
        for file in Repository.swiftFiles where file.lineCount > 450 && !file.isExcused(1) {
            Issue.record("\(file.path) has \(file.lineCount) lines; look for its second subject.")
        }
    }

    @Test func `nothing is left for later, and no path belongs to one machine`() {
        // In two halves, so that this file does not name what it forbids.
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "/wo" + "rk/", "/tmp/" + "bash"]
        let places = [
            "Sources", "Tests", "Benchmarks", "Examples", "Protocol", "Scripts", ".ci", "Package.swift", "README.md",
            "CHANGELOG.md",
        ]
        let search = WordSearch(words, isWhole: false)
        for file in Repository.files(under: places) where !file.isGenerated {
            let source = SwiftSource(file)
            for hit in search.hits(in: source.bytes) where !source.isExcused(hit.line) {
                Issue.record("\(file.path):\(hit.line): `\(hit.word)`: finish it, or take it out.")
            }
        }
    }

    @Test func `the tests see the repository`() {
        #expect(Repository.swiftFiles.contains { $0.path == "Sources/SatchelSync/Limits.swift" })
        #expect(Repository.swiftFiles.contains { $0.path == "Tests/RepositoryTests/TidyTests.swift" })
    }
}
