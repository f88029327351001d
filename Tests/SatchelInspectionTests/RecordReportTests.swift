import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct RecordReportTests {
    private static func report(_ scene: ConflictScene, pending: Int = 0, parked: Int = 0) throws -> RecordReport {
        try RecordReport(
            record: .sample(1), type: scene.type, state: scene.state, life: scene.state.lifeStatus,
            context: scene.context, pendingCount: pending, parkedCount: parked)
    }

    @Test func `a record shows its winners, its set and its marks`() throws {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        scene.edit(1, at: ConflictScene.time(9, 12), seeing: seen, [(ItemSchema.phone, .text("200"))])
        scene.edit(
            2, at: ConflictScene.time(9, 14), seeing: seen,
            [(ItemSchema.phone, .text("300")), (ItemSchema.tags, .set(add: ["a", "b"], remove: []))])
        let report = try Self.report(scene, pending: 2, parked: 1)
        #expect(report.title == "Blue Door")
        #expect(report.life == .alive)
        #expect(report.fields.map(\.name) == ["name", "phone", "parent", "tags", "visits", "facts"])
        #expect(report.fields.map(\.value.text) == ["Blue Door", "300", "", "a, b", "0", ""])
        #expect(report.fields.map(\.value.isNull) == [false, false, true, false, false, true])
        #expect(report.fields.map(\.conflict) == [nil, .decide, nil, nil, nil, nil])
        #expect(report.marks == RecordMarks(pendingCount: 2, parkedCount: 1, conflict: .decide))
    }

    @Test func `a plain record has no marks`() throws {
        var scene = try ConflictScene()
        scene.create()
        #expect(try Self.report(scene).marks == RecordMarks())
    }
}
