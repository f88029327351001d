import SatchelInspection
import SatchelSync
import SatchelTerminal
import Testing

@Suite struct ExplanationTextTests {
    /// Bo's phone of the scene, as a server that knows everything explains it.
    private static func changeSet(
        phone: String = "021-300", parts: Int = 1, rejection: Rejection? = nil
    ) throws -> Explanation {
        let scene = try Scene.contested()
        let (created, ann, bo) = (Dot(Scene.office, 1), Dot(Scene.ann, 1), Dot(Scene.bo, 1))
        func touch(_ dot: Dot, seen: [Dot], _ value: String) -> RecordTouch {
            RecordTouch(
                dot: dot,
                change: RecordChange(
                    type: scene.type.id, record: scene.record, context: VersionVector(seen), life: nil,
                    writes: [FieldChange(Scene.phone, .register(.text(UTF8Text(value))))]),
                seen: SeenContext(vector: VersionVector(seen)))
        }
        let past = [
            touch(created, seen: [], "021-100"), touch(ann, seen: [created], "021-200"),
            touch(bo, seen: [created], phone),
        ]
        let record = ExplainedRecord(
            record: scene.record, type: scene.type, state: scene.state, life: scene.state.lifeStatus, past: past,
            isPastWhole: true, context: scene.context)
        let part = try PartExplanation(
            of: past[2], line: VersionVector(), in: record, fate: rejection == nil ? nil : .parked,
            isShown: rejection == nil)
        let facts = try #require(try scene.context.writer(bo))
        return .changeSet(
            ChangeSetExplanation(
                facts: facts, changeSet: "0a1b", judgedAt: Scene.time("2026-03-02T09:15:00.000Z"),
                standing: ChangeSetExplanation.Standing(
                    state: rejection == nil ? .sibling : .parked,
                    verdict: rejection == nil ? "applied_with_conflicts" : "held", rejection: rejection,
                    sequence: rejection == nil ? 12 : nil),
                relations: ChangeSetExplanation.Relations(), parts: Array(repeating: part, count: parts),
                holders: [
                    HolderExplanation(place: "server", hasIt: true, sentence: "has it, at sequence 12"),
                    HolderExplanation(place: "tablet-2", user: "Bo", hasIt: true, sentence: "made it"),
                    HolderExplanation(place: "tablet-3", user: "Cy", hasIt: nil, sentence: "not known"),
                ]))
    }

