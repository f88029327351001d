import Foundation
import SatchelSchemaFile
import SatchelSync

/// What all workloads share: where the input is, where to work, how often to run, and what was found.
final class Bench {
    /// The folder that `generate.py` wrote to.
    let input: URL
    /// How often each is run; the median counts.
    let runs: Int
    let source: String
    let schema: Schema
    private let work: URL
    private var folderCount = 0
    private let report: (Finding) throws -> Void

    /// Works in a folder of its own, which ``finish()`` takes away.
    init(input: URL, runs: Int, report: @escaping (Finding) throws -> Void) throws {
        self.input = input
        self.runs = runs
        self.report = report
        source = String(decoding: PackageResources.schema_yaml, as: UTF8.self)
        schema = try SchemaFile.parse(source).schema
        work = FileManager.default.temporaryDirectory.appending(path: "satchel-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    }

    /// Takes the working folder away.
    func finish() { try? FileManager.default.removeItem(at: work) }

    /// A path that nothing is at yet.
    func place() -> URL {
        folderCount += 1
        return work.appending(path: "\(folderCount)")
    }

    /// Runs ours and the floor in turns, so that what else the machine does hits both.
    ///
    /// Each gets a fresh place and answers with what the measured part of it cost.
    func compare(
        _ name: String, _ measure: Finding.Measure = .cpu, count: Int, ours: (URL) async throws -> Usage,
        floor: (URL) async throws -> Usage
    ) async throws {
        var (own, plain): ([Usage], [Usage]) = ([], [])
        for _ in 0..<runs {
            own.append(try await inPlace(ours))
            plain.append(try await inPlace(floor))
        }
        try report(Finding(name: name, measure, ours: own, floor: plain, count: count))
    }

    /// The same for commands that somebody waits for: they are short, so each is run four times as often, and always at the same place.
    func compareWaiting(_ name: String, count: Int, ours: () throws -> Usage, floor: () throws -> Usage) throws {
        var (own, plain): ([Usage], [Usage]) = ([], [])
        for _ in 0..<(runs * 4) {
            own.append(try ours())
            plain.append(try floor())
        }
        try report(Finding(name: name, .wall, ours: own, floor: plain, count: count))
    }

    /// Reports two sizes.
    func compare(_ name: String, count: Int, bytes: Int, floorBytes: Int) throws {
        try report(Finding(name: name, bytes: bytes, floorBytes: floorBytes, count: count))
    }

    private func inPlace(_ body: (URL) async throws -> Usage) async throws -> Usage {
        let place = place()
        defer {
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: place.path + suffix) }
        }
        return try await body(place)
    }
}
