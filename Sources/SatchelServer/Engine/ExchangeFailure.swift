package import SatchelSync

/// Why a whole exchange is refused: nothing of it was stored, and nothing is lost.
package struct ExchangeFailure: Error, Sendable {
    /// What happened.
    package let error: SatchelError
    /// With `dot_gap`, the counter that the server wants next.
    package let nextCounter: UInt64?

    package init(_ error: SatchelError, nextCounter: UInt64? = nil) {
        self.error = error
        self.nextCounter = nextCounter
    }

    /// The failure that any error stands for: one of ours as it is, else a bug, of which the other end learns no more.
    package init(any error: any Error) {
        switch error {
        case let failure as ExchangeFailure: self = failure
        case let error as SatchelError: self.init(error)
        default:
            self.init(
                SatchelError(
                    .internalError, "The server met something that it does not know how to handle.",
                    remedy: "Your work is kept; try again, and tell the operator if it stays.", isTransient: true,
                    cause: error))
        }
    }

    static func dotGap(next: UInt64) -> ExchangeFailure {
        ExchangeFailure(
            SatchelError(
                .dotGap, "The server has this device's change-sets below \(next) and wants number \(next) next.",
                remedy: "Send the change-sets from \(next) on."), nextCounter: next)
    }

    static func fork(_ why: String) -> ExchangeFailure {
        ExchangeFailure(
            SatchelError(
                .forkDetected, "This device's database was copied or rolled back: \(why).",
                remedy:
                    "Nothing was stored and nothing is lost; keep the folder as it is and enrol a new home beside it."))
    }
}
