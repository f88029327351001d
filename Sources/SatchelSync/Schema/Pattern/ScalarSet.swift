/// The scalars that one place of a pattern takes: those in some ranges or of some general categories, or all the others.
struct ScalarSet: Hashable, Sendable {
    /// A bit for each of the first 128 scalars, everything below reckoned in: most texts ask for no more.
    private let ascii: [UInt64]
    private let ranges: [ClosedRange<UInt32>]
    private let categories: CategorySet
    private let isNegated: Bool

    /// Whether ``contains(_:category:)`` wants to know a scalar's category.
    var asksForCategory: Bool { !categories.isEmpty }

    init(ranges: [ClosedRange<UInt32>], categories: CategorySet = [], isNegated: Bool = false) {
        self.ranges = ranges
        self.categories = categories
        self.isNegated = isNegated
        ascii = [0, 64].map { first in
            (0..<64).reduce(0) { bits, offset in
                let scalar = Unicode.Scalar(UInt8(first + offset))
                let isIn =
                    ranges.contains { $0.contains(scalar.value) }
                    || !categories.isEmpty && categories.contains(CategorySet(of: scalar))
                return isIn != isNegated ? bits | 1 << UInt64(offset) : bits
            }
        }
    }

    /// Whether `scalar` belongs to the set.
    ///
    /// `category` is the scalar's; it may be empty for the first 128, and where ``asksForCategory`` says no.
    func contains(_ scalar: Unicode.Scalar, category: CategorySet) -> Bool {
        let value = scalar.value
        if value < 128 { return ascii[Int(value >> 6)] >> UInt64(value & 63) & 1 == 1 }
        for range in ranges where range.contains(value) { return !isNegated }
        return categories.isDisjoint(with: category) == isNegated
    }
}

/// Some of Unicode's general categories.
///
/// They divide the scalars between them: each is of exactly one, so that "none of these" is again such a set.
struct CategorySet: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    /// The categories by the names they have in patterns; the place in the list is the bit.
    private static let named: [(name: String, category: Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
        ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
        ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
        ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation), ("Pi", .initialPunctuation),
        ("Pf", .finalPunctuation), ("Po", .otherPunctuation), ("Sm", .mathSymbol), ("Sc", .currencySymbol),
        ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
        ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Co", .privateUse), ("Cn", .unassigned),
    ]

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The one category of `scalar`.
    init(of scalar: Unicode.Scalar) {
        let category = scalar.properties.generalCategory
        let bit = Self.named.firstIndex { $0.category == category }
        rawValue = bit.map { 1 << UInt32($0) } ?? 0
    }

    /// The categories whose name begins with `name`: one for `Lu`, five for `L`; `nil` where there is none.
    init?(named name: String) {
        guard !name.isEmpty else { return nil }
        let bits = Self.named.indices.filter { Self.named[$0].name.hasPrefix(name) }
        guard !bits.isEmpty else { return nil }
        rawValue = bits.reduce(0) { $0 | 1 << UInt32($1) }
    }

    /// All the other categories.
    var complement: CategorySet { CategorySet(rawValue: ~rawValue & (1 << UInt32(Self.named.count) - 1)) }
}
