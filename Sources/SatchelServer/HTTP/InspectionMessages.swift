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
    /// - Throws: `SatchelError` `invalid_request` for none or several.
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

extension ResolutionWish {
    private static let keys = ["subject", "reason", "token", "take", "value", "empty", "keep", "delete"]

    /// Reads the body of a request, as strictly as Satchel reads any JSON: a key that is not known, or stands twice, is refused.
    ///
    /// - Throws: `SatchelError` `malformed_body`.
    init(json bytes: [UInt8]) throws(SatchelError) {
        let value: JSONValue
        do throws(SatchelError) {
            value = try JSONReader.parse(bytes)
        } catch {
            throw Self.malformed("The body cannot be read. \(error.message)")
        }
        guard case .object(let members) = value else {
            throw Self.malformed("A resolution is an object; got \(value.shape).")
        }
        for member in members where !Self.keys.contains(member.key) {
            throw Self.malformed("A resolution has no key \"\(Excerpt.of(member.key))\".")
        }
        guard let subject = try Self.text("subject", of: value), let reason = try Self.text("reason", of: value) else {
            throw Self.malformed("A resolution has a \"subject\" and a \"reason\".")
        }
        self.subject = subject
        self.reason = reason
        token = try Self.text("token", of: value)
        take = try Self.number("take", of: value)
        self.value = try Self.text("value", of: value)
        empty = try Self.flag("empty", of: value)
        keep = try Self.flag("keep", of: value)
        delete = try Self.flag("delete", of: value)
    }

    private static func text(_ key: String, of object: JSONValue) throws(SatchelError) -> String? {
        switch object[key] {
        case nil, .null: return nil
        case .string(let text): return text.string
        case let other?: throw malformed("\"\(key)\" is a text; got \(other.shape).")
        }
    }

    private static func number(_ key: String, of object: JSONValue) throws(SatchelError) -> Int? {
        switch object[key] {
        case nil, .null: return nil
        case .integer(let number): return Int(number)
        case let other?: throw malformed("\"\(key)\" is a whole number; got \(other.shape).")
        }
    }

    private static func flag(_ key: String, of object: JSONValue) throws(SatchelError) -> Bool? {
        switch object[key] {
        case nil, .null: return nil
        case .bool(let flag): return flag
        case let other?: throw malformed("\"\(key)\" is true or false; got \(other.shape).")
        }
    }

    private static func malformed(_ message: String) -> SatchelError {
        SatchelError(
            .malformedBody, message,
            remedy: "Send {\"subject\": …, \"reason\": …, \"token\": …} with one of take, value, empty, keep, delete.")
    }
}
