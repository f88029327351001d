package import SatchelSync

/// A change-set as a person names it: whole, `actor:counter`, or by the first digits of its actor, as the tables print it.
///
/// A release may be named by the star that the tables print, `4cc73f09:2*`.
package struct DotName: Hashable, Sendable {
    private let text: String
    private let whole: Dot?
    private let digits: String
    private let counter: UInt64
    private let isRelease: Bool

    private static let digitsMin = 4
    private static let candidatesMax = 8

    /// Whether a text can only be meant as the name of a change-set: no id of a record has a colon.
    package static func isMeant(by text: String) -> Bool { text.contains(":") }

    /// Reads a name.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request`.
    package init(_ text: String) throws(SatchelError) {
        self.text = text
        whole = Dot(text)
        let parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false)
        isRelease = text.hasSuffix("*")
        let digits = parts.first.map(String.init) ?? ""
        let last = text.hasSuffix("*") ? parts.last?.dropLast() ?? "" : parts.last ?? ""
        let counter = UInt64(last) ?? 0
        (self.digits, self.counter) = (digits, counter)
        guard whole == nil else { return }
        let isHexadecimal = digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard parts.count == 2, isHexadecimal, (Self.digitsMin...32).contains(digits.utf8.count), counter > 0,
            counter <= Limits.counterMax, String(counter) == last
        else {
            throw SatchelError(
                .invalidRequest, "\"\(Excerpt.of(text))\" is not the name of a change-set.",
                remedy: "Take it from `log` or `ledger`: actor:counter, or four or more first digits of the actor.")
        }
    }

    /// The change-set that is meant, where the actors of the store are `actors`.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request` where no actor begins so, `ambiguous_id` where several do.
    package func resolved(among actors: some Sequence<ActorID>) throws(SatchelError) -> Dot {
        if let whole { return whole }
        let matches = Set(actors).filter { !$0.isRelease && $0.description.hasPrefix(digits) }.sorted()
        guard !matches.isEmpty else { throw Self.unknown(text) }
        let dots = matches.map { isRelease ? Dot($0, counter).released : Dot($0, counter) }
        guard dots.count == 1, let dot = dots.first else {
            let named = dots.prefix(Self.candidatesMax).map(\.description).joined(separator: ", ")
            let rest = dots.count > Self.candidatesMax ? " and \(dots.count - Self.candidatesMax) more" : ""
            throw SatchelError(
                .ambiguousID, "\"\(Excerpt.of(text))\" may be each of \(dots.count) change-sets: \(named)\(rest).",
                remedy: "Add digits to the first part, up to the colon.")
        }
        return dot
    }

    /// No change-set of this name is known where it was looked for.
    package static func unknown(
        _ text: String, remedy: String = "Take the name from `log` or `ledger`."
    ) -> SatchelError {
        SatchelError(.invalidRequest, "No change-set called \"\(Excerpt.of(text))\" is known here.", remedy: remedy)
    }
}
