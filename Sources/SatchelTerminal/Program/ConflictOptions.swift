package import ArgumentParser
package import SatchelInspection
package import SatchelSync

/// Which conflicts are asked for.
package enum SeverityOption: String, ExpressibleByArgument, CaseIterable {
    /// All of them.
    case review
    /// Those that a person must decide.
    case decide

    /// The least severity that is meant.
    package var severity: ConflictSeverity { self == .review ? .review : .decide }
}

/// What shall stand, and why.
package struct ChoiceOptions: ParsableArguments {
    /// Take the value with this number in `show`.
    @Option(parsing: .unconditional, help: .said("Take the value with this number in `show`.", name: "n"))
    package var take: Int?
    /// Take another value.
    @Option(parsing: .unconditional, help: .said("Take another value."))
    package var value: String?
    /// Keep a record whose life is contested.
    @Flag(help: .said("Keep a record whose life is contested."))
    package var keep = false
    /// Delete a record whose life is contested.
    @Flag(help: .said("Delete a record whose life is contested."))
    package var delete = false
    /// Why.
    @Option(
        parsing: .unconditional,
        help: .said("Why; the authors of the other values read it.", name: "why"))
    package var reason = "resolve"
    /// The token that `show` printed.
    @Option(help: .said("The token that `show` printed."))
    package var token: String?

    /// No choice yet.
    package init() {}

    /// Refuses none and several choices.
    package func validate() throws {
        let count = [take != nil, value != nil, keep, delete].count { $0 }
        guard count == 1 else { throw ValidationError("Say exactly one of --take, --value, --keep and --delete.") }
    }

    /// The one choice that is made.
    package var typed: TypedChoice {
        if let take { return .take(take) }
        if let value { return .value(value) }
        return keep ? .keep : .delete
    }
}
