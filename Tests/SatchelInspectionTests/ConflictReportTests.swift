import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ConflictReportTests {
    /// Bo and Cy change the phone at once, both having seen what Ann made.
    private static func parallelPhones() throws -> ConflictScene {
        var scene = try ConflictScene()
        scene.create()
        scene.base[ItemSchema.phone] = .text("100")
        let seen = scene.everything
        scene.edit(1, at: ConflictScene.time(9, 12), seeing: seen, [(ItemSchema.phone, .text("200"))])
        scene.edit(2, at: ConflictScene.time(9, 14), seeing: seen, [(ItemSchema.phone, .text("300"))])
        return scene
    }

    @Test func `a field with two values names who, when, on which device and what each had seen`() throws {
        let item = try #require(try Self.parallelPhones().item("phone"))
        #expect(item.severity == .decide)
        #expect(item.policy == "manual")
        #expect(item.base?.text == "100")
        #expect(item.siblings.map(\.number) == [1, 2])
        #expect(item.siblings.map(\.value.text) == ["300", "200"])
        #expect(item.siblings.map(\.isWinner) == [true, false])
        let winner = try #require(item.siblings[0].writers.first)
        #expect(winner.user == "Cy")
        #expect(winner.device == "tablet-3")
        #expect(winner.correctedTime == ConflictScene.time(9, 14))
        #expect(winner.hadSeen.map(\.sentence) == ["had seen Ann's edit 00000000:1 of 2026-03-02 08:00 UTC"])
        #expect(winner.hadSeen.map(\.dot) == [Dot(.sample(0), 1)])
        #expect(winner.unseen.map(\.sentence) == ["had not seen Bo's edit 00000000:1 of 2026-03-02 09:12 UTC"])
        #expect(winner.unseen.map(\.dot) == [Dot(.sample(1), 1)])
        #expect(item.winnerReason == "a person must decide; the table shows the latest until then")
    }

    @Test func `equal values of two writers are one sibling`() throws {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        scene.edit(0, at: ConflictScene.time(9, 0), seeing: seen, [(ItemSchema.name, .text("Red Door"))])
        scene.edit(1, at: ConflictScene.time(9, 1), seeing: seen, [(ItemSchema.name, .text("Green Door"))])
        scene.edit(2, at: ConflictScene.time(9, 2), seeing: seen, [(ItemSchema.name, .text("Red Door"))])
        let item = try #require(try scene.item("name"))
        #expect(item.siblings.map(\.value.text) == ["Red Door", "Green Door"])
        #expect(item.siblings[0].writers.map(\.user) == ["Ann", "Cy"])
        #expect(item.siblings[0].writers.map { $0.unseen.map(\.dot) } == [[Dot(.sample(1), 1)], [Dot(.sample(1), 1)]])
        #expect(item.severity == .review)
        #expect(item.winnerReason == "latest by corrected time")
    }

    @Test func `at the same time the higher actor wins, and the report says so`() throws {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        scene.edit(1, at: ConflictScene.time(9, 0), seeing: seen, [(ItemSchema.name, .text("Red"))])
        scene.edit(2, at: ConflictScene.time(9, 0), seeing: seen, [(ItemSchema.name, .text("Green"))])
        let item = try #require(try scene.item("name"))
        #expect(item.siblings[0].value.text == "Green")
        #expect(item.winnerReason == "same time: the higher actor")
    }

    @Test func `a contested life names the edits that the delete had not seen`() throws {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        let edit = scene.edit(
            1, at: ConflictScene.time(9, 0), seeing: seen,
            [(ItemSchema.name, .text("Red")), (ItemSchema.tags, .set(add: ["a", "b"], remove: []))])
        let delete = scene.edit(2, at: ConflictScene.time(9, 5), seeing: seen, life: .delete)
        let item = try #require(try scene.item("life"))
        #expect(item.severity == .decide)
        #expect(item.siblings.map(\.value.text) == ["edited by Bo (name, tags)", "deleted by Cy"])
        #expect(item.siblings[0].isWinner)
        #expect(item.siblings[0].writers.map(\.fields) == [["name", "tags"]])
        #expect(item.siblings[0].writers[0].unseen.map(\.dot) == [delete])
        #expect(item.siblings[1].writers[0].unseen.map(\.dot) == [edit])
    }

    @Test func `a delete tells what it had seen even where nothing else is known of it`() throws {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        let edit = scene.edit(1, at: ConflictScene.time(9, 0), seeing: seen, [(ItemSchema.name, .text("Red"))])
        scene.edit(2, at: ConflictScene.time(9, 5), seeing: seen, life: .delete)
        scene.forgetWriters()
        let item = try #require(try scene.item("life"))
        let delete = item.siblings[1].writers[0]
        #expect(delete.user == nil)
        #expect(delete.isContextKnown)
        #expect(delete.unseen.map(\.dot) == [edit])
        #expect(item.siblings[1].value.text == "deleted by an unknown user")
    }

    @Test func `a deleted record that living records refer to is contested without writers on the living side`() throws
    {
        var scene = try ConflictScene()
        scene.create()
        scene.edit(2, at: ConflictScene.time(9, 5), seeing: scene.everything, life: .delete)
        #expect(try scene.report().items.isEmpty)
        let item = try #require(try scene.item("life", life: .contested))
        #expect(item.siblings.map(\.value.text) == ["alive: living records refer to it", "deleted by Cy"])
        #expect(item.siblings[0].writers.isEmpty)
    }

    @Test func `a reference shows the title and the ending of its record`() throws {
        var scene = try ConflictScene()
        scene.create()
        scene.titles[.sample(7)] = "Head Office"
        let seen = scene.everything
        scene.edit(
            1, at: ConflictScene.time(9, 0), seeing: seen, [(ItemSchema.parent, .register(.reference(.sample(7))))])
        scene.edit(
            2, at: ConflictScene.time(9, 1), seeing: seen, [(ItemSchema.parent, .register(.reference(.sample(8))))])
        let item = try #require(try scene.item("parent"))
        #expect(
            item.siblings.map(\.value.text) == [
                "a record that is not here (…00000008)", "Head Office (…00000007)",
            ])
        #expect(
            item.siblings.map(\.value.content) == [
                .register(.reference(.sample(8))), .register(.reference(.sample(7))),
            ])
    }

    @Test func `a change-set that nobody here knows is shown by its actor and the state's time`() throws {
        var scene = try Self.parallelPhones()
        scene.forgetWriters()
        let writer = try #require(try scene.item("phone")?.siblings[0].writers.first)
        #expect(writer.user == nil)
        #expect(writer.device == ActorID.sample(2).shortDescription)
        #expect(writer.correctedTime == ConflictScene.time(9, 14))
        #expect(!writer.isContextKnown)
        #expect(writer.hadSeen.isEmpty && writer.unseen.isEmpty)
    }

    @Test func `a record without conflict has no items`() throws {
        var scene = try ConflictScene()
        scene.create()
        let report = try scene.report()
        #expect(report.items.isEmpty)
        #expect(report.severity == nil)
        #expect(report.title == "Blue Door")
    }

    @Test func `what a look-up throws comes out of the report`() throws {
        let scene = try Self.parallelPhones()
        let failure = SatchelError(.storageFailed, "The disk is gone.")
        let context = InspectionContext(schema: scene.schema, ending: "0001", writer: { _ in throw failure })
        #expect(throws: SatchelError.self) {
            try ConflictReport(
                record: .sample(1), type: scene.type, state: scene.state, life: .alive, context: context)
        }
    }

    @Test func `a token of what stood before a write is refused after it`() throws {
        var scene = try Self.parallelPhones()
        let before = scene.state
        #expect(try scene.report().token == before.standingToken)
        let phone = ConflictSubject.field(ItemSchema.phone)
        try before.requireToken(before.standingToken, of: phone, by: .take(1))
        scene.edit(0, at: ConflictScene.time(10, 0), seeing: scene.everything, [(ItemSchema.name, .text("Red"))])
        #expect(scene.state.standingToken != before.standingToken)
        let error = #expect(throws: SatchelError.self) {
            try scene.state.requireToken(before.standingToken, of: phone, by: .take(1))
        }
        #expect(error?.code == .conflictChanged)
    }

    private func isTaken(
        _ token: String, _ scene: ConflictScene, _ subject: ConflictSubject, _ choice: ResolutionChoice = .take(1)
    ) -> Bool { (try? scene.state.requireToken(token, of: subject, by: choice)) != nil }

    @Test func `the settlements of a record go one after the other, and a value that came unseen stands in the way`()
        throws
    {
        var scene = try ConflictScene()
        scene.create()
        let seen = scene.everything
        let fields = [ItemSchema.name, ItemSchema.phone]
        for person in 1...2 {
            scene.edit(
                person, at: ConflictScene.time(9, Int64(person)), seeing: seen,
                fields.map { ($0, .text(UTF8Text("\(person)"))) })
        }
        let tokens = try scene.report().items.map(\.token)
        let subjects = fields.map(ConflictSubject.field)
        #expect(Set(tokens).count == 2)
        for (token, subject) in zip(tokens, subjects) { #expect(isTaken(token, scene, subject)) }
        #expect(!isTaken(tokens[0], scene, subjects[1]))
        scene.edit(0, at: ConflictScene.time(10, 0), seeing: scene.everything, [(ItemSchema.name, .text("2"))])
        #expect(isTaken(tokens[1], scene, subjects[1]))
        scene.edit(2, at: ConflictScene.time(10, 1), seeing: seen, [(ItemSchema.phone, .text("unseen"))])
        #expect(!isTaken(tokens[1], scene, subjects[1]))
    }

    @Test func `a record is kept whatever else is settled, and deleted only as it was read`() throws {
        var scene = try Self.parallelPhones()
        let seen = scene.everything
        scene.edit(0, at: ConflictScene.time(9, 20), seeing: seen, life: .delete)
        scene.edit(1, at: ConflictScene.time(9, 21), seeing: seen, [(ItemSchema.name, .text("Kept"))])
        let token = try #require(try scene.item("life")?.token)
        #expect(isTaken(token, scene, .life, .keep) && isTaken(token, scene, .life, .delete))
        scene.edit(1, at: ConflictScene.time(9, 30), seeing: scene.everything, [(ItemSchema.phone, .text("5"))])
        #expect(isTaken(token, scene, .life, .keep) && isTaken(token, scene, .life, .take(1)))
        #expect(!isTaken(token, scene, .life, .delete) && !isTaken("", scene, .life, .keep))
        scene.edit(2, at: ConflictScene.time(9, 40), seeing: seen, life: .delete)
        #expect(!isTaken(token, scene, .life, .keep))
    }
}
