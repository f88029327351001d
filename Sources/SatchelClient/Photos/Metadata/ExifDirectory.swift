/// One directory of an EXIF block: entries of twelve bytes.
struct ExifDirectory {
    private let block: PhotoBytes
    private let entries: PhotoBytes

    /// What an entry says of its value.
    private enum Kind: Int {
        case text = 2
        case short = 3
        case long = 4
        case ratio = 5
        /// Text that is UTF-8 by name, of Exif 3.0.
        case utf8 = 129

        var width: Int {
            switch self {
            case .text, .utf8: 1
            case .short: 2
            case .long: 4
            case .ratio: 8
            }
        }
    }

    /// The directory at an offset of its block; `nil` where not all of its entries are there.
    init?(_ block: PhotoBytes, at offset: Int) {
        guard let count = block.number(offset, width: 2), let entries = block.part(offset + 2, count: count * 12) else {
            return nil
        }
        self.block = block
        self.entries = entries
    }

    /// The value of the first entry with a tag; `nil` where it is of another kind or does not lie in the block.
    private func value(_ tag: Int, _ kinds: [Kind]) -> (content: PhotoBytes, kind: Kind)? {
        for offset in stride(from: 0, to: entries.count, by: 12) where entries.number(offset, width: 2) == tag {
            guard let kind = entries.number(offset + 2, width: 2).flatMap(Kind.init), kinds.contains(kind),
                let count = entries.number(offset + 4, width: 4), count > 0
            else { return nil }
            // Two numbers of 32 bits and less: no overflow.
            let byteCount = count * kind.width
            if byteCount <= 4 { return entries.part(offset + 8, count: byteCount).map { ($0, kind) } }
            guard let start = entries.number(offset + 8, width: 4) else { return nil }
            return block.part(start, count: byteCount).map { ($0, kind) }
        }
        return nil
    }

    /// One whole number.
    func number(_ tag: Int) -> Int? {
        guard let value = value(tag, [.short, .long]), value.content.count == value.kind.width else { return nil }
        return value.content.number(0, width: value.kind.width)
    }

    /// A text up to its first zero.
    func text(_ tag: Int) -> String? { value(tag, [.text, .utf8])?.content.text }

    /// A text as a name: without spaces at its ends, `nil` where it is empty or drives a terminal.
    func name(_ tag: Int) -> String? {
        guard let text = text(tag) else { return nil }
        let letters = text.unicodeScalars
        guard let first = letters.firstIndex(where: { $0 != " " }), let last = letters.lastIndex(where: { $0 != " " }),
            letters.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { return nil }
        return String(letters[first...last])
    }

    /// One ratio; `nil` for something over zero, by which cameras say that they do not know.
    func ratio(_ tag: Int) -> ExifRatio? { ratios(tag, count: 1)?[0] }

    /// Ratios, as many as there must be; those over zero are `nil`.
    func ratios(_ tag: Int, count: Int) -> [ExifRatio?]? {
        guard let content = value(tag, [.ratio])?.content, content.count == count * 8 else { return nil }
        return stride(from: 0, to: content.count, by: 8).map { offset in
            guard let numerator = content.number(offset, width: 4),
                let denominator = content.number(offset + 4, width: 4), denominator > 0
            else { return nil }
            return ExifRatio(numerator, over: denominator)
        }
    }
}

/// One number over another, exact, each of at most 32 bits.
struct ExifRatio {
    private let numerator: Int
    private let denominator: Int

    /// Nothing.
    static let zero = ExifRatio(0, over: 1)

    /// - Precondition: `denominator` is at least 1.
    init(_ numerator: Int, over denominator: Int) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Whether it is a whole number.
    var isWhole: Bool { numerator.isMultiple(of: denominator) }

    /// Whether it is a number or less.
    func isAtMost(_ limit: Int) -> Bool { numerator <= limit * denominator }

    /// A share of it; of at most some thousands.
    func divided(by share: Int) -> ExifRatio { ExifRatio(numerator, over: denominator * share) }

    /// The ratio times `factor`, as a whole number; `nil` where 63 bits do not hold it.
    func scaled(by factor: Int, _ rule: FloatingPointRoundingRule) -> Int? {
        let (product, overflow) = numerator.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        let (quotient, rest) = product.quotientAndRemainder(dividingBy: denominator)
        let goesUp = rule == .up ? rest > 0 : rest >= denominator - rest
        return quotient + (goesUp ? 1 : 0)
    }
}
