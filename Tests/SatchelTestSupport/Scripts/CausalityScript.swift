package import Foundation

/// One script of the shared causality vectors, as its JSON line states it.
package struct CausalityScript: Decodable, Sendable {
    /// What it is called.
    package let name: String
    /// What it is there for.
    package let why: String?
    /// The devices, each enrolled before the first step.
    package let devices: [String]
    /// What happens, in order.
    package let steps: [Step]
    /// What must be true afterwards.
    package let expect: Expectation

    /// One step; which parts are there depends on `do`.
    package struct Step: Decodable, Sendable {
        /// What is done.
        package let `do`: String
        /// The device.
        package let on: String?
        /// The name of the change-set that the step makes.
        package let label: String?
        /// The record.
        package let record: String?
        /// The field of a single edit.
        package let field: String?
        /// The value of a single edit, or of a rule.
        package let value: String?
        /// What a single edit adds to a counter.
        package let by: Int64?
        /// The first values of a new record.
        package let set: [String: String?]?
        /// The edits of a change-set of several.
        package let changes: [Change]?
        /// The token that the edit carries.
        package let readAt: String?
        /// The label of the parked change-set that a step fixes, discards or releases.
        package let of: String?
        /// The name of the token that a read keeps, or of what is kept aside.
        package let `as`: String?
        /// The device that a home is copied to, or the name of what is put back.
        package let to: String?
        /// The backup that the server's store is replaced by.
        package let from: String?
        /// Whether the window in which devices offer received states is opened, or recovery is closed.
        package let window: String?
        /// Whether a rule holds from now on.
        package let active: Bool?
        /// Whether the reply is lost.
        package let dropReply: Bool?
        /// Whether the request reaches the server twice.
        package let deliverTwice: Bool?

        /// The edits of the step, one or several.
        package var edits: [Change] {
            changes ?? record.map { [Change(do: self.do, record: $0, field: field, value: value, by: by, set: set)] }
                ?? []
        }
    }

    /// One edit of one record.
    package struct Change: Decodable, Sendable {
        /// What is done.
        package let `do`: String
        /// The record.
        package let record: String
        /// The field.
        package let field: String?
        /// The value, or the element.
        package let value: String?
        /// What is added to a counter.
        package let by: Int64?
        /// The first values of a new record.
        package let set: [String: String?]?
    }

    /// What must be true afterwards.
    package struct Expectation: Decodable, Sendable {
        /// What stands of each record that the server knows.
        package let records: [String: Record]
        /// What became of each change-set, by label.
        package let changeSets: [String: Outcome]
    }

    /// What must stand of a record.
    package struct Record: Decodable, Equatable, Sendable {
        /// Whether it lives, as a word.
        package let life: String
        /// What stands for each field that was ever written.
        package var fields: [String: FieldOutcome]
        /// The fields in conflict that a person must decide.
        package let conflicts: [String]
        /// The fields with other values to look at.
        package let parallel: [String]

        package init(life: String, fields: [String: FieldOutcome], conflicts: [String], parallel: [String]) {
            self.life = life
            self.fields = fields
            self.conflicts = conflicts
            self.parallel = parallel
        }
    }

    /// What must become of a change-set.
    package struct Outcome: Decodable, Equatable, Sendable {
        /// The state, as the ledger words it.
        package let state: String
        /// Why it is parked.
        package let reason: String?

        package init(state: String, reason: String?) {
            self.state = state
            self.reason = reason
        }
    }

    /// What must stand of a field: siblings, elements, or a counter's number.
    package enum FieldOutcome: Decodable, Equatable, Sendable {
        /// The standing values.
        case register([Standing])
        /// The elements, sorted.
        case set([String])
        /// The sum.
        case counter(Int)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .counter(number)
            } else if let elements = try? container.decode([String].self) {
                self = .set(elements)
            } else {
                self = .register(try container.decode([Standing].self))
            }
        }
    }

    /// A value that stands, and whose change-sets wrote it.
    package struct Standing: Decodable, Equatable, Sendable {
        /// The value; `nil` where it was emptied.
        package let value: String?
        /// The devices whose change-sets wrote it, sorted.
        package let by: [String]

        package init(value: String?, by: [String]) {
            self.value = value
            self.by = by
        }
    }

    /// The scripts of a file, one a line.
    package static func read(_ file: URL) throws -> [CausalityScript] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try decoder.decode(CausalityScript.self, from: Data($0.utf8))
        }
    }

    /// Where the shared vectors lie: `SATCHEL_SHARED`, else a folder `shared` beside the checkout; `nil` when there is none.
    package static var file: URL? {
        let named = ProcessInfo.processInfo.environment["SATCHEL_SHARED"].map { URL(filePath: $0) }
        let beside = URL(filePath: #filePath).resolvingSymlinksInPath().appending(path: "../../../../../shared")
        let file = (named ?? beside.standardizedFileURL).appending(path: "vectors/causality.jsonl")
        return FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) ? file : nil
    }
}
