/// Sentences that follow each other.
package enum Sentences {
    /// What stands between the parts of an enumeration.
    package static var comma: String { Language.current == .chinese ? "，" : ", " }

    /// What stands before that which is told of something.
    package static var colon: String { Language.current == .chinese ? "：" : ": " }

    /// The sentences in one line: with a gap between them, but for those of Chinese, whose full stop has its own.
    package static func joined(_ sentences: [String?], gap: String = " ") -> String {
        sentences.compactMap(\.self).filter { !$0.isEmpty }.reduce("") { line, sentence in
            let isSpaced = line.isEmpty || line.last.map { "。：；！？，".contains($0) } == true
            return line + (isSpaced ? "" : gap) + sentence
        }
    }
}
