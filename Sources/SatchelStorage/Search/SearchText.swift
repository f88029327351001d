/// Text made ready for the index: what is written without spaces is cut into pairs of characters, so that words of two characters are
/// found within it.
///
/// The index takes words; a run of Han, Kana or Hangul is one long word to it. `阿斯特` becomes `阿斯 斯特 特`: every pair, and the last
/// character by itself, so that each begins a word. (N-gram indexing with overlapping bigrams, as Lucene's CJKBigramFilter does it.)
package enum SearchText {
    /// The text as the index keeps it.
    /// - Complexity: O(length).
    package static func indexed(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var run: [Unicode.Scalar] = []
        func close() {
            for (index, scalar) in run.enumerated() {
                result.append(scalar)
                if index + 1 < run.count { result.append(run[index + 1]) }
                result.append(" ")
            }
            run.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            if isUnspaced(scalar) {
                if run.isEmpty { result.append(" ") }
                run.append(scalar)
            } else {
                close()
                result.append(scalar)
            }
        }
        close()
        return String(result)
    }

    /// The query in the language of the index (FTS5) that asks for all words of a text: words of letters by their beginning, runs of
    /// characters within any run; `nil` where it has no words.
    package static func query(_ text: String) -> String? {
        var terms: [String] = []
        var word = String.UnicodeScalarView()
        var run: [Unicode.Scalar] = []
        func close() {
            // The index finds words by their beginning; quotes keep its operators out.
            if !word.isEmpty { terms.append("\"\(String(word))\" *") }
            switch run.count {
            case 0: break
            case 1: terms.append("\"\(run[0])\" *")
            default: terms.append("\"" + zip(run, run.dropFirst()).map { "\($0)\($1)" }.joined(separator: " ") + "\"")
            }
            word = String.UnicodeScalarView()
            run = []
        }
        for scalar in text.unicodeScalars {
            if isUnspaced(scalar) {
                if run.isEmpty { close() }
                run.append(scalar)
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark
            {
                if !run.isEmpty { close() }
                word.append(scalar)
            } else {
                close()
            }
        }
        close()
        return terms.isEmpty ? nil : terms.joined(separator: " AND ")
    }

    /// Whether a script is written without spaces between words.
    private static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
