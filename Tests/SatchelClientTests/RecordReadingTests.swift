import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("Records, as an application reads and edits them")
struct RecordReadingTests {
    @Test func `a record is made, read and edited by the names of its fields`() throws {
        let home = try HomeFixture()
        let fields: [String: FieldWrite] = [
            "name": .register(.text("A")), "tags": .set(add: ["x", "y"], remove: []),
        ]
        let id = try home.replica.create("account", fields).records[0]
        let read = try home.replica.record(id, ofType: "account")
        #expect(read["name"] == .text("A"))
        #expect(read.elements("tags") == ["x", "y"])
        #expect(read["nonsense"] == .null)
        #expect(read.pendingCount == 1)
        _ = try home.replica.edit(read, ["name": .register(.text("B"))], label: "rename")
        #expect(try home.replica.records(ofType: "account").map { $0["name"] } == [.text("B")])
        #expect(try home.replica.safetyReport().pending.map(\.label) == ["new account", "rename"])
    }

    @Test func `an edit that rests on a read does not claim what came after it`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        let read = try home.replica.record(id, ofType: "account")
        let token = try ReadToken(read.readAt.description)
        try home.conflict(on: id, value: "2")
        _ = try home.replica.edit(id, ofType: "account", readAt: token, ["phone": .register(.text("3"))])
        let state = try home.replica.record(id, ofType: "account").state
        #expect(Set(state.field(FieldID(2))?.siblings.map(\.value) ?? []) == [.text("2"), .text("3")])
    }

    @Test func `an edit with the token of a later read settles what it showed`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A", "phone=1")
        try home.conflict(on: id, value: "2")
        let read = try home.replica.record(id, ofType: "account")
        #expect(read.conflicts.map(\.severity) == [.decide])
        _ = try home.replica.edit(read, ["phone": .register(.text("3"))])
        #expect(try home.replica.record(id, ofType: "account").conflicts.isEmpty)
    }

    @Test func `a deleted record is read still, and comes back with its values`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        _ = try home.replica.delete(id, ofType: "account")
        #expect(try home.replica.record(id, ofType: "account").life == .deleted)
        #expect(try home.replica.records(ofType: "account").isEmpty)
        _ = try home.replica.revive(id, ofType: "account")
        #expect(try home.replica.record(id, ofType: "account")["name"] == .text("A"))
    }

    @Test func `names that the schema does not have are refused with nothing written`() throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        let codes = [
            #expect(throws: SatchelError.self) { try home.replica.record(id, ofType: "nonsense") },
            #expect(throws: SatchelError.self) { try home.replica.record(id, ofType: "note") },
            #expect(throws: SatchelError.self) { try home.replica.create("account", ["nonsense": .counter(1)]) },
        ].map { $0?.code }
        #expect(codes == [.unknownType, .unknownRecord, .unknownField])
        #expect(try home.replica.safetyReport().pending.count == 1)
    }
}
