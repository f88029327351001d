import SatchelClient
import SatchelStorage
import SatchelSync
import Testing

/// What a device says of where its work is.
@Suite struct SafetyReportTests {
    @Test func `what the server parked, or lost in a restore, is not counted as in its store`() throws {
        let home = try HomeFixture()
        let names = ["Aster", "Birch", "Cedar"]
        for name in names { try home.account("name=\(name)") }
        let parked = Rejection(code: "invalid_value", record: nil, field: nil, sentence: "No.")
        try home.replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                for own in try transaction.ownChangeSets(.all) {
                    let isLast = own.changeSet.dot.counter == 3
                    try transaction.setVerdict(
                        isLast ? .rejected(parked) : .applied, correctedTime: own.changeSet.time, of: own.changeSet.dot)
                }
            }
        }
        let report = try home.replica.safetyReport()
        #expect(report.parkedThereCount == 1 && report.givenUpCount == 0)
        #expect(report.confirmedCount == 3 && report.atServerCount == 2 && report.reofferedCount == 0)
        #expect(report.parked.map { $0.subject?.hasSuffix(" Cedar") } == [true])
        #expect(report.parked[0].subject?.hasPrefix("account ") == true)
        _ = try home.replica.discard(Dot(home.actor, 3))
        try home.replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                for own in try transaction.ownChangeSets(.unconfirmed) {
                    try transaction.setVerdict(.applied, correctedTime: own.changeSet.time, of: own.changeSet.dot)
                }
            }
        }
        let discarded = try home.replica.safetyReport()
        #expect(discarded.confirmedCount == 4 && discarded.atServerCount == 3)
        #expect(discarded.parkedThereCount == 0 && discarded.givenUpCount == 1)
        try home.replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                let point = ForkPoint(actor: home.actor, counter: 4)
                _ = try transaction.goOver(to: StoreEpoch(high: 6, low: 6), forkingAt: point)
            }
        }
        let restored = try home.replica.safetyReport()
        #expect(restored.confirmedCount == 4 && restored.atServerCount == 0 && restored.reofferedCount == 4)
    }
}
