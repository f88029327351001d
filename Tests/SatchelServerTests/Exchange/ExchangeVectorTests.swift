import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// The scripts that any engine must pass, through real replicas, the real exchange and a real store, in one process.
@Suite struct ExchangeVectorTests {
    /// What became of one script: what differs, or why it is left out.
    private typealias Result = (name: String, differences: [String], reason: String?)

    @Test(.enabled(if: CausalityScript.file != nil, "the shared vectors are not beside this checkout"))
    func `the shared causality scripts end as they say on real replicas`() async throws {
        let scripts = try CausalityScript.read(try #require(CausalityScript.file))
        let results = try await withThrowingTaskGroup(of: [Result].self) { group in
            for half in 0..<2 {
                group.addTask {
                    var results: [Result] = []
                    for place in scripts.indices where place % 2 == half {
                        results.append(try await Self.result(of: scripts[place]))
                    }
                    return results
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for result in results {
            #expect(result.differences.isEmpty, "\(result.name)\n\(result.differences.joined(separator: "\n"))")
        }
        let passed = results.count { $0.reason == nil && $0.differences.isEmpty }
        print("Causality scripts on real replicas: \(passed) of \(scripts.count) passed.")
        let skipped = Dictionary(grouping: results.filter { $0.reason != nil }) { $0.reason ?? "" }
        for (reason, results) in skipped.sorted(by: { $0.key < $1.key }) {
            let names = results.map(\.name).sorted().joined(separator: ", ")
            print("  skipped, \(reason): \(results.count) (\(names))")
        }
        #expect(passed == scripts.count)
    }

    private static func result(of script: CausalityScript) async throws -> Result {
        var differences: [String] = []
        do {
            differences = try await ExchangeScript(script).run()
        } catch let failure as ScriptFailure where failure.isUnsupported {
            return (script.name, [], failure.description)
        } catch {
            differences.append("it ends with \(error)")
        }
        return (script.name + (script.why.map { ": \($0)" } ?? ""), differences, nil)
    }
}
