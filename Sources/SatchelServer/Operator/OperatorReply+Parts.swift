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

extension OperatorReply {
    /// The parked change-sets of a page, and where the next begins.
    package func parkedPage() throws(SatchelError) -> (work: [ParkedReply], next: Int64?) {
        guard case .parked(let work, let next) = self else { throw .unexpectedReply }
        return (work, next)
    }
}

extension OperatorAccess {
    /// All the pages of records that `request` names by where they begin and how many are wanted, at most `limit` records.
    package func allCases(limit: Int, _ request: (String?, Int) -> OperatorRequest) async throws -> [RecordCase] {
        var cases: [RecordCase] = []
        var next: String?
        repeat {
            let reply = try await perform(request(next, min(limit - cases.count, 500)))
            guard case .records(let page, let after) = reply else { throw SatchelError.unexpectedReply }
            cases += page
            next = after
        } while next != nil && cases.count < limit
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
