import Foundation

/// A value as `--json` shows it.
enum Shown: Hashable, Sendable, Decodable {
    case null
    case number(Int64)
    case text(String)
    case elements(Set<String>)
    case flag(Bool)
    case entries([String: Shown])

    init(from decoder: any Decoder) throws {
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
struct EditForm: Decodable, Sendable {
    let dot: String
    let records: [String]
}

/// What `sync` answers.
struct SyncForm: Decodable, Sendable {
    let pushed: Int, applied: Int, parked: Int, pulled: Int, decide: Int, review: Int, pending: Int

    enum CodingKeys: String, CodingKey {
        case pushed = "pushed_count"
        case applied = "applied_count"
        case parked = "parked_count"
        case pulled = "pulled_count"
        case decide = "decide_count"
        case review = "review_count"
        case pending = "pending_count"
    }
}

/// What `status` answers.
struct StatusForm: Decodable, Sendable {
    struct Work: Decodable, Sendable {
        let dot: String, label: String, state: String
        let records: [String]
        let code: String?, sentence: String?
    }

    let pending: [Work], parked: [Work]
    let lastFailure: String?

    enum CodingKeys: String, CodingKey {
        case pending, parked
        case lastFailure = "last_failure"
    }
}

/// A record, as `show` and `list` print it.
struct RecordForm: Decodable, Sendable {
    let type: String, id: String, life: String
    let fields: [String: Shown]
    /// The severity of each field in conflict.
    let conflicts: [String: String]
}

/// A line of the ledger.
struct LedgerForm: Decodable, Hashable, Sendable {
    let dot: String, changeSet: String, state: String

    enum CodingKeys: String, CodingKey {
        case dot, state
        case changeSet = "change_set"
    }
}

/// A record in conflict.
struct ConflictForm: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        struct Writer: Decodable, Sendable {
            let user: String?
        }

        struct Sibling: Decodable, Sendable {
            let value: Shown
            let writers: [Writer]
        }

        let subject: String, severity: String
        let siblings: [Sibling]
    }

    let type: String, id: String
    let conflicts: [Item]
}

/// A failure, as `--json` puts it on standard error.
struct FailureForm: Decodable, Sendable {
    struct Failure: Decodable, Sendable {
        let code: String, message: String
        let remedy: String?
    }

    let error: Failure
}

extension ProgramResult {
    /// The output read as one JSON document.
    func decoded<Form: Decodable>(_ form: Form.Type = Form.self) throws -> Form {
        do {
            return try JSONDecoder().decode(form, from: Data(output.utf8))
        } catch {
            throw AcceptanceFailure("Not the JSON of \(form): \(account)\(error)")
        }
    }

    /// The output read as one JSON document a line.
    func decodedLines<Form: Decodable>(_ form: Form.Type = Form.self) throws -> [Form] {
        do {
            return try output.split(separator: "\n").map { try JSONDecoder().decode(form, from: Data($0.utf8)) }
        } catch {
            throw AcceptanceFailure("Not JSON lines of \(form): \(account)\(error)")
        }
    }

    /// The code of the failure, told as JSON or in brackets at the end of the line; `nil` where none is told.
    var failureCode: String? {
        if let form = try? JSONDecoder().decode(FailureForm.self, from: Data(error.utf8)) { return form.error.code }
        let line = error.split(separator: "\n").last { $0.hasSuffix("]") }
        return line?.split(separator: "[").last.map { String($0.dropLast()) }
    }
}
