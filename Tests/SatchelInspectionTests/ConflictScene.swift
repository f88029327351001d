import SatchelInspection
import SatchelSync
import SatchelTestSupport

/// One item that Ann, Bo and Cy edit, each on a device of their own, and what a replica knows of their change-sets.
struct ConflictScene {
    static let people = ["Ann", "Bo", "Cy"]

    let schema: Schema
    let type: EntityType
    private(set) var state = RecordState()
    private(set) var facts: [Dot: WriterFacts] = [:]
    private var counters: [UInt64] = [0, 0, 0]
    var base: [FieldID: FieldValue] = [:]
    var titles: [RecordID: String] = [:]

    init() throws {
        schema = try ItemSchema.make()
        type = schema.types[0]
    }

    /// A minute of the day on which everything happens.
    static func time(_ hour: Int64, _ minute: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_772_409_600_000 + (hour * 60 + minute) * 60_000)  // 2026-03-02
    }

    /// What a person had seen who is up to date with the record as it stands.
    var everything: VersionVector { state.context }

    /// Lets one of the people edit the record, having seen `seen` and their own work.
    @discardableResult
    mutating func edit(
        _ person: Int, at time: Timestamp, seeing seen: VersionVector = VersionVector(), life: LifeWrite? = nil,
        _ writes: [(FieldID, FieldWrite)] = [], deviceTime: Timestamp? = nil, label: String? = "edit"
    ) -> Dot {
        counters[person] += 1
        let dot = Dot(.sample(person), counters[person])
        let line = Lineage().line(of: dot)
        let change = RecordChange(
            type: type.id, record: .sample(1), context: seen.removing(line: line), life: life,
            writes: writes.map { FieldChange($0.0, $0.1) })
        state.apply(change, dot: dot, time: time, line: line)
        facts[dot] = WriterFacts(
            dot: dot, user: Self.people[person], device: "tablet-\(person + 1)", deviceTime: deviceTime,
            correctedTime: time, label: label, seen: seen.union(line))
        return dot
    }

    /// Makes the record with a name and a phone, as Ann does at eight.
    mutating func create() {
        edit(
            0, at: Self.time(8, 0), life: .create,
            [(ItemSchema.name, .text("Blue Door")), (ItemSchema.phone, .text("100"))], label: "new")
    }

    /// Forgets who wrote what.
    mutating func forgetWriters() { facts = [:] }

    var context: InspectionContext {
        let (facts, base, titles) = (facts, base, titles)
        return InspectionContext(
            schema: schema, ending: "0001", writer: { facts[$0] }, baseValue: { $0.field.flatMap { base[$0] } },
            title: { titles[$0] })
    }

    func report(life: LifeStatus? = nil) throws -> ConflictReport {
        try ConflictReport(
            record: .sample(1), type: type, state: state, life: life ?? state.lifeStatus, context: context)
    }

    /// The only item of the report.
    func item(_ subject: String, life: LifeStatus? = nil) throws -> ConflictItemReport? {
        try report(life: life).items.first { $0.subject == subject }
    }
}

extension FieldWrite {
    static func text(_ text: UTF8Text) -> FieldWrite { .register(.text(text)) }
}
