import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("Ids by their endings")
struct RecordEndingTests {
    private let first = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_ABCD)
    private let second = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0001_ABCD)
    private let third = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0007)

    private func fixture() throws -> ReplicaFixture {
        let fixture = try ReplicaFixture()
        for id in [first, second, third] { try fixture.edit(id, life: .create, [.name("X")]) }
        return fixture
    }

    @Test func `a record is found by its id and by a unique ending`() throws {
        try fixture().turn { store in
            try store.read { (transaction) throws in
                let records = transaction.records
                #expect(try records.resolve(first.description.uppercased(), type: nil) == first)
                #expect(try records.resolve("0000abcd", type: nil) == first)
                #expect(try records.resolve("1abcd", type: ItemSchema.type) == second)
                #expect(try records.resolve("0007", type: nil) == third)
                #expect(try records.resolve("8000-000000000007", type: nil) == third)
            }
        }
    }

    @Test(arguments: [
        ("abcd", "ambiguous_id"), ("ffff", "unknown_record"), ("abc", "invalid_request"), ("zzzz", "invalid_request"),
    ])
    func `an ending that names no one record is an error`(ending: String, code: String) throws {
        try fixture().turn { store in
            let error = #expect(throws: SatchelError.self) {
                try store.read { try $0.records.resolve(ending, type: nil) }
            }
            #expect(error?.code.word == code)
        }
    }

    @Test func `the shortest ending tells a record from its neighbours`() throws {
        try fixture().turn { store in
            try store.read { (transaction) throws in
                #expect(try transaction.records.shortestEnding(of: first) == "0abcd")
                #expect(try transaction.records.shortestEnding(of: second) == "1abcd")
                #expect(try transaction.records.shortestEnding(of: third) == "0007")
            }
        }
    }
}
