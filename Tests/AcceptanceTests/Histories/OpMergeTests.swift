import Foundation
import ScenarioRunner
import Testing

/// Real concurrent histories of public registries, step by step, made by real programs.
@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: Places.realMerges.path),
        "the shared data is not beside the repository; SATCHEL_SHARED names its place"))
struct OpMergeTests {
    private static let files = ["brigades.jsonl", "justdeleteme.jsonl", "openstates-people.jsonl"]

    /// Sends all that waits one to three times: a device that does not hear the answer sends the same again.
    private static func send(by device: Device, times: Int, _ proxy: RepeatingProxy) async throws {
        defer { proxy.set(.pass) }
        if times > 1 {
            proxy.set(.loseAnswer)
            try await device.run(["sync"], expecting: [4])
        }
        proxy.set(times > 2 ? .deliverTwice(hearsFirst: false) : .pass)
        try await device.sync()
    }

    @Test(arguments: files)
    func `every step of real concurrent histories is merged by the rules`(file: String) async throws {
        let start = ContinuousClock.now
        let merges = try OpMerge.read(
            Places.realMerges.appending(path: file), stride: Places.isWhole ? 1 : 10)
        let schema = OpSchema(merges)
        let site = try Site()
        let schemaPath = site.path("schema.yaml")
        try Data(schema.yaml.utf8).write(to: URL(filePath: schemaPath))
        let server = try await ServerProcess.start(in: site, schema: schemaPath)
        let base = try merges.compactMap { merge in
            try merge.base.map { try schema.baseLine($0, id: merge.recordID) }
        }
        try await server.apply(base.joined(separator: "\n") + "\n")
        let proxy = try RepeatingProxy(before: server)
        defer { proxy.stop() }
        var devices: [Device] = []
        for user in ["ann", "bo"] { devices.append(try await server.enrol(user, url: proxy.url)) }
        try await server.quiet(devices)

        for (device, side) in zip(devices, [\OpMerge.left, \.right]) {
            let lines = try merges.flatMap { try schema.lines($0[keyPath: side], of: $0) }
            let path = site.path("side.jsonl")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
            try await device.run(["apply", path])
        }
        for (place, device) in devices.enumerated() {
            try await Self.send(by: device, times: 1 + ((Self.files.firstIndex(of: file) ?? 0) + place) % 3, proxy)
        }
        try await server.requireDrained(devices)

        var tally = OpExpectation.Tally()
        let records = Dictionary(uniqueKeysWithValues: try await devices[0].list("entry").map { ($0.id, $0) })
        let conflicts = Dictionary(uniqueKeysWithValues: try await server.conflicts().map { ($0.id, $0) })
        for merge in merges {
            let expectation = OpExpectation(merge, schema: schema, tally: &tally)
            let found = Set((conflicts[merge.recordID]?.conflicts ?? []).map(\.subject))
            #expect(found == expectation.conflicts, "the conflicts of \(merge.name)")
            guard let record = records[merge.recordID] else {
                #expect(!expectation.isVisible, "\(merge.name) is not shown")
                continue
            }
            #expect(expectation.isVisible, "\(merge.name) is shown")
            Self.expect(expectation, in: record, schema: schema, name: merge.name)
        }
        try await server.requireGracefulStop()
        let seconds = Int((ContinuousClock.now - start).timeInterval)
        print(
            """
            \(file): \(merges.count) records, \(tally.steps) steps: \(tally.oneSided) one-sided edits kept, \
            \(tally.bothSame) to the same by both, \(tally.review) conflicts, \(tally.setMerges) sets merged, \
            \(tally.deleted) deleted, \(tally.contested) contested; \(site.runCount) programs run in \(seconds) s
            """)
    }

    private static func expect(_ expectation: OpExpectation, in record: RecordForm, schema: OpSchema, name: String) {
        var facts: [String: Shown] = [:]
        if case .entries(let entries)? = record.fields["facts"] { facts = entries }
        for (key, values) in expectation.facts {
            #expect(values.contains(facts[key]), "\(key) of \(name) shows \(facts[key] ?? .null)")
        }
        #expect(Set(facts.keys).isSubset(of: expectation.facts.keys), "keys of \(name)")
        for (key, elements) in expectation.lists {
            var shown: Set<String> = []
            if case .elements(let found)? = schema.sets[key].flatMap({ record.fields[$0] }) { shown = found }
            #expect(shown == elements, "\(key) of \(name)")
        }
    }
}
