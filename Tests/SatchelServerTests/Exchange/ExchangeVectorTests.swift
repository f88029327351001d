import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// The scripts that any engine must pass, through real replicas, the real exchange and a real store, in one process.
@Suite struct ExchangeVectorTests {
    @Test(
        .enabled(if: CausalityScript.file != nil, "the shared vectors are not beside this checkout"),
        arguments: [true, false])
    func `the shared causality scripts end as they say on real replicas`(hearsFirst: Bool) async throws {
        let file = try #require(CausalityScript.file)
        let scripts = try CausalityScript.read(file)
        var skipped: [String: [String]] = [:]
        var passed = 0
        for script in scripts {
            if let reason = script.unsupported {
                skipped[reason, default: []].append(script.name)
                continue
            }
            do {
                let runner = try await ExchangeScript(script, hearsFirst: hearsFirst)
                let differences = try await runner.run()
                if differences.isEmpty { passed += 1 }
                #expect(
                    differences.isEmpty, "\(script.name): \(script.why ?? "")\n\(differences.joined(separator: "\n"))")
            } catch let failure as ScriptFailure where failure.isUnsupported {
                skipped[failure.description, default: []].append(script.name)
            }
        }
        print("Causality scripts on real replicas: \(passed) of \(scripts.count) passed.")
        for (reason, names) in skipped.sorted(by: { $0.key < $1.key }) {
            print("  skipped, \(reason): \(names.count) (\(names.joined(separator: ", ")))")
        }
        #expect(passed >= 80)
    }
}