    @Test func `a change-set is one page`() throws {
        #expect(
            ExplanationText().show(try Self.changeSet()) == """
                b0b0b0b0:1 "visit end" by Bo on tablet-2: sibling
                  name     b0b0b0b0000000000000000000000002:1
                  digest   0a1b
                  made     2026-03-02T09:14:30.000Z, 2026-03-02T08:14:30.000Z by its clock (its clock was about 60 minutes behind)
                  verdict  applied_with_conflicts at sequence 12, judged 2026-03-02T09:15:00.000Z
                account 9c41 蓝门咖啡: alive
                  had seen  c0c0c0c0:1 by Li Na on office
                  FIELD  VALUE    POLICY  STATE       DECISION
                  phone  021-300  manual  sibling     won: a person must decide; the table shows the latest until then
                         021-200          concurrent  a1a1a1a1:1 by Ann on tablet-1
                WHO HAS IT  USER  HAS IT  HOW THAT IS KNOWN
                server            yes     has it, at sequence 12
                tablet-2    Bo    yes     made it
                tablet-3    Cy    ?       not known

                """)
    }

    @Test func `held work says what it needs`() throws {
        let rejection = Rejection(
            code: "unknown_record", record: RecordID(high: 1, low: 2), field: nil, sentence: "The store has no record.")
        let text = ExplanationText().show(try Self.changeSet(rejection: rejection))
        #expect(text.contains("  why      The store has no record. [unknown_record]\n"))
        #expect(text.contains("  needs    00000000-0000-0001-0000-000000000002\n"))
        #expect(text.contains("  phone  021-300  manual  parked  not in the store\n"))
    }

    @Test(arguments: [60, 80, 100, 120]) func `a page fits the terminal, whatever was typed`(width: Int) throws {
        let long = "\u{1B}[2J" + String(repeating: "蓝门 ", count: 200)
        let record = try Scene.contested().explanation()
        for page in [try Self.changeSet(phone: long), record] {
            let text = ExplanationText(width: width).show(page)
            #expect(!text.contains("\u{1B}"))
            for line in text.split(separator: "\n") { #expect(DisplayWidth.of(String(line)) <= width, "\(line)") }
        }
    }

    @Test func `a page ends, and counts what it leaves out`() throws {
        let text = ExplanationText().show(try Self.changeSet(parts: 90))
        #expect(text.split(separator: "\n").count < 60)
        #expect(text.contains("… and 82 more records; --json tells of them"))
        guard case .array(let changes) = try Self.changeSet(parts: 90).json["changes"] else {
            Issue.record("no changes in the JSON")
            return
        }
        #expect(changes.count == 90)
    }

    @Test func `a record shows the losing values below the winner`() throws {
        #expect(
            ExplanationText().show(try Scene.contested().explanation()) == """
                account 9c41 蓝门咖啡: alive
                  id       01954fc0-0000-7000-8000-000000009c41
                  covers   a1a1a1a1:1 by Ann on tablet-1, b0b0b0b0:1 by Bo on tablet-2, c0c0c0c0:1 by Li Na on office
                  changed  at sequence 12
                  alive    c0c0c0c0:1 by Li Na on office, 2026-03-01T17:02:00.000Z
                  FIELD         VALUE                 POLICY  BY                             DECISION
                  name          蓝门咖啡              latest  c0c0c0c0:1 by Li Na on office  the only value
                  phone         021-300               manual                                 conflict (decide): a person must decide; the table shows the latest until then
                                * 021-300                     b0b0b0b0:1 by Bo on tablet-2   2026-03-02T09:14:30.000Z
                                  021-200                     a1a1a1a1:1 by Ann on tablet-1  2026-03-02T09:12:00.000Z, kept
                  city          (empty)               latest                                 conflict (review): latest by corrected time
                                * (empty)                     b0b0b0b0:1 by Bo on tablet-2   2026-03-02T09:14:30.000Z
                                  Shanghai\\u{1B}[31m          a1a1a1a1:1 by Ann on tablet-1  2026-03-02T09:12:00.000Z, kept
                  credit_limit  5000                  latest  c0c0c0c0:1 by Li Na on office  the only value
                  WAITS       MADE                      STATE    EDIT  FIELDS  BY
                  a1a1a1a1:2  2026-03-02T09:16:00.000Z  pending  edit  phone   Ann on tablet-1
                WHO HAS IT  USER  HAS IT  HOW THAT IS KNOWN
                tablet-1    Ann   yes     base is complete up to sequence 12

                """)
    }

    @Test func `the JSON of both leaves no key out`() throws {
        let json = try Self.changeSet().json
        #expect(json["about"] == .text("change_set"))
        for key in ["code", "sentence", "record", "fixes", "releases", "reissued_as"] {
            #expect(json[key] == .null, "\(key)")
        }
        #expect(json["sequence"] == .integer(12))
        guard case .array(let changes) = json["changes"], case .array(let writes)? = changes.first?["writes"],
            let write = writes.first, case .array(let concurrent) = write["concurrent"]
        else {
            Issue.record("no writes in \(JSONWriter.text(json))")
            return
        }
        #expect(write["covered_by"] == .null)
        #expect(
            concurrent.first.map { JSONWriter.text($0) } == """
                {"dot":"a1a1a1a1000000000000000000000001:1","user":"Ann","device":"tablet-1","value":"021-200"}
                """)
        let record = try Scene.contested().explanation().json
        #expect(record["about"] == .text("record"))
        #expect(record["sequence"] == .integer(12))
        guard case .array(let fields) = record["fields"] else {
            Issue.record("no fields in \(JSONWriter.text(record))")
            return
        }
        #expect(fields.map { $0["severity"] } == [.null, .text("decide"), .text("review"), .null])
    }
}

extension Scene {
    fileprivate func explanation() throws -> Explanation {
        .record(
            try RecordExplanation(
                record: record, type: type, state: state, life: state.lifeStatus, sequence: ServerSequence(12),
                past: [], isPastCut: false,
                waiting: [
                    PastExplanation(
                        dot: Dot(Self.ann, 2), user: "Ann", device: "tablet-1",
                        time: Self.time("2026-03-02T09:16:00.000Z"), label: "edit", state: .pending, fields: ["phone"])
                ],
                holders: [
                    HolderExplanation(
                        place: "tablet-1", user: "Ann", hasIt: true, sentence: "base is complete up to sequence 12")
                ],
                context: context))
    }
}
