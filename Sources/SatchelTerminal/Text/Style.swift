/// What a piece of text is, which a terminal with colours may show.
package enum Paint: Hashable, Sendable {
    /// Nothing special.
    case plain
    /// A heading or a name.
    case strong
    /// What stands back.
    case faint
    /// All is well.
    case good
    /// A person may look.
    case notice
    /// A person must act.
    case alert
}

/// Whether text may carry colours: SGR sequences of ECMA-48.
package struct Style: Hashable, Sendable {
    /// Whether colours are written.
    package let isColored: Bool

    /// No colours.
    package static let plain = Style(isColored: false)

    /// Decides about colours.
    package init(isColored: Bool) { self.isColored = isColored }

    /// The text in its paint.
    ///
    /// The text must be safe already (see ``SafeText``).
    package func paint(_ text: String, _ paint: Paint) -> String {
        guard isColored, !text.isEmpty, let code = Self.code(of: paint) else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func code(of paint: Paint) -> String? {
        switch paint {
        case .plain: nil
        case .strong: "1"
        case .faint: "2"
        case .good: "32"
        case .notice: "33"
        case .alert: "31"
        }
    }
}
