package import Foundation

/// A value as `--json` shows it.
package enum Shown: Hashable, Sendable, Decodable {
    case null
    case number(Int64)
    case text(String)
    case elements(Set<String>)
    case flag(Bool)
    case entries([String: Shown])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let elements = try? container.decode([String].self) {
            self = .elements(Set(elements))
        } else {
            self = .entries(try container.decode([String: Shown].self))
        }
    }
}

/// What `new`, `set`, `delete` and `resolve` answer.
package struct EditForm: Decodable, Sendable {
    package let dot: String
    package let records: [String]
}

/// What `sync` answers.
package struct SyncForm: Decodable, Sendable {
    package let pushed: Int, applied: Int, parked: Int, pulled: Int, decide: Int, review: Int, pending: Int
    package let forks: Int, renamed: Int

    package enum CodingKeys: String, CodingKey {
        case pushed = "pushed_count"
        case applied = "applied_count"
        case parked = "parked_count"
        case pulled = "pulled_count"
        case decide = "decide_count"
        case review = "review_count"
        case pending = "pending_count"
        case forks = "fork_count"
        case renamed = "renamed_count"
    }
}

/// What `status` answers.
package struct StatusForm: Decodable, Sendable {
    package struct Work: Decodable, Sendable {
        package let dot: String, label: String, state: String
        package let records: [String]
        package let code: String?, sentence: String?
    }

    package let pending: [Work], parked: [Work]
    package let lastFailure: String?
    package let checkpoint: Int
    package let failureCount: Int
    package let nextAttempt: Date?, notBefore: Date?
    package let doubt: String?, doubtMissing: String?

    package enum CodingKeys: String, CodingKey {
        case pending, parked, checkpoint, doubt
        case doubtMissing = "doubt_missing"
        case lastFailure = "last_failure"
        case failureCount = "failure_count"
        case nextAttempt = "next_attempt"
        case notBefore = "not_before"
    }
}

/// A record, as `show` and `list` print it.
package struct RecordForm: Decodable, Sendable {
    package let type: String, id: String, life: String
    package let fields: [String: Shown]
    /// The severity of each field in conflict.
    package let conflicts: [String: String]
}

/// A line of the ledger.
package struct LedgerForm: Decodable, Hashable, Sendable {
    package let dot: String, changeSet: String, state: String

    /// The actor's name, with the star of a release.
    package var actor: Substring { dot.prefix { $0 != ":" } }
    /// The counter; 0 where it is none, as in the dot of a release.
    package var counter: Int { Int(dot.drop { $0 != ":" }.dropFirst()) ?? 0 }

    package enum CodingKeys: String, CodingKey {
        case dot, state
        case changeSet = "change_set"
    }
}

/// A record in conflict.
package struct ConflictForm: Decodable, Sendable {
    package struct Item: Decodable, Sendable {
        package struct Writer: Decodable, Sendable {
            package let dot: String
            package let user: String?
        }

        package struct Sibling: Decodable, Sendable {
            package let value: Shown
            package let isWinner: Bool
            package let writers: [Writer]

            package enum CodingKeys: String, CodingKey {
                case value, writers
                case isWinner = "is_winner"
            }
        }

        package let subject: String, severity: String
        package let siblings: [Sibling]
    }

    package let type: String, id: String, token: String
    package let conflicts: [Item]
}

/// A failure, as `--json` puts it on standard error.
package struct FailureForm: Decodable, Sendable {
    package struct Failure: Decodable, Sendable {
        package let code: String, message: String
        package let remedy: String?
    }

    package let error: Failure
}

extension JSONDecoder {
    /// Reads instants as the programs print them.
    fileprivate static var ofForms: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
        }
        return decoder
    }
}

extension ProgramResult {
    /// The output read as one JSON document.
    package func decoded<Form: Decodable>(_ form: Form.Type = Form.self) throws -> Form {
        do {
            return try JSONDecoder.ofForms.decode(form, from: Data(output.utf8))
        } catch {
            throw AcceptanceFailure("Not the JSON of \(form): \(account)\(error)")
        }
    }

    /// The output read as one JSON document a line.
    package func decodedLines<Form: Decodable>(_ form: Form.Type = Form.self) throws -> [Form] {
        do {
            return try output.split(separator: "\n").map { try JSONDecoder.ofForms.decode(form, from: Data($0.utf8)) }
        } catch {
            throw AcceptanceFailure("Not JSON lines of \(form): \(account)\(error)")
        }
    }

    /// The code of the failure, told as JSON or in brackets at the end of the line; `nil` where none is told.
    package var failureCode: String? {
        if let form = try? JSONDecoder().decode(FailureForm.self, from: Data(error.utf8)) { return form.error.code }
        let line = error.split(separator: "\n").last { $0.hasSuffix("]") }
        return line?.split(separator: "[").last.map { String($0.dropLast()) }
    }
}
