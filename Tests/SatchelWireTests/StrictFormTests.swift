import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Bodies that parse and are not what the protocol allows, written as JSON because that shows what is wrong.
@Suite("Strict form")
struct StrictFormTests {
    private static let id = "AAAAAAAAAAAAAAAAAAAAAQ=="
    private static let otherID = "AAAAAAAAAAAAAAAAAAAAAg=="
    private static let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    private static func request(
        actors: String = #"[{"name":"\#(id)"},{"name":"\#(otherID)"}]"#, changeSet: String? = nil, rest: String = ""
    ) -> String {
        let changeSets = changeSet.map { "[\($0)]" } ?? "[]"
        return #"{"protocol_version":1,"schema_version":1,"epoch":"\#(id)","actors":\#(actors),"actor":"\#(id)","#
            + #""fork_token":"AAAA","device_time":"1772438400000","change_sets":\#(changeSets)\#(rest)}"#
    }

    private static func changeSet(
        counter: String = #""1""#, context: String = "[]", writes: String = "[]", life: String = "LIFE_WRITE_NONE",
        rest: String = ""
    ) -> String {
        #"{"actor":0,"counter":\#(counter),"label":"edit","author":"lena","time_delta":"1772438400000","#
            + #""schema_version":1,"digest":"\#(digest)","changes":[{"type":1,"record":"\#(id)","#
            + #""context":\#(context),"life":"\#(life)","writes":\#(writes)}]\#(rest)}"#
    }

