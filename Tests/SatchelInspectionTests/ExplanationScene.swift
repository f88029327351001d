import SatchelInspection
import SatchelSync
import SatchelTestSupport

/// A scene that keeps the past of its item, for explanations.
struct ExplanationScene {
    private(set) var scene: ConflictScene
    private(set) var past: [RecordTouch] = []

    init() throws { scene = try ConflictScene() }

    /// Everything that stands, as somebody sees it who is up to date.
    var everything: VersionVector { scene.everything }

    /// Lets one of the people edit the item, having seen `seen` and their own work.
    @discardableResult
    mutating func edit(
        _ person: Int, minute: Int64, seeing seen: VersionVector = VersionVector(), life: LifeWrite? = nil,
        _ writes: [(FieldID, FieldWrite)] = []
    ) -> Dot {
        let dot = scene.edit(person, at: ConflictScene.time(9, minute), seeing: seen, life: life, writes)
        let change = RecordChange(
            type: scene.type.id, record: .sample(1), context: seen, life: life,
            writes: writes.map { FieldChange($0.0, $0.1) })
        past.append(
            RecordTouch(dot: dot, change: change, seen: scene.facts[dot]?.seen.map { SeenContext(vector: $0) }))
        return dot
    }

    /// Makes the item with a name and a phone.
    @discardableResult
    mutating func create() -> Dot {
        edit(0, minute: 0, life: .create, [(ItemSchema.name, .text("Blue Door")), (ItemSchema.phone, .text("100"))])
    }

    /// Lets the past look as if the last change-set had come first.
    mutating func moveLastToFront() { past.insert(past.removeLast(), at: 0) }

    func record(isPastWhole: Bool = true) -> ExplainedRecord {
        ExplainedRecord(
            record: .sample(1), type: scene.type, state: scene.state, life: scene.state.lifeStatus, past: past,
            isPastWhole: isPastWhole, context: scene.context)
    }

    /// The part of one change-set, explained.
    func part(_ dot: Dot, fate: LedgerState? = nil, isShown: Bool = true) throws -> PartExplanation? {
        guard let touch = past.first(where: { $0.dot == dot }) else { return nil }
        return try PartExplanation(
            of: touch, line: Lineage().line(of: dot), in: record(), fate: fate, isShown: isShown)
    }

    /// One write of a change-set, explained.
    func write(_ field: String, of dot: Dot) throws -> WriteExplanation? {
        try part(dot)?.writes.first { $0.field == field }
    }
}
