import SatchelClient
import SatchelInspection
import SatchelSync
import Testing

/// What an edit says that it wrote over.
@Suite struct SettledValuesTests {
    private func homeInConflict() throws -> (HomeFixture, RecordID) {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=111")
        try home.conflict(on: id, value: "222")
        return (home, id)
    }

    @Test(arguments: [
        (TypedChoice.take(1), "222", ["111"]), (.take(2), "111", ["222"]), (.value("111"), "111", ["222"]),
        (.value("333"), "333", ["222", "111"]), (.value(""), "", ["222", "111"]),
    ])
    func `a value that is chosen is not among those that were written over`(
        choice: TypedChoice, shown: String, gone: [String]
    ) throws {
        let (home, id) = try homeInConflict()
        let outcome = try home.replica.resolve(
            typeName: "account", id.description, subject: "phone", choice: choice, reason: "called", token: nil)
        #expect(outcome.settled.map(\.values) == [gone])
        #expect(try home.field(id, "phone") == shown)
    }

    @Test func `an edit that writes one of the values again wrote over the others`() throws {
        let (home, id) = try homeInConflict()
        #expect(try home.set(id, "phone=111", settles: true).settled.map(\.values) == [["222"]])
    }
}
