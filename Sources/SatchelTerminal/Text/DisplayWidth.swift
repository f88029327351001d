/// How many columns text takes on a terminal with fixed columns.
///
/// A character counts as one unit: what people see as one letter or one emoji. Wide are East Asian Wide and Fullwidth
/// (UAX #11), emoji with emoji presentation, and flags; combining marks and format characters take nothing. Characters
/// whose width is ambiguous count as narrow, as terminals outside East Asian locales show them.
package enum DisplayWidth {
    /// The columns of `text`, in which control characters must have been escaped (see ``SafeText``).
    /// - Complexity: O(characters × log ranges).
    package static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    /// The columns of one character: mostly 1 or 2; more where a script joins several letters into one character.
    package static func of(_ character: Character) -> Int {
        var width = 0
        var scalars = character.unicodeScalars.makeIterator()
        guard let first = scalars.next() else { return 0 }
        width = self.width(of: first)
        while let scalar = scalars.next() {
            // U+FE0F asks for the emoji form of what stands before it; a mark without a base, such as a keycap's, adds nothing.
            if scalar.value == 0xFE0F, first.properties.isEmoji { width = 2 }
            if width == 0 || Self.standsBeside(scalar) { width += self.width(of: scalar) }
        }
        return width
    }

    /// Whether a scalar within a character has columns of its own: a further letter of an Indic conjunct, or a vowel
    /// beside it.
    private static func standsBeside(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .otherLetter, .spacingMark: true
        default: false
        }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return scalar.value == 0xAD ? 0 : 1 }
        // Vowels and finals of a Hangul syllable join the consonant before them, which is wide.
        if (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FF).contains(scalar.value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(scalar.value) ? 2 : 1
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        var low = 0
        var high = wideRanges.count
        while low < high {
            let middle = (low + high) / 2
            if wideRanges[middle].last < value { low = middle + 1 } else { high = middle }
        }
        return low < wideRanges.count && wideRanges[low].first <= value
    }

    /// Cuts `text` to at most `width` columns; where something is cut, the last column is `…`.
    package static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let next = used + of(character)
            if next > width - 1 { break }
            result.append(character)
            used = next
        }
        return result + "…"
    }
}
