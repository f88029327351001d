package import SatchelSync

/// Why an exchange stopped, as it travels: in a frame, or as the body of a 4xx or 5xx answer.
package struct ProblemFrame: Hashable, Sendable {
    /// The code, a word of `Protocol/errors.md`.
    package let code: String
    /// What happened, in a sentence.
    package let message: String
    /// What the person can do next; `nil` when there is nothing.
    package let remedy: String?
    /// Whether the same request may succeed later without anybody's help.
    package let isTransient: Bool
    /// With `dot_gap`, the counter that the server wants next.
    package let nextCounter: UInt64?

    /// Describes a failure.
    package init(code: String, message: String, remedy: String?, isTransient: Bool, nextCounter: UInt64? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.isTransient = isTransient
        self.nextCounter = nextCounter
    }

    /// Takes what of `error` the other end may know: not its cause.
    package init(_ error: SatchelError, nextCounter: UInt64? = nil) {
        self.init(
            code: error.code.word, message: error.message, remedy: error.remedy, isTransient: error.isTransient,
            nextCounter: nextCounter)
    }

    /// The failure as the end that received it throws it.
    package var error: SatchelError {
        SatchelError(SatchelError.Code(code), message, remedy: remedy, isTransient: isTransient)
    }
}
