import SatchelSync
import SatchelTestSupport
import Testing

/// The scripts that any engine must pass, in memory, as far as they need no more than one server and its devices.
@Suite struct CausalityVectorTests {
    @Test(.enabled(if: CausalityScript.file != nil, "the shared vectors are not beside this checkout"))
    func `the shared causality scripts end as they say`() throws {
        let file = try #require(CausalityScript.file)
        let scripts = try CausalityScript.read(file)
        let schema = try ItemSchema.make()
        var skipped: [String: [String]] = [:]
        var passed: [String] = []
        for script in scripts {
            // These need files; they are played on real replicas and through real programs.
            if let step = script.steps.map(\.do).first(where: ["clone", "rollback", "restore"].contains) {
                skipped["\(step) is no matter of merging", default: []].append(script.name)
                continue
            }
            do {
                var runner = try ScriptRunner(script, schema: schema)
                let differences = try runner.run()
                if differences.isEmpty { passed.append(script.name) }
                #expect(
                    differences.isEmpty, "\(script.name): \(script.why ?? "")\n\(differences.joined(separator: "\n"))")
            } catch let failure as ScriptFailure where failure.isUnsupported {
                skipped[failure.description, default: []].append(script.name)
            }
        }
        print("Causality scripts: \(passed.count) of \(scripts.count) passed.")
        for (reason, names) in skipped.sorted(by: { $0.key < $1.key }) {
            print("  skipped, \(reason): \(names.count) (\(names.joined(separator: ", ")))")
        }
        #expect(passed.count >= 108)
    }
}
