import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ChangeSetBytesTests {
    @Test func `a change-set reads back from its canonical bytes`() throws {
        try forAll(cases: 1_000) { random, replay in
            let changeSet = random.anyChangeSet()
            let again = try ChangeSet(dot: changeSet.dot, canonicalBytes: changeSet.canonicalBytes)
            #expect(again == changeSet, "\(replay)")
            #expect(again.canonicalBytes == changeSet.canonicalBytes, "\(replay)")
        }
    }

    @Test func `different change-sets have different bytes`() {
        var seen: [[UInt8]: ChangeSet] = [:]
        forAll(cases: 500) { random, replay in
            let changeSet = random.anyChangeSet().renamed(to: Dot(.sample(0), 1))
            if let other = seen.updateValue(changeSet, forKey: changeSet.canonicalBytes) {
                #expect(other == changeSet, "\(replay)")
            }
        }
    }

    @Test func `another name leaves the bytes as they are`() {
        forAll(cases: 100) { random, replay in
            let changeSet = random.anyChangeSet()
            let renamed = changeSet.renamed(to: Dot(random.anyActor(), 7))
            #expect(renamed.dot.counter == 7)
            #expect(renamed.canonicalBytes == changeSet.canonicalBytes, "\(replay)")
        }
    }

    @Test func `each part that a digest covers changes the bytes`() {
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: VersionVector([Dot(.sample(1), 2)]), life: .create,
            writes: [FieldChange(ItemSchema.tags, .set(add: ["a"], remove: ["b"]))])
        func bytes(
            label: String = "l", author: String = "a", time: Int64 = 1, version: UInt32 = 1, fixes: [UInt8]? = nil,
            changes: [RecordChange]
        ) -> [UInt8] {
            ChangeSet(
                dot: Dot(.sample(0), 1), label: label, author: author, time: Timestamp(milliseconds: time),
                schemaVersion: version, fixes: fixes, changes: changes
            ).canonicalBytes
        }
        func changed(context: VersionVector = change.context, life: LifeWrite? = .create, add: [UTF8Text] = ["a"])
            -> RecordChange
        {
            RecordChange(
                type: change.type, record: change.record, context: context, life: life,
                writes: [FieldChange(ItemSchema.tags, .set(add: add, remove: ["b"]))])
        }
        func written(_ write: FieldWrite) -> RecordChange {
            RecordChange(
                type: change.type, record: change.record, context: change.context, life: .create,
                writes: [FieldChange(ItemSchema.tags, write)])
        }
        let all = [
            bytes(changes: [change]), bytes(label: "la", author: "", changes: [change]),
            bytes(label: "m", changes: [change]),
            bytes(author: "b", changes: [change]), bytes(time: 2, changes: [change]),
            bytes(version: 2, changes: [change]),
            bytes(changes: []), bytes(changes: [change, change]), bytes(changes: [changed(context: VersionVector())]),
            bytes(changes: [changed(life: .revive)]), bytes(changes: [changed(life: nil)]),
            bytes(changes: [changed(add: ["a", "b"])]), bytes(changes: [changed(add: [])]),
            bytes(fixes: Array(repeating: 1, count: 32), changes: [change]),
            bytes(fixes: Array(repeating: 2, count: 32), changes: [change]),
            bytes(changes: [written(.counter(1))]), bytes(changes: [written(.counter(-1))]),
            bytes(changes: [written(.map([]))]), bytes(changes: [written(.map([MapWrite("a", .null)]))]),
            bytes(changes: [written(.map([MapWrite("a", .integer(1))]))]), bytes(changes: [written(.register(.null))]),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test func `one change-set with every kind of write has these bytes`() throws {
        let values: [FieldValue] = [
            .null, .text("é"), .integer(-2), .timestamp(Timestamp(milliseconds: 1)), .reference(.sample(2)),
            .boolean(true), .decimal(try #require(DecimalNumber("-1.50", scale: 2))),
            .date(try #require(CalendarDate("1970-01-02"))), .location(try #require(Location("1,-2,3"))),
            .location(try #require(Location("0,0"))), .json("[1]"),
        ]
        let writes =
            values.enumerated().map { FieldChange(FieldID(UInt32($0 + 1)), .register($1)) } + [
                FieldChange(FieldID(20), .set(add: ["a"], remove: ["b", "c"])), FieldChange(FieldID(21), .counter(-1)),
                FieldChange(FieldID(22), .map([MapWrite("k", .integer(1)), MapWrite("l", .null)])),
            ]
        let change = RecordChange(
            type: EntityTypeID(7), record: .sample(1), context: VersionVector([b(300)]), life: .create, writes: writes)
        let changeSet = ChangeSet(
            dot: a(1), label: "edit", author: "kim", time: Timestamp(milliseconds: 1_000), schemaVersion: 3,
            fixes: Array(repeating: 0xAB, count: 32), changes: [change])
        let expected = [
            "010465646974036b696dd00f03", "20" + String(repeating: "ab", count: 32),  // version to what it fixes
            "010701954fc0000070018000000000000001", "01000000000000a001100000000000000100ac02",  // record, context
            "010e010000", "02000102c3a9", "03000203", "04000302", "05000401954fc0000070028000000000000002", "060006",
            "07000702ab02", "08000802", "09000980dac409ffb3891304", "0a0009000000", "0b000a035b315d",
            "14010101610201620163", "150201", "160302016b0202016c00",
        ]
        #expect(changeSet.canonicalBytes.hexString == expected.joined())
        #expect(try ChangeSet(dot: a(1), canonicalBytes: changeSet.canonicalBytes) == changeSet)
    }

    @Test func `truncated bytes are refused at every length`() throws {
        var random = SeededRandom(seed: 11)
        var changeSet = random.anyChangeSet()
        while changeSet.changes.count < 2 { changeSet = random.anyChangeSet() }
        let bytes = changeSet.canonicalBytes
        for length in 0..<bytes.count {
            #expect(throws: ByteError.self) {
                try ChangeSet(dot: changeSet.dot, canonicalBytes: Array(bytes.prefix(length)))
            }
        }
        #expect(throws: ByteError.unexpected(at: bytes.count)) {
            try ChangeSet(dot: changeSet.dot, canonicalBytes: bytes + [0])
        }
    }

    @Test func `damaged bytes are refused or are the canonical bytes of something else`() {
        var refused = 0
        forAll(cases: 4_000) { random, replay in
            let changeSet = random.anyChangeSet()
            var bytes = changeSet.canonicalBytes
            for _ in 0...random.pick(below: 3) {
                let index = random.pick(below: bytes.count)
                switch random.pick(below: 4) {
                case 0: bytes[index] ^= 1 << UInt8(random.pick(below: 8))
                case 1: bytes[index] = random.byte()
                case 2: bytes.insert(random.byte(), at: index)
                default: if bytes.count > 1 { bytes.remove(at: index) }
                }
            }
            if let read = try? ChangeSet(dot: changeSet.dot, canonicalBytes: bytes) {
                #expect(read.canonicalBytes == bytes, "\(replay)")
            } else {
                refused += 1
            }
        }
        #expect(Seeds.replayed != nil || refused > 0)
    }

    @Test func `random bytes never stop the program`() {
        forAll(cases: 3_000) { random, replay in
            let bytes = [1] + random.bytes(random.pick(below: 80))
            if let read = try? ChangeSet(dot: Dot(.sample(0), 1), canonicalBytes: bytes) {
                #expect(read.canonicalBytes == bytes, "\(replay)")
            }
        }
    }
}
