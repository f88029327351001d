import Foundation
import ScenarioRunner
import Testing

/// Real concurrent edits of public registries, made by real programs: what merges, what conflicts, and that nothing is lost.
@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: Places.realMerges.path),
        "the shared data is not beside the repository; SATCHEL_SHARED names its place"))
struct RealMergeTests {
    @Test(arguments: ["brigades.jsonl", "justdeleteme.jsonl"])
    func `real concurrent edits merge by the rules, lose nothing, and come out the same in both orders`(
        file: String
    ) async throws {
        let start = ContinuousClock.now
        let real = try MergeLine.read(Places.realMerges.appending(path: file))
        let edits = real.filter { $0.base != nil && $0.left != nil && $0.right != nil }
        let made = stride(from: 0, to: edits.count, by: 5).map { edits[$0].withDelete(onLeft: $0.isMultiple(of: 2)) }
        let lines = real + made
        try #require(Set(lines.map(\.recordID)).count == lines.count)
        let schema = MergeSchema(real)

        let (days, runCount) = try await MergeDay.both(lines, schema: schema)

        var tally = MergeExpectation.Tally()
        for line in lines {
            let expectation = MergeExpectation(line, schema: schema, tally: &tally)
            for day in days { Self.expect(expectation, of: line, in: day) }
            Self.expectSame(line, days)
        }
        for day in days {
            #expect(day.digest == days[0].digest, "the digest depends on the order of the syncs")
            #expect(Set(day.records.keys).union(day.conflicts.keys).isSubset(of: lines.map(\.recordID)))
        }
        let seconds = (ContinuousClock.now - start).timeInterval
        print(
            """
            \(file): \(real.count) lines and \(made.count) deletes made of them, in both orders: \
            \(tally.oneSided) one-sided edits kept, \(tally.bothSame) fields changed to the same by both, \
            conflicts \(tally.decide) decide and \(tally.review) review, \(tally.setMerges) sets merged, \
            deleted \(tally.deletedByBoth) by both and \(tally.deletedByOne) by one, \(tally.contested) contested; \
            \(runCount) programs run in \(Int(seconds)) s
            """)
    }

    private static func expect(_ expectation: MergeExpectation, of line: MergeLine, in day: MergeDay) {
        let conflicts = day.conflicts[line.recordID] ?? [:]
        #expect(conflicts.mapValues(\.severity) == expectation.conflicts, "the conflicts of \(line.name)")
        guard let record = day.records[line.recordID] else {
            #expect(!expectation.isVisible, "\(line.name) is not shown")
            return
        }
        #expect(expectation.isVisible, "\(line.name) is shown")
        for (field, values) in expectation.values {
            let shown = record.fields[field] ?? .null
            #expect(values.contains(shown), "\(field) of \(line.name) shows \(shown)")
            if let conflict = conflicts[field] { #expect(conflict.values == values, "\(field) of \(line.name)") }
        }
    }

    private static func expectSame(_ line: MergeLine, _ days: [MergeDay]) {
        let (forth, back) = (days[0], days[1])
        #expect(
            forth.records[line.recordID]?.fields == back.records[line.recordID]?.fields
                && forth.records[line.recordID]?.life == back.records[line.recordID]?.life
                && forth.conflicts[line.recordID] == back.conflicts[line.recordID],
            "\(line.name) depends on the order of the syncs")
    }
}
