import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

/// The scripts that any engine must pass, through the real programs: a home a device, a server's process, and verbs.
@Suite struct ProcessVectorTests {
    /// What became of one script: what differs, or why it is left out.
    private struct Result: Sendable {
        let name: String
        var differences: [String] = []
        var reason: String?
        var runCount = 0
    }

    @Test(.enabled(if: CausalityScript.file != nil, "the shared vectors are not beside this checkout"))
    func `the shared causality scripts end as they say through real programs`() async throws {
        let start = ContinuousClock.now
        let all = try CausalityScript.read(try #require(CausalityScript.file))
        let scripts = Places.isWhole ? all : Self.slice(of: all)
        let results = try await withThrowingTaskGroup(of: [Result].self) { group in
            for half in 0..<2 {
                group.addTask {
                    var results: [Result] = []
                    for place in scripts.indices where place % 2 == half {
                        results.append(await Self.result(of: scripts[place]))
                    }
                    return results
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for result in results {
            #expect(result.differences.isEmpty, "\(result.name)\n\(result.differences.joined(separator: "\n"))")
        }
        let played = results.filter { $0.reason == nil }
        for result in results where result.reason != nil {
            print("  not told by verbs: \(result.name), \(result.reason ?? "")")
        }
        print(
            """
            vectors through processes: \(played.count) played, \(results.count - played.count) not told by verbs, \
            \(all.count - scripts.count) left for all; \(results.map(\.runCount).reduce(0, +)) programs run \
            in \(Int((ContinuousClock.now - start).timeInterval)) s
            """)
        // Only what sets a rule of the house with the shell is left out, where there is none.
        #expect(played.count == scripts.count || Places.installed("sqlite3") == nil)
    }

    private static func result(of script: CausalityScript) async -> Result {
        var result = Result(name: script.name + (script.why.map { ": \($0)" } ?? ""))
        do {
            let play = try await ProcessScript(script)
            result.differences = try await play.run()
            result.runCount = play.site.runCount
        } catch let failure as ScriptFailure where failure.isUnsupported {
            result.reason = failure.description
        } catch {
            result.differences.append("it ends with \(error)")
        }
        return result
    }

    /// Of every six scripts the quickest, and of those that do what none of these does the quickest too.
    private static func slice(of scripts: [CausalityScript]) -> [CausalityScript] {
        let quickest = scripts.indices.sorted { (scripts[$0].runsNeeded, $0) < (scripts[$1].runsNeeded, $1) }
        var chosen = Set(Dictionary(grouping: quickest) { $0 / 6 }.values.compactMap(\.first))
        var seen = Set(chosen.flatMap { scripts[$0].traits })
        for place in quickest where !scripts[place].traits.isSubset(of: seen) {
            chosen.insert(place)
            seen.formUnion(scripts[place].traits)
        }
        return chosen.sorted().map { scripts[$0] }
    }
}

extension CausalityScript {
    /// About how many programs it takes: the steps, and for each device its making, the last rounds and a look at the end.
    fileprivate var runsNeeded: Int { steps.count + 12 * devices.count }

    /// What the steps of the script do, each in a word or two.
    fileprivate var traits: Set<String> {
        var traits: Set<String> = []
        for step in steps {
            traits.insert(step.do)
            traits.formUnion(step.edits.map { "edit \($0.do)" })
            if Set(step.edits.map(\.record)).count > 1 { traits.insert("several records") }
            if step.edits.count > 1 { traits.formUnion(step.edits.map { "\($0.do) among others" }) }
            if step.readAt != nil { traits.insert("by a token") }
            if step.dropReply == true { traits.insert("answer lost") }
            if step.deliverTwice == true { traits.insert("delivered twice") }
        }
        return traits
    }
}
