import SatchelSync

extension SatchelError {
    /// Bytes that are not what they claim to be, and where.
    static func malformed(_ problem: String, at offset: Int) -> SatchelError {
        SatchelError(.malformedBody, "The body is malformed at byte \(offset): \(problem).", remedy: malformedRemedy)
    }

    /// A field that has not the form the protocol gives it.
    static func malformed(_ error: FormError) -> SatchelError {
        let path = error.path.isEmpty ? "the message" : error.path
        return error.isTooLarge
            ? SatchelError(.tooLarge, "The body is too large: \(path) takes \(error.wanted).", remedy: tooLargeRemedy)
            : SatchelError(
                .malformedBody, "The body is malformed: \(path) takes \(error.wanted).", remedy: malformedRemedy)
    }

    /// A body that stays malformed where no position is known.
    static func malformed(_ problem: String, cause: any Error) -> SatchelError {
        SatchelError(.malformedBody, "The body is malformed: \(problem).", remedy: malformedRemedy, cause: cause)
    }

    /// More of something than a body may hold.
    static func overLimit(_ what: String, max: Int, at offset: Int) -> SatchelError {
        SatchelError(
            .tooLarge, "The body is too large at byte \(offset): \(what), at most \(max).",
            remedy: tooLargeRemedy)
    }

    /// A body that is longer than its limit.
    static func overLimit(bytesMax: Int) -> SatchelError {
        SatchelError(
            .tooLarge, "The body is too large: it takes at most \(bytesMax) bytes.",
            remedy: tooLargeRemedy)
    }

    /// A request in a protocol that this program does not speak.
    static func protocolMismatch(_ version: UInt32) -> SatchelError {
        SatchelError(
            .protocolMismatch, "The body is written in protocol \(version); this end speaks \(SyncProtocol.version).",
            remedy: "Bring both ends to the same version of Satchel. Edits stay queued on the device.")
    }

    private static let tooLargeRemedy = "Send less at once; nothing was taken."
    private static let malformedRemedy =
        "Nothing was taken from it. If sending it again does not help, bring both ends to the same version of Satchel."
}