    @Test func `the body that the others are made of is right`() throws {
        let writes = #"[{"field":1,"value":{"text":"Nord"}},{"field":2,"set":{"add":["a"]}}]"#
        let body = Self.request(changeSet: Self.changeSet(context: #"["0","1","1","7"]"#, writes: writes))
        let request = try WireCodec.decodeRequest(Array(body.utf8), format: .json)
        let change = try #require(request.changeSets.first?.changeSet.changes.first)
        #expect(change.context.count == 2)
        #expect(change.writes.first?.write == .register(.text("Nord")))
    }

    private static func form(_ value: String) -> String {
        request(changeSet: changeSet(writes: #"[{"field":1,"value":\#(value)}]"#))
    }

    private static let brokenForms: [(body: String, path: String)] = [
        (Self.request(actors: #"[{"name":"AAAA"}]"#), "actors[0].name takes 16 bytes"),
        (
            Self.request(actors: #"[{"name":"\#(Self.otherID)"},{"name":"\#(Self.id)"}]"#),
            "actors takes actors in strictly"
        ),
        (
            Self.request(changeSet: Self.changeSet(counter: "0")),
            "change_sets[0].counter takes 1 to 9007199254740991"
        ),
        (
            Self.request(changeSet: Self.changeSet(counter: #""9007199254740992""#)),
            "change_sets[0].counter takes 1 to"
        ),
        (
            Self.request(changeSet: Self.changeSet(context: #"["2","1"]"#)),
            "change_sets[0].changes[0].context takes strictly ascending indexes below 2"
        ),
        (
            Self.request(changeSet: Self.changeSet(context: #"["1","1","0","1"]"#)),
            "context takes strictly ascending"
        ),
        (
            Self.request(changeSet: Self.changeSet(context: #"["1","1","1","2"]"#)),
            "context takes strictly ascending"
        ),
        (Self.request(changeSet: Self.changeSet(context: #"["0"]"#)), "context takes pairs"),
        (Self.request(changeSet: Self.changeSet(context: #"["0","0"]"#)), "context takes 1 to"),
        (
            Self.request(changeSet: Self.changeSet(writes: #"[{"field":0,"value":{"none":true}}]"#)),
            "field takes a number"
        ),
        (
            Self.request(changeSet: Self.changeSet(writes: #"[{"field":1}]"#)),
            "writes[0] takes a value, a set, an increment or a map"
        ),
        (
            Self.request(
                changeSet: Self.changeSet(
                    writes: #"[{"field":2,"value":{"none":true}},{"field":1,"value":{"none":true}}]"#)),
            "writes takes fields in strictly ascending order"
        ),
        (form("{}"), "writes[0].value takes one kind of value"),
        (form(#"{"none":false}"#), "writes[0].value.none takes true"),
        (form(#"{"reference":"AAAA"}"#), "writes[0].value.reference takes 16 bytes"),
        (form(#"{"timestamp":"253402300800000"}"#), "value.timestamp takes an instant of the years 0 to 9999"),
        (form(#"{"decimal":{"units":"1","scale":10}}"#), "value.decimal.scale takes 0 to 9"),
        (form(#"{"date":"2932897"}"#), "value.date takes a day of the years 0000 to 9999"),
        (form(#"{"date":"9223372036854775807"}"#), "value.date takes a day"),
        (form(#"{"location":{"latitude":"900000001"}}"#), "value.location takes degrees"),
        (form(#"{"location":{"longitude":"-1800000001"}}"#), "value.location takes degrees"),
        (form(#"{"location":{"accuracy_plus_one":"20100002"}}"#), "value.location takes degrees"),
        (form(#"{"location":{"accuracy_plus_one":"18446744073709551615"}}"#), "value.location takes degrees"),
        (
            Self.request(
                changeSet: Self.changeSet(writes: #"[{"field":1,"map":{"keys":[{"key":"a","value":{}}]}}]"#)),
            "writes[0].keys[0] takes one kind of value"
        ),
        (Self.request(changeSet: Self.changeSet(rest: #","fixes":"AAAA""#)), "change_sets[0].fixes takes 32 bytes"),
        (Self.request(rest: #","parked":["2","1"]"#), "parked takes counters in strictly"),
        (Self.request(rest: #","parked":["1","1"]"#), "parked takes counters in strictly"),
        (Self.request(rest: #","parked":["0"]"#), "parked takes counters in strictly"),
        (Self.request(rest: #","resume_after":"9007199254740992""#), "resume_after takes 0 to"),
        (Self.request(rest: #","confirmed":{"counter":"1","digest":"AAAA"}"#), "confirmed.digest takes 32 bytes"),
        (Self.request(rest: #","checkpoint":{"epoch":"AAAA"}"#), "checkpoint.epoch takes 16 bytes"),
    ]

    @Test func `each broken rule of form is refused and the field named`() {
        for (body, path) in Self.brokenForms {
            let error = #expect(throws: SatchelError.self, "\(body)") {
                try WireCodec.decodeRequest(Array(body.utf8), format: .json)
            }
            #expect(error?.code == .malformedBody, "\(body)")
            #expect(error?.message.contains(path) == true, "\(error?.message ?? "") should name: \(path)")
        }
    }

    @Test func `each broken rule of a record's form is refused and the field named`() {
        let stamps = #""stamp_actors":[0,0],"stamp_counters":["1","2"],"stamp_time_deltas":["0","0"]"#
        func frame(_ record: String) -> String {
            #"{"records":{"actors":[{"name":"\#(Self.id)"}],\#(stamps),"records":[{"type":1,"record":"\#(Self.id)","#
                + #""sequence_delta":"1",\#(record)}]}}"#
        }
        func field(_ kind: String) -> String { frame(#""fields":[{"field":1,\#(kind)}]"#) }
        let one = #"{"stamp":0,"value":{"none":true}}"#
        let broken: [(body: String, path: String)] = [
            (
                field(#""counter":{"parts":[{"stamp":0,"sum":"1"},{"stamp":1,"sum":"1"}]}"#),
                "parts takes one part an actor"
            ),
            (field(#""counter":{"parts":[{"stamp":2,"sum":"1"}]}"#), "parts[0].stamp takes an index below 2"),
            (field(#""map":{"entries":[{"key":"a"}]}"#), "entries[0].siblings takes one value or more"),
            (
                field(#""map":{"entries":[{"key":"b","siblings":[\#(one)]},{"key":"a","siblings":[\#(one)]}]}"#),
                "entries takes keys in strictly ascending byte order"
            ),
            (field(#""register":{"siblings":[\#(one),\#(one)]}"#), "siblings takes siblings in dot order"),
            (field(#""set":{"elements":[{"value":"a"}]}"#), "stamps takes one stamp or more"),
            (frame(#""fields":[{"field":1}]"#), "fields[0] takes a register, a set, a counter or a map"),
            (
                frame(#""life":[{"stamp":0,"mark":"LIFE_MARK_ALIVE","late_dots":["0","1"]}]"#),
                "life[0].deleting_context takes nothing where the mark is alive"
            ),
            (frame(#""life":[{"stamp":0,"mark":"LIFE_MARK_DELETED","late_dots":["0"]}]"#), "late_dots takes pairs"),
            (
                frame(#""life":[{"stamp":0,"mark":"LIFE_MARK_DELETED","late_dots":["0","2","0","2"]}]"#),
                "late_dots takes dots in strictly ascending order"
            ),
            (
                frame(#""life":[{"stamp":0,"mark":"LIFE_MARK_DELETED","late_dots":["4294967296","2"]}]"#),
                "late_dots takes indexes of actors"
            ),
            (
                frame(#""bases":[{"field":1,"value":{"none":true}},{"field":1,"value":{"none":true}}]"#),
                "bases takes fields and keys in strictly"
            ),
            (
                #"{"verdicts":{"verdicts":[{"counter":"1","verdict":"VERDICT_KIND_REISSUED","rejection":{"code":"x"}}]}}"#,
                "rejection takes nothing where the verdict is neither held nor rejected"
            ),
            (
                #"{"opening":{"epoch":"\#(Self.id)","server_time":"1772438400000","held":"9007199254740991"}}"#,
                "held takes an instant of the years 0 to 9999"
            ),
        ]
        for (body, path) in broken {
            var reader = FrameReader(format: .json)
            reader.append(Array((body + "\n").utf8))
            let error = #expect(throws: SatchelError.self, "\(body)") { try reader.next() }
            #expect(error?.code == .malformedBody, "\(body)")
            #expect(error?.message.contains(path) == true, "\(error?.message ?? "") should name: \(path)")
        }
    }

    @Test func `a request names as many parked change-sets as its limit, and no more`() throws {
        for count in [Limits.parkedPerRequestMax - 1, Limits.parkedPerRequestMax] {
            let list = (1...count).map { "\"\($0)\"" }.joined(separator: ",")
            let body = Self.request(rest: #","parked":[\#(list)]"#)
            #expect(try WireCodec.decodeRequest(Array(body.utf8), format: .json).parked.count == count)
        }
        let list = (1...(Limits.parkedPerRequestMax + 1)).map { "\"\($0)\"" }.joined(separator: ",")
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(Array(Self.request(rest: #","parked":[\#(list)]"#).utf8), format: .json)
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func `broken JSON is refused with its position`() {
        let deep = String(repeating: "[", count: 40)
        let broken: [(body: String, problem: String)] = [
            ("", "at byte 0: a JSON object begins here"), ("[]", "a JSON object begins here"),
            ("{} x", "at byte 3: something follows the object"), (#"{"a":1,"a":2}"#, "at byte 7: a name stands twice"),
            (#"{"fork_token":"","forkToken":""}"#, "a name stands twice"),
            (#"{"a":"\ud800"}"#, "at byte 6: a surrogate stands alone"),
            (#"{"a":"\ud800\u0041"}"#, "a surrogate stands alone"), (#"{"a":"\udc00"}"#, "a surrogate stands alone"),
            (#"{"a":"\x"}"#, "an escape is not one of JSON"), (#"{"a":"\#u{1}"}"#, "a control character"),
            (#"{"a":NaN}"#, "at byte 5: a value belongs here"), (#"{"a":01}"#, "a value belongs here"),
            (#"{"a":tru}"#, "true belongs here"), (#"{"a":1"#, "the object does not end here"),
            (#"{"a":"b"#, "at byte 5: a text is cut off"), (#"{"a" 1}"#, "a colon belongs here"),
            (#"{"a":[1 2]}"#, "the list does not end here"), (#"{a:1}"#, "a name in quotes belongs here"),
            (#"{"a":\#(deep)"#, "levels of JSON, at most 32"),
        ]
        for (body, problem) in broken {
            let error = #expect(throws: SatchelError.self, "\(body)") {
                try WireCodec.decodeRequest(Array(body.utf8), format: .json)
            }
            #expect(error?.message.contains(problem) == true, "\(body): \(error?.message ?? "")")
        }
    }

    @Test func `text that is not UTF-8 is refused with its position`() throws {
        let bytes = try WireCodec.encode(EnrolRequest(code: "ABCD", deviceName: "phone"))
        for wrong: [UInt8] in [[0xED, 0xA0, 0x80], [0xC0, 0x80, 0x41], [0xF4, 0x90, 0x80], [0x41, 0x41, 0xFF]] {
            var damaged = bytes
            damaged.replaceSubrange((damaged.count - 3)..., with: wrong)
            let error = #expect(throws: SatchelError.self) { try WireCodec.decodeEnrolRequest(damaged) }
            #expect(error?.message.contains("a text is not UTF-8") == true)
        }
    }

    @Test func `a push of more than its change-sets is refused at both ends`() throws {
        var random = SeededRandom(seed: 2)
        let actor = random.anyActor()
        func request(_ count: Int) -> SyncRequest {
            SyncRequest(
                schemaVersion: 1, epoch: StoreEpoch(high: 1, low: 1), actor: .sample(1), highestCounter: 0,
                confirmed: nil, forkToken: [], checkpoint: nil, deviceTime: Timestamp(milliseconds: 0),
                changeSets: (0..<count).map { number in
                    let changeSet = ChangeSet(
                        dot: Dot(actor, UInt64(number + 1)), label: "edit", author: "lena",
                        time: Timestamp(milliseconds: 0), schemaVersion: 1, changes: [])
                    return OfferedChangeSet(changeSet: changeSet, digest: [UInt8](repeating: 0, count: 32))
                })
        }
        let allowed = try WireCodec.encode(request(Limits.changeSetsPerPushMax))
        #expect(try WireCodec.decodeRequest(allowed).changeSets.count == Limits.changeSetsPerPushMax)
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.encode(request(Limits.changeSetsPerPushMax + 1))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func `what is too many is too large in both formats`() throws {
        let vector = "[" + (0...4_096).map { "\"\($0)\",\"1\"" }.joined(separator: ",") + "]"
        let manyPairs = Self.request(changeSet: Self.changeSet(context: vector))
        let one = Self.changeSet()
        let manySets = Self.request(changeSet: [String](repeating: one, count: 1_001).joined(separator: ","))
        for body in [manyPairs, manySets] {
            let error = #expect(throws: SatchelError.self) {
                try WireCodec.decodeRequest(Array(body.utf8), format: .json)
            }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test func `a single field that stands twice and a choice made twice are refused`() throws {
        let enrol = try WireCodec.encode(EnrolRequest(code: "ABCD", deviceName: "phone"))
        let twice = #expect(throws: SatchelError.self) {
            try WireCodec.decodeEnrolRequest(enrol + [0x12, 0x01, 0x41])
        }
        #expect(twice?.message.contains("field 2 of EnrolRequest stands twice") == true)
        // A frame of an empty `actors` and an empty `verdicts`.
        var reader = FrameReader()
        reader.append(ColumnSurgery.frame(of: [0x1A, 0x00, 0x12, 0x00]))
        let choice = #expect(throws: SatchelError.self) { try reader.next() }
        #expect(choice?.message.contains("SyncFrame holds two of a choice") == true)
        var lines = FrameReader(format: .json)
        lines.append(Array((#"{"actors":{},"verdicts":{}}"# + "\n").utf8))
        let line = #expect(throws: SatchelError.self) { try lines.next() }
        #expect(line?.code == .malformedBody)
    }

    @Test func `what makes a change-set wrong is for its verdict, not for the body`() throws {
        // Refused whole, this push would come back for ever; a verdict lets the rest go on.
        let long = String(repeating: "x", count: Limits.textBytesMax + 1)
        let change = RecordChange(
            type: EntityTypeID(999), record: .sample(1), context: VersionVector(), life: nil,
            writes: [FieldChange(FieldID(1), .register(.text(UTF8Text(long))))])
        let changeSet = ChangeSet(
            dot: Dot(.sample(1), 1), label: long, author: "lena", time: Timestamp(milliseconds: 0), schemaVersion: 1,
            changes: [change])
        let request = SyncRequest(
            schemaVersion: 1, epoch: StoreEpoch(high: 1, low: 1), actor: .sample(1), highestCounter: 1, confirmed: nil,
            forkToken: [], checkpoint: nil, deviceTime: Timestamp(milliseconds: 0),
            changeSets: [OfferedChangeSet(changeSet: changeSet, digest: [UInt8](repeating: 0, count: 32))])
        #expect(try WireCodec.decodeRequest(try WireCodec.encode(request)) == request)
    }

    @Test func `records out of the order of their sequences are not written`() {
        func delta(_ sequence: UInt64) -> RecordDelta {
            RecordDelta(
                type: ItemSchema.type, record: .sample(1), sequence: ServerSequence(sequence), state: RecordState())
        }
        let error = #expect(throws: SatchelError.self) { try WireCodec.encodeFrame(.records([delta(2), delta(1)])) }
        #expect(error?.code == .internalError)
    }
}
