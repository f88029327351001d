package import ArgumentParser
import SatchelSync

/// A command that shows at most so many of what it finds.
package protocol LimitedCommand: ParsableCommand {
    /// The number that is typed after `--limit`.
    var limit: NumberOption { get }
    /// The greatest that it may be.
    static var limitMax: Int { get }
}

extension LimitedCommand {
    /// How many are shown.
    ///
    /// - Throws: `ValidationError` where what is typed is no number, or out of bounds.
    package func count() throws -> Int { try limit.number(of: "--limit", in: 1...Self.limitMax) }

    /// Refuses what is out of bounds before anything is read.
    package func validate() throws { _ = try count() }
}

/// A whole number as it is typed after an option, whatever that is: what does not fit is told with the bounds.
///
/// An option takes it with `parsing: .unconditional`, so that the argument parser does not take `-1` for another option.
package struct NumberOption: ExpressibleByArgument, Hashable, Sendable {
    private let text: String

    /// A number that stands when nothing is typed.
    package init(_ number: Int) { text = String(number) }

    /// Takes any text; ``number(of:in:)`` says what is wrong with it.
    package init?(argument: String) { text = argument }

    /// The number, for help.
    package var defaultValueDescription: String { text }

    /// The number of an option that is called `name`, such as `--limit`.
    /// - Throws: `ValidationError` where it is none or out of bounds.
    package func number(of name: String, in range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            let met = Int(text).map(String.init) ?? "\"\(Excerpt.of(text))\""
            throw ValidationError(
                said("\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), got \(met)."))
        }
        return number
    }
}
