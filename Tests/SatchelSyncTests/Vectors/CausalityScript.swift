import Foundation

/// One script of the shared causality vectors, as its JSON line states it.
struct CausalityScript: Decodable {
    let name: String
    let why: String?
    let devices: [String]
    let steps: [Step]
    let expect: Expectation

    /// One step; which parts are there depends on `do`.
    struct Step: Decodable {
        let `do`: String
        let on: String?
        let label: String?
        let record: String?
        let field: String?
        let value: String?
        let set: [String: String?]?
        let changes: [Change]?
        let readAt: String?
        let `as`: String?
        let active: Bool?
        let dropReply: Bool?
        let deliverTwice: Bool?

        /// The edits of the step, one or several.
        var edits: [Change] {
            changes ?? record.map { [Change(do: self.do, record: $0, field: field, value: value, set: set)] } ?? []
        }
    }

    /// One edit of one record.
    struct Change: Decodable {
        let `do`: String
        let record: String
        let field: String?
        let value: String?
        let set: [String: String?]?
    }

    /// What must be true afterwards.
    struct Expectation: Decodable {
        let records: [String: Record]
        let changeSets: [String: Outcome]
    }

    /// What must stand of a record.
    struct Record: Decodable, Equatable {
        let life: String
        var fields: [String: FieldOutcome]
        let conflicts: [String]
        let parallel: [String]

        /// The same without what no field kind here can hold.
        var withoutCounters: Record {
            var record = self
            record.fields = fields.filter { if case .counter = $0.value { false } else { true } }
            return record
        }
    }

    /// What must become of a change-set.
    struct Outcome: Decodable, Equatable {
        let state: String
        let reason: String?
    }

    /// What must stand of a field: siblings, elements, or a counter's number.
    enum FieldOutcome: Decodable, Equatable {
        case register([Standing])
        case set([String])
        case counter(Int)

        init(from decoder: any Decoder) throws {
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
    struct Standing: Decodable, Equatable {
        let value: String?
        let by: [String]
    }

    /// The scripts of a file, one a line.
    static func read(_ file: URL) throws -> [CausalityScript] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try decoder.decode(CausalityScript.self, from: Data($0.utf8))
        }
    }

    /// Where the shared vectors lie: `SATCHEL_SHARED`, else a folder `shared` beside the checkout; `nil` when there is none.
    static var file: URL? {
        let named = ProcessInfo.processInfo.environment["SATCHEL_SHARED"].map { URL(filePath: $0) }
        let beside = URL(filePath: #filePath).resolvingSymlinksInPath().appending(path: "../../../../../shared")
        let file = (named ?? beside.standardizedFileURL).appending(path: "vectors/causality.jsonl")
        return FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) ? file : nil
    }

    /// Why this runner does not take the script; `nil` when it does.
    ///
    /// It knows one server that is never restored, devices that are never copied, and no counters.
    var unsupported: String? {
        for step in steps {
            switch step.do {
            case "clone": return "forks: the home is cloned"
            case "rollback": return "forks: the home is rolled back"
            case "restore", "recovery": return "a restored server"
            case "release": return "parked work is released"
            case "fix", "discard": return "parked work is fixed or discarded"
            default: break
            }
        }
        let deleted = Set(steps.flatMap(\.edits).filter { $0.do == "delete" }.map(\.record))
        for step in steps {
            let made = Set(step.edits.filter { $0.do == "new" }.map(\.record))
            let counted = Set(step.edits.filter { $0.do == "increment" }.map(\.record)).subtracting(made)
            if !counted.isDisjoint(with: deleted) { return "an increment beside a delete" }
        }
        return nil
    }
}
