import Foundation
import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ExplanationTests {
    @Test func `a write says what it replaced, what was concurrent with it, and who won`() throws {
        var scene = try ExplanationScene()
        let first = scene.create()
        let seen = scene.everything
        let bo = scene.edit(1, minute: 12, seeing: seen, [(ItemSchema.phone, .text("200"))])
        let cy = scene.edit(2, minute: 14, seeing: seen, [(ItemSchema.phone, .text("300"))])
        let lost = try #require(try scene.write("phone", of: bo))
        #expect(lost.state == "sibling")
        #expect(lost.policy == "manual")
        #expect(lost.replaced.map(\.by.dot) == [first.description])
        #expect(lost.replaced.map(\.text) == ["100"])
        #expect(lost.concurrent.map(\.by.user) == ["Cy"])
        #expect(lost.coveredBy == nil)
        #expect(
            lost.decision == "kept beside \(cy.shortDescription) (Cy), which won: "
                + "a person must decide; the table shows the latest until then")
        let won = try #require(try scene.write("phone", of: cy))
        #expect(won.decision.hasPrefix("won: "))
        // By now another has replaced it in both lines; it is named as replaced by the first alone.
        #expect(won.replaced.isEmpty)
        let part = try #require(try scene.part(bo))
        #expect(part.hadSeen?.map(\.dot) == [first.description])
        #expect(part.line.isEmpty)
    }

    @Test func `a write that is gone names who covered it`() throws {
        var scene = try ExplanationScene()
        let first = scene.create()
        let bo = scene.edit(1, minute: 12, seeing: scene.everything, [(ItemSchema.name, .text("Blue Gate"))])
        let write = try #require(try scene.write("name", of: first))
        #expect(write.state == "superseded")
        #expect(write.coveredBy?.dot == bo.description)
        #expect(write.decision == "superseded by \(bo.shortDescription) (Bo)")
        #expect(try scene.write("phone", of: first)?.decision == "the only value")
        #expect(try scene.write("life", of: first)?.decision == "stands")
    }

    @Test func `a write that came late names who had seen it and was there`() throws {
        var scene = try ExplanationScene()
        let first = scene.create()
        let bo = scene.edit(1, minute: 12, seeing: scene.everything, [(ItemSchema.name, .text("Blue Gate"))])
        scene.moveLastToFront()
        let write = try #require(try scene.write("name", of: first))
        #expect(write.decision == "came late: \(bo.shortDescription) (Bo) had seen it and was there")
    }

    @Test func `increments are counted, elements and keys stand for themselves`() throws {
        var scene = try ExplanationScene()
        scene.create()
        let seen = scene.everything
        let ann = scene.edit(
            0, minute: 1, seeing: seen,
            [(ItemSchema.visits, .counter(2)), (ItemSchema.tags, .set(add: ["a", "b"], remove: []))])
        let bo = scene.edit(
            1, minute: 2, seeing: scene.everything,
            [
                (ItemSchema.visits, .counter(3)), (ItemSchema.tags, .set(add: [], remove: ["a"])),
                (ItemSchema.facts, .map([MapWrite("size", .text("L"))])),
            ])
        #expect(try scene.write("visits", of: ann)?.decision == "counted: the sum is 5")
        #expect(try scene.write("visits", of: bo)?.concurrent.isEmpty == true)
        let tags = try #require(try scene.part(ann)).writes.filter { $0.field == "tags" }
        #expect(tags.map(\.value) == ["+a", "+b"])
        #expect(tags.map(\.state) == ["superseded", "visible"])
        #expect(tags.map(\.decision) == ["superseded by \(bo.shortDescription) (Bo)", "stands"])
        #expect(try scene.write("tags", of: bo)?.decision == "taken out")
        #expect(try scene.write("tags", of: bo)?.replaced.map(\.text) == ["+a"])
        #expect(try scene.write("facts.size", of: bo)?.decision == "the only value")
    }

    @Test func `a release that the author had seen stands beside his context`() throws {
        var scene = try ExplanationScene()
        scene.create()
        let released = Dot(.sample(1), 4).released
        let touch = RecordTouch(
            dot: Dot(.sample(1), 5),
            change: RecordChange(
                type: ItemSchema.type, record: .sample(1), context: VersionVector(), life: nil, writes: []),
            seen: SeenContext(vector: VersionVector(), exceptions: [released]))
        let part = try PartExplanation(of: touch, line: VersionVector(), in: scene.record())
        #expect(part.exceptions.map(\.dot) == [released.description])
    }

    @Test func `work that is not in the store says so of every write`() throws {
        var scene = try ExplanationScene()
        let first = scene.create()
        let parked = try #require(try scene.part(first, fate: .parked, isShown: false))
        #expect(Set(parked.writes.map(\.decision)) == ["not in the store"])
        #expect(Set(parked.writes.map(\.state)) == ["parked"])
        let pending = try #require(try scene.part(first, fate: .pending))
        #expect(pending.writes.first { $0.field == "name" }?.decision == "here: the only value")
    }

    @Test func `a record tells of each field what stands and why`() throws {
        var scene = try ExplanationScene()
        let first = scene.create()
        let seen = scene.everything
        scene.edit(1, minute: 12, seeing: seen, [(ItemSchema.phone, .text("200"))])
        let cy = scene.edit(
            2, minute: 14, seeing: seen, [(ItemSchema.phone, .text("300")), (ItemSchema.visits, .counter(1))])
        let report = try RecordExplanation(
            record: .sample(1), type: scene.scene.type, state: scene.scene.state, life: .alive,
            sequence: ServerSequence(3), past: [], isPastCut: false, waiting: [], holders: [],
            context: scene.scene.context)
        #expect(report.fields.map(\.field) == ["name", "phone", "visits"])
        #expect(report.fields[1].severity == "decide")
        #expect(report.fields[1].values.map(\.text) == ["300", "200"])
        #expect(report.fields[1].values.map(\.isShown) == [true, false])
        #expect(report.fields[1].values[0].by.dot == cy.description)
        #expect(report.lives.map(\.by.dot) == [first.description])
        #expect(report.context.map(\.user) == ["Ann", "Bo", "Cy"])
        // It travels to an operator as it is.
        let bytes = try JSONEncoder().encode(Explanation.record(report))
        #expect(try JSONDecoder().decode(Explanation.self, from: bytes) == .record(report))
    }

    @Test func `a value is cut before it fills the page`() throws {
        var scene = try ExplanationScene()
        let dot = scene.edit(
            0, minute: 0, life: .create, [(ItemSchema.name, .text(UTF8Text(String(repeating: "ä", count: 5_000))))])
        #expect(try scene.write("name", of: dot)?.value.count == Explanation.textMax + 1)
    }
}

