/// Finds words in bytes, all of them in one pass: the sources are large, and a debug build is slow.
struct WordSearch {
    /// A word that was found, and the line it stands in, from 1.
    struct Hit: Equatable {
        let line: Int
        let word: String
    }

    private let words: [(text: String, bytes: [UInt8])]
    /// By first byte, the places in `words`.
    private var byFirst: [[Int]] = Array(repeating: [], count: 256)
    private let isWhole: Bool

    /// With `isWhole`, a hit that is part of a longer word does not count.
    init(_ words: [String], isWhole: Bool) {
        self.words = words.map { ($0, Array($0.utf8)) }
        self.isWhole = isWhole
        for (place, word) in self.words.enumerated() {
            if let first = word.bytes.first { byFirst[Int(first)].append(place) }
        }
    }

    /// Every hit, in the order of the text.
    func hits(in bytes: [UInt8]) -> [Hit] {
        var hits: [Hit] = []
        var line = 1
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") { line += 1 }
            for place in byFirst[Int(byte)] where isHit(words[place].bytes, in: bytes, at: index) {
                hits.append(Hit(line: line, word: words[place].text))
            }
        }
        return hits
    }

    private func isHit(_ word: [UInt8], in bytes: [UInt8], at index: Int) -> Bool {
        let end = index + word.count
        guard end <= bytes.count, bytes[index..<end].elementsEqual(word) else { return false }
        guard isWhole else { return true }
        let goesOnBefore = index > 0 && Self.isWordByte(word[0]) && Self.isWordByte(bytes[index - 1])
        let goesOnAfter = end < bytes.count && Self.isWordByte(word[word.count - 1]) && Self.isWordByte(bytes[end])
        return !goesOnBefore && !goesOnAfter
    }

    /// Whether a byte belongs to a name; every byte of a character outside ASCII does.
    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }
}
