import Foundation
import ScenarioRunner

/// What a store holds after two reps edited the same records offline and synced in one order.
struct MergeDay: Sendable {
    /// One open conflict, with all its values.
    struct Conflict: Hashable, Sendable {
        let severity: String
        let values: Set<Shown>
    }

    /// The records that are shown, by id.
    let records: [String: RecordForm]
    /// The open conflicts by record and subject.
    let conflicts: [String: [String: Conflict]]
    let digest: String

    /// The day with real programs, once for each order of the syncs.
    ///
    /// The office applies the base, both reps fetch it, and offline the one makes left of it and the other right. Then server and
    /// devices are copied: so both orders begin with the same change-sets under the same dots, and their digests can be compared.
    static func both(_ lines: [MergeLine], schema: MergeSchema) async throws -> (days: [MergeDay], runCount: Int) {
        let site = try Site()
        let schemaPath = site.path("schema.yaml")
        try Data(schema.yaml.utf8).write(to: URL(filePath: schemaPath))
        let server = try await ServerProcess.start(in: site, schema: schemaPath)
        let base = try lines.compactMap { line in try line.base.map { try schema.jsonLine($0, id: line.recordID) } }
        try await server.apply(base.joined(separator: "\n") + "\n")
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        try await server.quiet([ann, bo])

        // One after the other, so that in either order of the syncs the right edit is the later one.
        for line in lines { try await make(line.left, of: line, on: ann, schema: schema) }
        for line in lines { try await make(line.right, of: line, on: bo, schema: schema) }
        try await server.requireGracefulStop()

        var days: [MergeDay] = []
        for isLeftFirst in [true, false] {
            let name = isLeftFirst ? "left-first" : "right-first"
            let twin = try server.twin(named: name)
            let devices = [try ann.twin(named: name), try bo.twin(named: name)]
            try await twin.serve()
            days.append(try await end(twin, devices, order: isLeftFirst ? devices : devices.reversed()))
        }
        return (days, site.runCount)
    }

    private static func end(_ server: ServerProcess, _ devices: [Device], order: [Device]) async throws -> MergeDay {
        for device in order { try await device.sync() }
        try await server.requireDrained(devices)
        let day = MergeDay(
            records: Dictionary(uniqueKeysWithValues: try await devices[0].list("entry").map { ($0.id, $0) }),
            conflicts: byRecord(try await server.conflicts()), digest: try await server.digest())
        for device in devices {
            guard byRecord(try await device.conflicts()) == day.conflicts else {
                throw AcceptanceFailure("\(device.home) and the server tell of other conflicts.")
            }
        }
        try await server.requireGracefulStop()
        return day
    }

    private static func make(
        _ side: MergeLine.Sheet?, of line: MergeLine, on device: Device, schema: MergeSchema
    ) async throws {
        guard let side else { return try await device.delete("entry", line.recordID) }
        let assignments = schema.assignments(from: line.base ?? [:], to: side)
        if line.base == nil {
            try await device.new("entry", id: line.recordID, assignments)
        } else if !assignments.isEmpty {
            try await device.set("entry", line.recordID, assignments)
        }
    }

    private static func byRecord(_ forms: [ConflictForm]) -> [String: [String: Conflict]] {
        Dictionary(
            uniqueKeysWithValues: forms.map { form in
                let items = form.conflicts.map { item in
                    (item.subject, Conflict(severity: item.severity, values: Set(item.siblings.map(\.value))))
                }
                return (form.id, Dictionary(uniqueKeysWithValues: items))
            })
    }
}
