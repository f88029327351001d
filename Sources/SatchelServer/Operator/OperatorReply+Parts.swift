package import SatchelSync

extension OperatorReply {
    /// Who the store is.
    package func identityReply() throws(SatchelError) -> IdentityReply {
        guard case .identity(let reply) = self else { throw .unexpectedReply }
        return reply
    }

    /// The records of a page.
    package func cases() throws(SatchelError) -> [RecordCase] {
        guard case .records(let cases, _) = self else { throw .unexpectedReply }
        return cases
    }
}

extension SatchelError {
    /// An answer to another question than the one asked.
    package static var unexpectedReply: SatchelError {
        SatchelError(
            .unknownAnswer, "The server answered something else than was asked.",
            remedy: "Bring both programs to the same version of Satchel.")
    }
}
