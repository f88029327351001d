import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct DotTextTests {
    private static let name = "00000000000000ff8000000000000001"

    @Test func `an actor reads back from its text`() {
        forAll(cases: 1_000) { random, replay in
            let actor = random.anyActor()
            #expect(ActorID(actor.description) == actor, "\(replay)")
        }
    }

    @Test func `a dot reads back from its text`() {
        forAll(cases: 1_000) { random, replay in
            let dot = Dot(random.anyActor(), random.next() % Limits.counterMax + 1)
            #expect(Dot(dot.description) == dot, "\(replay)")
        }
    }

    @Test func `an actor is written as 32 lower-case digits`() {
        let actor = ActorID(high: 255, low: 1 << 63 | 1)
        #expect(actor.description == Self.name)
        #expect(actor.shortDescription == "00000000")
        #expect(actor.releasedDot == nil)
    }

    @Test func `the release of a parked dot is an actor with one dot`() throws {
        let parked = Dot(try #require(ActorID(Self.name)), 5)
        let released = parked.released
        #expect(released.description == "\(Self.name):5*:1")
        #expect(released.actor.releasedDot == parked)
        #expect(Dot(released.description) == released)
    }

    @Test(arguments: [
        "", "0", name.uppercased(), " \(name)", "\(name) ", "\(name):", "\(name)*", "\(name):*", "\(name):0*",
        "\(name):05*", "\(name):5", "\(name):-5*", "\(name):5**", "\(name):5*x", "\(name):18446744073709551616*",
        "\(name):9007199254740992*", "\(name)\0", "\(name.dropLast())g", "\(name.dropLast())é",
        "0x\(name.dropFirst(2))",
        "+\(name.dropFirst())", "\(name.dropLast())٣",
    ])
    func `a text that is not exactly an actor's is refused`(text: String) {
        #expect(ActorID(text) == nil)
    }

    @Test(arguments: [
        "", ":", ":1", name, "\(name):", "\(name):0", "\(name):01", "\(name):+1", "\(name):-1", "\(name): 1",
        "\(name):1 ", "\(name):9007199254740992", "\(name):99999999999999999999999", "\(name):1:1", "\(name):5*",
        "\(name):5*:", "\(name):1\0", "\(name):١",
    ])
    func `a text that is not exactly a dot's is refused`(text: String) {
        #expect(Dot(text) == nil)
    }

    @Test func `the highest counter is accepted`() {
        #expect(Dot("\(Self.name):9007199254740991")?.counter == Limits.counterMax)
    }

    @Test func `dots are ordered by actor and then by counter`() {
        let ordered = [
            Dot(.sample(0), 1), Dot(.sample(0), 2), Dot(.sample(0), 2).released, Dot(.sample(1), 1),
        ]
        forEveryOrder(of: ordered) { #expect($0.sorted() == ordered) }
    }

    @Test func `an epoch reads back and is no release`() {
        let epoch = StoreEpoch(high: 1, low: 2)
        #expect(StoreEpoch(epoch.description) == epoch)
        #expect(StoreEpoch("\(epoch):5*") == nil)
        #expect(StoreEpoch("") == nil)
    }

    @Test func `bytes read back from their digits and odd or foreign digits are refused`() {
        forAll(cases: 200) { random, replay in
            let bytes = random.bytes(random.pick(below: 40))
            #expect([UInt8](hexString: bytes.hexString) == bytes, "\(replay)")
        }
        for text in ["0", "0g", "AB", "é", "+1", "0x"] { #expect([UInt8](hexString: text) == nil) }
    }
}