@Suite struct ExplanationPropertyTests {
    /// What each actor's change-sets left standing for one subject, as a set of dots.
    private static func standing(_ state: RecordState, field: FieldID, element: UTF8Text?) -> Set<Dot> {
        switch (state.field(field), element) {
        case (.register(let siblings), _): Set(siblings.map(\.dot))
        case (.set(let elements), let element?):
            Set(elements.first { $0.value == element }?.dots.map(\.dot) ?? [])
        case (.map(let keys), let key?): Set(keys.first { $0.key == key }?.siblings.map(\.dot) ?? [])
        default: []
        }
    }

    @Test func `what a write is said to have replaced is what its arrival took away`() throws {
        let schema = try ItemSchema.make()
        let type = schema.types[0]
        var compared = 0
        try forAll(cases: 200, seed: 3_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 16, using: &random)
            let order = group.causalOrder(using: &random)
            let touches = order.map { event in
                RecordTouch(
                    dot: event.dot, change: event.change,
                    seen: SeenContext(vector: event.change.context.union(event.line)))
            }
            let record = ExplainedRecord(
                record: .sample(1), type: type, state: group.everything, life: group.everything.lifeStatus,
                past: touches, isPastWhole: true,
                context: InspectionContext(schema: schema, ending: "0001", writer: { _ in nil }))
            var state = RecordState()
            for (event, touch) in zip(order, touches) {
                let before = state
                event.apply(to: &state)
                let part = try PartExplanation(of: touch, line: event.line, in: record)
                for write in part.writes where write.field != "life" && write.relatedOmitted == 0 {
                    guard let field = type.field(named: String(write.field.split(separator: ".")[0])) else { continue }
                    let key = field.policy == .map ? String(write.field.split(separator: ".")[1]) : nil
                    let element = (field.policy == .set ? String(write.value.dropFirst()) : key).map { UTF8Text($0) }
                    let taken = Self.standing(before, field: field.id, element: element)
                        .subtracting(Self.standing(state, field: field.id, element: element))
                    #expect(
                        Set(write.replaced.map(\.by.dot)) == Set(taken.map(\.description)), "\(write.field), \(replay)")
                    let isRemove = field.policy == .set && write.value.hasPrefix("-")
                    if field.policy != .counter, !isRemove {
                        #expect((write.state == "superseded") == (write.coveredBy != nil), "\(write.field), \(replay)")
                    }
                    compared += 1
                }
            }
        }
        #expect(compared > 500 || Seeds.replayed != nil)
    }

    @Test func `what is said to be concurrent is what neither author had seen`() throws {
        let schema = try ItemSchema.make()
        try forAll(cases: 200, seed: 4_000) { random, replay in
            let group = ReplicaGroup(replicas: 3, steps: 16, using: &random)
            let places = Dictionary(
                uniqueKeysWithValues: group.events.enumerated().map { ($0.element.dot.description, $0.offset) })
            let touches = group.events.map { event in
                RecordTouch(
                    dot: event.dot, change: event.change,
                    seen: SeenContext(vector: event.change.context.union(event.line)))
            }
            let record = ExplainedRecord(
                record: .sample(1), type: schema.types[0], state: group.everything,
                life: group.everything.lifeStatus, past: touches, isPastWhole: true,
                context: InspectionContext(schema: schema, ending: "0001", writer: { _ in nil }))
            for (place, event) in group.events.enumerated() {
                let part = try PartExplanation(of: touches[place], line: event.line, in: record)
                for other in part.writes.flatMap(\.concurrent).compactMap({ places[$0.by.dot] }) {
                    #expect(!event.seen.contains(other) && !group.events[other].seen.contains(place), "\(replay)")
                }
            }
        }
    }
}
