/// What a message repeats of text that somebody typed or sent: whole where it is short, else its beginning.
///
/// A message says which value it met, not all of it: a cell of a file may have a megabyte.
package enum Excerpt {
    /// The text, or its first 80 scalars and `…`; control characters become their pictures.
    ///
    /// Scalars are counted, not characters: one character may be of any length. A NUL would end the sentence wherever C reads it.
    ///
    /// - Complexity: O(1).
    package static func of(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(scalarsMax) { shown.append(picture(of: scalar)) }
        let isWhole = text.unicodeScalars.dropFirst(scalarsMax).isEmpty
        return isWhole ? String(shown) : String(shown) + "…"
    }

    /// A sentence that came out far too long, without its middle: it begins with its subject and ends with the reason.
    ///
    /// What no message should need is kept from terminals and logs all the same, whoever made the sentence.
    ///
    /// - Complexity: O(1) where it is of any ordinary length.
    package static func sentence(_ text: String) -> String {
        guard text.utf8.count > sentenceBytesMax else { return text }
        let scalars = text.unicodeScalars
        guard scalars.count > headCount + tailCount else { return text }
        return String(scalars.prefix(headCount)) + " … " + String(scalars.suffix(tailCount))
    }

    private static let scalarsMax = 80
    /// A schema file tells twenty problems in one message.
    private static let sentenceBytesMax = 6_000
    private static let headCount = 1_200
    private static let tailCount = 300

    private static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        case 0x80..<0xA0: "\u{FFFD}"
        default: scalar
        }
    }
}
