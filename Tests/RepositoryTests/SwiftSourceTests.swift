import Testing

/// The tidy tests see code and nothing else; this is how we know.
@Suite struct SwiftSourceTests {
    private func code(_ text: String) -> [String] {
        let code = String(decoding: SwiftSource(path: "Sources/A/B.swift", text: text).code, as: UTF8.self)
        return code.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    @Test func `comments and texts are blanked, code stays in its place`() {
        #expect(
            code("a // try!\nb /* try! /* x */ y */ c\n\"try!\" d") == ["a", "b                      c", "\"    \" d"])
        #expect(code(##"a(#"x " y"#, "\"", "\\") z"##) == [##"a(#"     "#, "  ", "  ") z"##])
        #expect(code("\"\"\"\n  try! \"x\"\n  \"\"\" z") == ["\"\"\"", "", "  \"\"\" z"])
    }

    @Test func `interpolations are code`() {
        #expect(code(#""a \(b("c", (d))) e" f"#) == [#""  \(b(" ", (d)))  " f"#])
        #expect(code(##"#"a \#(b) \(c)"# d"##) == [##"#"  \#(b)     "# d"##])
    }

    @Test func `imports are found with their modifiers`() {
        let source = SwiftSource(
            path: "Sources/A/B.swift",
            text:
                "public import A\nimport struct B.C\n@testable import D\n// import E\npackage import F\nlet import1 = 1"
        )
        #expect(source.imports.map(\.module) == ["A", "B", "D", "F"])
        #expect(source.imports.map(\.line) == [1, 2, 3, 5])
    }

    @Test func `functions are measured from their name to their closing brace`() {
        let source = SwiftSource(
            path: "Sources/A/B.swift",
            text: """
                protocol P {
                    func requirement() -> Int
                    var value: Int { get }
                }
                struct S {
                    init(
                        a: () -> Void = { }
                    ) {
                        self.init()
                    }
                    func one() { .init() }
                    func two() {
                        func inner() {
                        }
                    }
                }
                """)
        #expect(
            source.functions == [
                .init(line: 6, lineCount: 5), .init(line: 11, lineCount: 1), .init(line: 12, lineCount: 4),
                .init(line: 13, lineCount: 2),
            ])
    }

    @Test func `an exception needs a reason`() {
        let source = SwiftSource(path: "Sources/A/B.swift", text: "a // tidy: because\nb // tidy:\nc")
        #expect([1, 2, 3].map(source.isExcused) == [true, false, false])
    }

    @Test func `words are found whole, with their lines`() {
        let bytes = Array("Task a\nmyTask Tasks\n.Task(try! x)\nretry! TaskÄ".utf8)
        let whole = WordSearch(["Task", "try!"], isWhole: true).hits(in: bytes)
        #expect(whole == [.init(line: 1, word: "Task"), .init(line: 3, word: "Task"), .init(line: 3, word: "try!")])
        #expect(WordSearch(["Task"], isWhole: false).hits(in: bytes).map(\.line) == [1, 2, 2, 3, 4])
    }
}
