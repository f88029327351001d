import Foundation
import SatchelTestSupport
import ScenarioRunner

/// The schema of the scripts as a file, and a rule of the house in it that comes and goes: texts that the server takes nowhere.
///
/// No program makes such a rule. It is written into the store of a server that stands still, under the version that devices
/// have: so they know nothing of it, and only the server judges by it.
struct HouseRule: Sendable {
    private let texts: Set<String>

    /// Knows every text that the script writes into a register: those of them that are not rejected are what is taken.
    init(_ script: CausalityScript) {
        let edits = script.steps.flatMap(\.edits)
        texts = Set(edits.flatMap { ($0.set ?? [:]).values.compactMap(\.self) + [$0.value].compactMap(\.self) })
    }

    /// The schema file while these texts are rejected.
    func schema(rejecting rejected: Set<String>) throws -> String {
        let allowed = texts.subtracting(rejected).sorted()
        for text in allowed where !text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == " " }) {
            throw ScriptFailure("a text that a pattern would take for something else: \(text)")
        }
        let pattern = allowed.map { $0.replacing("-", with: "\\\\-") }.joined(separator: "|")
        let rule = rejected.isEmpty ? "" : ", pattern: \"(\(pattern))\""
        return """
            schema: 1
            types:
              item:
                id: 1
                fields:
                  name: { id: 1, kind: text, max_length: 200\(rule) }
                  phone: { id: 2, kind: text, max_length: 40, policy: manual\(rule) }
                  parent: { id: 3, kind: reference, to: item, on_delete: restrict }
                  tags: { id: 4, kind: set, max_length: 40 }
                  visits: { id: 5, kind: counter }

            """
    }

    /// Stops a server, writes the schema into its store, and serves again.
    func enforce(rejecting rejected: Set<String>, at server: ServerProcess) async throws {
        guard let shell = Places.installed("sqlite3") else {
            throw ScriptFailure.unsupported("there is no program sqlite3 to set a rule with")
        }
        let stopped = try await server.stop()
        guard stopped.exitCode == 0 else { throw AcceptanceFailure(stopped.account) }
        let source = try schema(rejecting: rejected).replacing("'", with: "''")
        let database = try Self.database(in: server.data)
        let sql = "UPDATE satchel_meta SET schema_source = '\(source)'"
        let result = try await server.site.end(
            try server.site.start(shell, [database, sql].map { Array($0.utf8) }))
        guard result.exitCode == 0 else { throw AcceptanceFailure(result.account) }
        try await server.serve()
    }

    private static func database(in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sqlite") }
        guard let name = names.first, names.count == 1 else {
            throw AcceptanceFailure("\(folder) holds \(names) and not one database.")
        }
        return folder + "/" + name
    }
}
