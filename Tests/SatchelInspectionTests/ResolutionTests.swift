import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ResolutionTests {
    private static func scene() throws -> ConflictScene {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        scene.edit(1, at: ConflictScene.time(9, 12), seeing: seen, [(ItemSchema.phone, .text("200"))])
        scene.edit(2, at: ConflictScene.time(9, 14), seeing: seen, [(ItemSchema.phone, .text("300"))])
        return scene
    }

    private static func draft(
        _ scene: ConflictScene, _ subject: ConflictSubject, _ choice: ResolutionChoice, readAt: VersionVector? = nil
    ) throws -> DraftChange {
        try Resolution.draft(
            settling: subject, by: choice, record: .sample(1), type: scene.type, state: scene.state,
            life: scene.state.lifeStatus, readAt: readAt)
    }

    @Test func `taking a number writes its value and covers every sibling`() throws {
        let scene = try Self.scene()
        let draft = try Self.draft(scene, .field(ItemSchema.phone), .take(2))
        #expect(
            draft
                == DraftChange(
                    type: ItemSchema.type, record: .sample(1),
                    writes: [FieldChange(ItemSchema.phone, .register(.text("200")))], readAt: scene.state.context))
    }

    @Test func `a value of one's own may be neither of the two`() throws {
        let scene = try Self.scene()
        let draft = try Self.draft(scene, .field(ItemSchema.phone), .value(.text("400")))
        #expect(draft.writes == [FieldChange(ItemSchema.phone, .register(.text("400")))])
    }

    @Test func `a context that the caller gives is the one kept`() throws {
        let readAt = VersionVector([Dot(.sample(2), 1)])
        let draft = try Self.draft(try Self.scene(), .field(ItemSchema.phone), .take(1), readAt: readAt)
        #expect(draft.readAt == readAt)
    }

    @Test(arguments: [0, 3, -1, .min, .max]) func `a number that no value has is refused with the choices`(
        number: Int
    ) throws {
        let scene = try Self.scene()
        let error = #expect(throws: SatchelError.self) {
            try Self.draft(scene, .field(ItemSchema.phone), .take(number))
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.remedy == "Take one of the values 1 to 2, or give a value.")
    }

    @Test func `a field without conflict is refused and the open ones are named`() throws {
        let scene = try Self.scene()
        let error = #expect(throws: SatchelError.self) {
            try Self.draft(scene, .field(ItemSchema.name), .take(1))
        }
        #expect(error?.code == .noConflict)
        #expect(error?.remedy == "Open are: phone.")
    }

    @Test func `keep and delete settle a life and nothing else`() throws {
        var scene = try Self.scene()
        let fieldError = #expect(throws: SatchelError.self) {
            try Self.draft(scene, .field(ItemSchema.phone), .keep)
        }
        #expect(fieldError?.code == .invalidRequest)
        let lifeError = #expect(throws: SatchelError.self) { try Self.draft(scene, .life, .keep) }
        #expect(lifeError?.code == .noConflict)

        scene.edit(0, at: ConflictScene.time(10, 0), life: .delete)
        #expect(try Self.draft(scene, .life, .keep).life == .revive)
        #expect(try Self.draft(scene, .life, .delete).life == .delete)
        let valueError = #expect(throws: SatchelError.self) { try Self.draft(scene, .life, .value(.text("x"))) }
        #expect(valueError?.code == .invalidRequest)
    }

    @Test func `a subject is named by life or by a field of the type`() throws {
        let type = try Self.scene().type
        #expect(try type.conflictSubject(named: "life") == .life)
        #expect(try type.conflictSubject(named: "phone") == .field(ItemSchema.phone))
        let error = #expect(throws: SatchelError.self) { try type.conflictSubject(named: "fax") }
        #expect(error?.code == .unknownField)
    }
}
