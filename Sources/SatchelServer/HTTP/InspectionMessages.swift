package import SatchelSync

/// A page of records in conflict.
package struct CasesReply: Codable, Sendable {
    /// The records.
    package let conflicts: [RecordCase]
    /// What `after` takes for the next page; `nil` at the end.
    package let next: String?
}

/// A conflict that was settled.
package struct SettledReply: Codable, Sendable {
    /// The change-set that settled it.
    package let dot: String
    /// The record as it stands now.
    package let record: RecordCase
}

/// What an inspector sends to settle a conflict: exactly one choice.
package struct ResolutionWish: Codable, Sendable {
    /// `life`, or the field's name.
    package var subject: String
    /// Why.
    package var reason: String
    /// The token of the report that was read; `nil` to settle whatever stands.
    package var token: String?
    /// The sibling with this number, from 1.
    package var take: Int?
    /// A value as it is typed.
    package var value: String?
    /// No value.
    package var empty: Bool?
    /// Keep a record whose life is contested.
    package var keep: Bool?
    /// Delete a record whose life is contested.
    package var delete: Bool?

    /// Describes a resolution; the choice follows.
    package init(subject: String, reason: String, token: String?, choice: ResolveRequest.Choice) {
        self.subject = subject
        self.reason = reason
        self.token = token
        switch choice {
        case .take(let number): take = number
        case .value(let text): value = text
        case .empty: empty = true
        case .keep: keep = true
        case .delete: delete = true
        }
    }

    /// The one choice that is made.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request` for none or several.
    package func choice() throws(SatchelError) -> ResolveRequest.Choice {
        let choices: [ResolveRequest.Choice?] = [
            take.map { .take($0) }, value.map { .value($0) }, empty == true ? .empty : nil, keep == true ? .keep : nil,
            delete == true ? .delete : nil,
        ]
        let made = choices.compactMap(\.self)
        guard made.count == 1 else {
            throw SatchelError(
                .invalidRequest, "A resolution makes one choice, got \(made.count).",
                remedy: "Send one of take, value, empty, keep and delete.")
        }
        return made[0]
    }
}
