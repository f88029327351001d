import SatchelInspection
import SatchelSync

/// A cafe in Shanghai whose phone two reps changed at once, while the office, having seen neither, deleted the record.
struct Scene {
    let type: EntityType
    let schema: Schema
    let record = RecordID(high: 0x0195_4FC0_0000_7000, low: 0x8000_0000_0000_9C41)
    private(set) var state = RecordState()
    private var facts: [Dot: WriterFacts] = [:]

    static let name = FieldID(1)
    static let phone = FieldID(2)
    static let city = FieldID(3)
    static let credit = FieldID(4)
    static let now = time("2026-03-02T09:20:00.000Z")
    static let ann = ActorID(high: 0xA1A1_A1A1_0000_0000, low: 1)
    static let bo = ActorID(high: 0xB0B0_B0B0_0000_0000, low: 2)
    static let office = ActorID(high: 0xC0C0_C0C0_0000_0000, low: 3)

    init() throws {
        type = EntityType(
            id: EntityTypeID(1), name: "account",
            fields: [
                Field(id: Self.name, name: "name", kind: .text(maxLength: 200), policy: .latest),
                Field(id: Self.phone, name: "phone", kind: .text(maxLength: 40), policy: .manual),
                Field(id: Self.city, name: "city", kind: .text(maxLength: 40), policy: .latest),
                Field(id: Self.credit, name: "credit_limit", kind: .integer(0...1_000_000), policy: .latest),
            ])
        schema = try Schema(version: 1, types: [type])
    }

    static func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(milliseconds: 0) }

    mutating func edit(
        _ dot: Dot, by user: String, on device: String, at time: String, clock: String? = nil, seeing: [Dot] = [],
        life: LifeWrite? = nil, label: String? = "edit", _ writes: [(FieldID, FieldValue)] = []
    ) {
        let line = Lineage().line(of: dot)
        let seen = VersionVector(seeing).union(line)
        let change = RecordChange(
            type: type.id, record: record, context: seen.removing(line: line), life: life,
            writes: writes.map { FieldChange($0.0, .register($0.1)) })
        state.apply(change, dot: dot, time: Self.time(time), line: line)
        facts[dot] = WriterFacts(
            dot: dot, user: user, device: device, deviceTime: clock.map(Self.time), correctedTime: Self.time(time),
            label: label, seen: seen)
    }

    /// The two phones, with a third value of the city, and a delete.
    static func contested() throws -> Scene {
        var scene = try Scene()
        let created = Dot(office, 1)
        scene.edit(
            created, by: "Li Na", on: "office", at: "2026-03-01T17:02:00.000Z", life: .create, label: "new",
            [(name, .text("蓝门咖啡")), (phone, .text("021-100")), (city, .text("上海")), (credit, .integer(5_000))])
        scene.edit(
            Dot(ann, 1), by: "Ann", on: "tablet-1", at: "2026-03-02T09:12:00.000Z", seeing: [created],
            [(phone, .text("021-200")), (city, .text("Shanghai\u{1B}[31m"))])
        scene.edit(
            Dot(bo, 1), by: "Bo", on: "tablet-2", at: "2026-03-02T09:14:30.000Z", clock: "2026-03-02T08:14:30.000Z",
            seeing: [created], label: "visit end", [(phone, .text("021-300")), (city, .null)])
        return scene
    }

    func report() throws -> ConflictReport {
        try ConflictReport(
            record: record, type: type, state: state, life: state.lifeStatus, context: context)
    }

    func recordReport(pending: Int = 0, parked: Int = 0) throws -> RecordReport {
        try RecordReport(
            record: record, type: type, state: state, life: state.lifeStatus, context: context, pendingCount: pending,
            parkedCount: parked)
    }

    var context: InspectionContext {
        let facts = facts
        return InspectionContext(
            schema: schema, ending: "9c41", writer: { facts[$0] },
            baseValue: { $0 == .field(Self.phone) ? .text("021-100") : nil })
    }
}
