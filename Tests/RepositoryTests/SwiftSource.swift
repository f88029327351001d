/// A Swift file, and the same file with comments and texts blanked out, so that a search finds code alone.
struct SwiftSource: Sendable {
    /// From the root of the repository.
    let path: String
    /// The bytes as they are written.
    let bytes: [UInt8]
    /// The same bytes with a blank for each one of a comment or a text; interpolations stay.
    let code: [UInt8]

    init(path: String, text: String) {
        self.path = path
        bytes = Array(text.utf8)
        var blanker = Blanker(bytes: bytes)
        blanker.blankCode(isInterpolation: false)
        code = blanker.output
    }

    init(_ file: Repository.File) { self.init(path: file.path, text: file.text) }

    /// The target or test target that the file belongs to.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// The number of lines.
    var lineCount: Int { bytes.count { $0 == UInt8(ascii: "\n") } }

    /// A line as it is written, counted from 1.
    func line(_ number: Int) -> String { Self.line(number, of: bytes) }

    /// Whether a line, counted from 1, carries a reviewed exception with its reason.
    func isExcused(_ number: Int) -> Bool { line(number).contains(/\/\/ tidy: \S/) }

    /// The modules that the file imports, each with the number of its line.
    var imports: [(line: Int, module: String)] {
        WordSearch(["import"], isWhole: true).hits(in: code).compactMap { hit in
            let words = Self.line(hit.line, of: code).split(separator: " ")
            let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
            let before = words.prefix { $0 != "import" }
            guard before.allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let after = words.dropFirst(before.count + 1)
            guard let name = after.first(where: { !kinds.contains($0) }) else { return nil }
            return (hit.line, String(name.prefix { $0 != "." }))
        }
    }

    private static func line(_ number: Int, of bytes: [UInt8]) -> String {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        return number >= 1 && number <= lines.count ? String(decoding: lines[number - 1], as: UTF8.self) : ""
    }
}

/// Replaces what is not code, in one pass.
private struct Blanker {
    let bytes: [UInt8]
    private(set) var output: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        output = bytes
    }

    /// Goes through code to its end: that of the file, or the parenthesis that closes an interpolation.
    mutating func blankCode(isInterpolation: Bool) {
        var depth = 0
        while index < bytes.count {
            if starts(with: "//") {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { blank() }
            } else if starts(with: "/*") {
                blankBlockComment()
            } else if let hashes = hashesBeforeQuote() {
                index += hashes
                blankText(hashes: hashes)
            } else {
                if bytes[index] == UInt8(ascii: "(") { depth += 1 }
                if bytes[index] == UInt8(ascii: ")") {
                    if isInterpolation, depth == 0 { return }
                    depth -= 1
                }
                index += 1
            }
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            let isStart = starts(with: "/*")
            let isEnd = starts(with: "*/")
            depth += isStart ? 1 : isEnd ? -1 : 0
            blank()
            if isStart || isEnd { blank() }
        } while depth > 0 && index < bytes.count
    }

    private mutating func blankText(hashes: Int) {
        let isLong = starts(with: "\"\"\"")
        let quotes = isLong ? 3 : 1
        index += quotes
        while index < bytes.count {
            let isEscape = bytes[index] == UInt8(ascii: "\\") && hasHashes(hashes, at: index + 1)
            if isEscape, index + 1 + hashes < bytes.count, bytes[index + 1 + hashes] == UInt8(ascii: "(") {
                index += 2 + hashes
                blankCode(isInterpolation: true)
                index += 1
            } else if isEscape {
                for _ in 0..<(2 + hashes) { blank() }
            } else if starts(with: isLong ? "\"\"\"" : "\""), hasHashes(hashes, at: index + quotes) {
                index += quotes + hashes
                return
            } else if !isLong, bytes[index] == UInt8(ascii: "\n") {
                return
            } else {
                blank()
            }
        }
    }

    private mutating func blank() {
        guard index < bytes.count else { return }
        if bytes[index] != UInt8(ascii: "\n") { output[index] = UInt8(ascii: " ") }
        index += 1
    }

    private func starts(with word: StaticString) -> Bool {
        let end = index + word.utf8CodeUnitCount
        return end <= bytes.count && bytes[index..<end].elementsEqual(word.description.utf8)
    }

    private func hasHashes(_ count: Int, at place: Int) -> Bool {
        place + count <= bytes.count && bytes[place..<(place + count)].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    /// The number of `#` before a quote that begins here; `nil` where no text begins.
    private func hashesBeforeQuote() -> Int? {
        var place = index
        while place < bytes.count, bytes[place] == UInt8(ascii: "#") { place += 1 }
        return place < bytes.count && bytes[place] == UInt8(ascii: "\"") ? place - index : nil
    }
}
