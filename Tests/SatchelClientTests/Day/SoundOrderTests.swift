import SatchelClient
import SatchelInspection
import SatchelSync
import Testing

@Suite struct SoundOrderTests {
    private static func sorted(_ names: [String]) -> [String] {
        names.sorted { SoundOrder.key(of: $0).lexicographicallyPrecedes(SoundOrder.key(of: $1)) }
    }

    @Test func `names stand by their sound, behind digits and before letters`() {
        let names = [
            "", "-", "1号店", "2号店", "阿斯特", "北京", "北京东", "陈", "李娜", "欧阳", "孙", "王伟", "张三", "赵", "apple", "Bo", "Zebra",
            "é",
        ]
        #expect(Self.sorted(names.reversed()) == names)
        #expect(SoundOrder.key(of: "BO") == SoundOrder.key(of: "bo"))
    }

    @Test func `every character of the block has a place of its own`() {
        let keys = Set((0x4E00...0x9FFF).compactMap { UnicodeScalar($0 as Int) }.map { SoundOrder.key(of: String($0)) })
        #expect(keys.count == 0x9FFF - 0x4E00 + 1)
        #expect(keys.allSatisfy { $0.count == 2 })
    }

    @Test func `a list in Chinese is by sound, in either direction, and what has no value comes last`() throws {
        let home = try HomeFixture()
        for name in ["张三", "阿斯特", "Bo", "李娜"] {
            _ = try home.replica.new(
                typeName: "account",
                assignments: [
                    Assignment(field: "name", value: name), Assignment(field: "phone", value: name == "Bo" ? "" : name),
                ])
        }
        func names(_ order: String, _ isBySound: Bool) throws -> [String] {
            try home.replica.records(
                typeName: "account", ListQuestion(order: [order], isBySound: isBySound), limit: 10
            ).map(\.title)
        }
        #expect(try names("name", true) == ["阿斯特", "李娜", "张三", "Bo"])
        #expect(try names("-name", true) == ["Bo", "张三", "李娜", "阿斯特"])
        #expect(try names("phone", true) == ["阿斯特", "李娜", "张三", "Bo"])
        #expect(try names("name", false) == ["Bo", "张三", "李娜", "阿斯特"])
    }
}
