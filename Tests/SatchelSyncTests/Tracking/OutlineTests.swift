import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct OutlineTests {
    @Test func `an outline tells the same state in the ledger, of every edit in every state of a history`() throws {
        try forAllHistories(cases: 300, replicas: 3, steps: 1...25) { group in
            for event in group.events {
                let whole = ChangeSet(
                    dot: event.dot, label: "edit", author: "ann", time: event.time, schemaVersion: 1,
                    changes: [event.change])
                let outline = whole.outline
                for state in group.replicas.map(\.state) + [group.everything] {
                    for status in [nil, LifeStatus.contested] {
                        guard
                            state.standing(of: event.change, dot: event.dot, life: status)
                                == state.standing(of: outline.changes[0], dot: event.dot, life: status)
                        else { return "\(event.dot) stands otherwise by its outline" }
                    }
                }
            }
            return nil
        }
    }

    @Test func `an outline reads back from its bytes, takes no more of them, and is its own outline`() throws {
        try forAll(cases: 500) { random, replay in
            let whole = random.anyChangeSet()
            let outline = whole.outline
            let again = try ChangeSet(dot: outline.dot, canonicalBytes: outline.canonicalBytes)
            #expect(outline.isOutline, "\(replay)")
            #expect(outline.outline == outline, "\(replay)")
            #expect(outline.canonicalBytes.count <= whole.canonicalBytes.count, "\(replay)")
            #expect(again == outline, "\(replay)")
            #expect(outline.changes.map(\.record) == whole.changes.map(\.record), "\(replay)")
        }
    }

    @Test func `no schema has the version of an outline`() throws {
        #expect(throws: SatchelError.self) { try Schema(version: 0, types: []) }
    }
}

@Suite struct KeepingRuleTests {
    private static let day: Int64 = 86_400_000

    @Test func `space is short below its margin, and where nobody can tell it is not`() {
        let spare = KeepingRule.spareBytes
        #expect(KeepingRule.bytesShort(free: nil) == 0)
        #expect(KeepingRule.bytesShort(free: spare) == 0)
        #expect(KeepingRule.bytesShort(free: spare - 1) == 1)
        #expect(KeepingRule.bytesShort(free: 0) == spare)
    }

    @Test func `nothing counts as acknowledged earlier than it was, whatever was noted when`() {
        forAll(cases: 400) { random, replay in
            var marks = AcknowledgementMarks()
            var now: Int64 = 1_800_000_000_000
            /// When each place was acknowledged, by the clock of its day.
            var acknowledged: [Int64: Int64] = [0: 0]
            var place: Int64 = 0
            for _ in 0..<120 {
                now += Int64(random.pick(in: 0...3 * Int(Self.day)))
                for next in place..<(place + Int64(random.pick(below: 5))) { acknowledged[next + 1] = now }
                place = acknowledged.keys.max() ?? place
                marks.note(place, at: Timestamp(milliseconds: now))
                let old = marks.placeKeptLongEnough(at: Timestamp(milliseconds: now))
                for number in stride(from: old, to: 0, by: -1) {
                    #expect(now - (acknowledged[number] ?? now) >= KeepingRule.keptMilliseconds, "\(replay)")
                }
                #expect(marks.marks.count <= 66, "\(replay)")
            }
            // In the end all of it is old enough.
            now += 40 * Self.day
            #expect(
                marks.placeKeptLongEnough(at: Timestamp(milliseconds: now)) == marks.marks.last?.place ?? 0, "\(replay)"
            )
        }
    }

    @Test func `where the clock goes back, what was noted is kept for thirty days from then`() {
        func time(_ days: Int64) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + days * Self.day) }
        var marks = AcknowledgementMarks()
        marks.note(5, at: time(100))
        marks.note(6, at: time(0))
        #expect(marks.marks == [.init(time: time(0), place: 6)])
        #expect(marks.placeKeptLongEnough(at: time(29)) == 0)
        #expect(marks.placeKeptLongEnough(at: time(30)) == 6)
    }
}
