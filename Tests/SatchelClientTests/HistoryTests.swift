import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTestSupport
import Testing

/// What `log` tells of a record.
@Suite struct HistoryTests {
    private func states(_ home: HomeFixture, _ id: RecordID) throws -> [Dot: LedgerState] {
        let entries = try home.replica.history(typeName: "account", id.description)
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.dot, $0.state) })
    }

    @Test func `others' values are called what the ledger calls them`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=111")
        try home.conflict(on: id, value: "222")
        let (own, others) = (Dot(home.actor, 1), Dot(.sample(9), 1))
        #expect(try states(home, id) == [own: .sibling, others: .sibling])
        // An edit that is not confirmed changes nothing of what the server has.
        let choice = try home.replica.resolve(
            typeName: "account", id.description, subject: "phone", choice: .take(1), reason: "called", token: nil)
        #expect(try states(home, id) == [own: .sibling, choice.dot: .pending])

        let alone = try home.account("name=B", "phone=111")
        try home.conflict(on: alone, value: "111")
        let ledger = try home.replica.ledger().first { $0.dot == others }
        #expect(try states(home, alone)[others] == .visible)
        #expect(ledger?.state == .sibling)
    }
}
