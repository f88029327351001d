import SatchelInspection
import SatchelSync
import Testing

@Suite struct DotNameTests {
    private static let ann = ActorID(high: 0x4CC7_3F09_0000_0000, low: 1)
    private static let bo = ActorID(high: 0x4CC7_3F10_0000_0000, low: 2)

    private func resolve(_ text: String) throws -> Dot {
        try DotName(text).resolved(among: [Self.ann, Self.bo, Dot(Self.bo, 3).released.actor])
    }

    @Test func `a change-set is named whole or by the first digits of its actor`() throws {
        let dot = Dot(Self.ann, 12)
        #expect(try resolve(dot.description) == dot)
        #expect(try resolve(dot.shortDescription) == dot)
        #expect(try resolve("4CC73F09:12") == dot)
        #expect(try resolve("4cc73f1:2") == Dot(Self.bo, 2))
        #expect(try resolve(Dot(Self.bo, 3).released.shortDescription) == Dot(Self.bo, 3).released)
        #expect(try resolve(Dot(Self.bo, 3).released.description) == Dot(Self.bo, 3).released)
        // Whole, it need not be known.
        let stranger = Dot(ActorID(high: 9, low: 9), 1)
        #expect(try resolve(stranger.description) == stranger)
    }

    @Test(arguments: [
        "", ":", "4cc73f09", "4cc73f09:", "4cc73f09:0", "4cc73f09:01", "4cc73f09:-1", "4cc:1", "zzzz:1", "4cc73f09:1:2",
        "4cc73f09:1**", "4cc73f09:99999999999999999999", "4cc73f09: 1", "４cc73f09:1",
    ])
    func `what is no name is refused`(text: String) throws {
        let error = try #require(throws: SatchelError.self) { try resolve(text) }
        #expect(error.code == .invalidRequest)
    }

    @Test func `digits that several actors share are refused, and so are those of none`() throws {
        let several = try #require(throws: SatchelError.self) { try resolve("4cc7:1") }
        #expect(several.code == .ambiguousID)
        for candidate in [Dot(Self.ann, 1), Dot(Self.bo, 1)] {
            #expect(several.message.contains(candidate.description), "\(several.message)")
        }
        let none = try #require(throws: SatchelError.self) { try resolve("abcd:1") }
        #expect(none.code == .invalidRequest)
    }

    @Test func `no record can be meant by a name with a colon`() {
        #expect(DotName.isMeant(by: "4cc73f09:1"))
        #expect(!DotName.isMeant(by: "01990000-0000-7000-8000-00000000a57e"))
    }
}
