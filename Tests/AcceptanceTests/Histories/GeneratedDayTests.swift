import Foundation
import ScenarioRunner
import Testing

/// The generated day of one rep, as the benchmarks play it: every type, field and line of it is one that we take.
@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: Places.generator.path)
            && Places.installed("python3") != nil,
        "the shared generator is not beside the repository, or there is no python3"))
struct GeneratedDayTests {
    /// A line of the day; numbers that are no whole ones are left out.
    private struct Line: Decodable {
        struct Change: Decodable {
            let op: String, type: String, id: String
            let set: [String: Plain]?
            let add: [String: [String]]?, remove: [String: [String]]?
            let increment: [String: Int64]?
        }

        let at: String, label: String, n: Int
        let changes: [Change]
    }

    private struct Plain: Decodable {
        let value: Shown?

        init(from decoder: any Decoder) throws { value = try? Shown(from: decoder) }
    }

    private struct QueuedForm: Decodable {
        let dot: String, label: String, madeAt: String

        enum CodingKeys: String, CodingKey {
            case dot, label
            case madeAt = "made_at"
        }
    }

    @Test func `a generated day is taken whole, under the device's own dots and the times of its lines`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (site, folder) = (server.site, server.site.path("generated"))
        for arguments in [["w2"], ["w3", "--records", "60"]] {
            let command = [Places.generator.path] + arguments + ["--out", folder]
            let result = try await site.end(
                try site.start(Places.installed("python3") ?? "", command.map { Array($0.utf8) }))
            guard result.exitCode == 0 else { throw AcceptanceFailure(result.account) }
        }
        for part in ["w2-day", "w3-bootstrap"] {
            try await server.command(["apply", "\(folder)/\(part)/seed.jsonl", "--as", "office"])
        }
        let device = try await server.enrol("ann")
        try await server.quiet([device])

        let day = "\(folder)/w2-day/dev-007.jsonl"
        try await device.run(["apply", day])
        let lines = try String(contentsOfFile: day, encoding: .utf8).split(separator: "\n")
            .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        let queue: [QueuedForm] = try await device.run(["queue", "list", "--json"]).decoded()
        #expect(queue.map(\.label) == lines.map(\.label))
        #expect(queue.map(\.madeAt) == lines.map(\.at))
        #expect(queue.map { $0.dot.split(separator: ":").last.flatMap { Int($0) } } == lines.map(\.n))
        #expect(Set(queue.map { $0.dot.prefix(32) }).count == 1)

        try await server.requireDrained([device])
        try await Self.expect(lines, at: server)
        try await server.requireGracefulStop()
    }

    /// Expects of each record what the last line that wrote a field says.
    private static func expect(_ lines: [Line], at server: ServerProcess) async throws {
        var records: [String: RecordForm] = [:]
        for type in ["account", "contact", "visit", "photo"] {
            let shown = try await server.command(["list", type, "--json"]).decoded([RecordForm].self)
            for record in shown { records[record.id] = record }
        }
        var (values, counts, tags) = ([String: Shown](), [String: Int64](), [String: Set<String>]())
        for change in lines.flatMap(\.changes) {
            for (field, plain) in change.set ?? [:] { values["\(change.id) \(field)"] = plain.value }
            for (field, amount) in change.increment ?? [:] { counts["\(change.id) \(field)", default: 0] += amount }
            tags["\(change.id) tags", default: []].formUnion(change.add?["tags"] ?? [])
            tags["\(change.id) tags"]?.subtract(change.remove?["tags"] ?? [])
        }
        func shown(_ key: String) -> Shown? {
            let words = key.split(separator: " ").map(String.init)
            return records[words[0]]?.fields[words[1]]
        }
        for (key, value) in values { #expect(shown(key) == value, "\(key)") }
        for (key, count) in counts { #expect(shown(key) == .number(count), "\(key)") }
        for (key, elements) in tags where !elements.isEmpty { #expect(shown(key) == .elements(elements), "\(key)") }
        #expect(values.count > 500 && counts.count > 5 && tags.count > 5)
    }
}
