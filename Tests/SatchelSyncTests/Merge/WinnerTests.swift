import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct WinnerTests {
    private func sibling(_ dot: Dot, _ second: Int64, _ text: UTF8Text) -> Sibling {
        Sibling(dot: dot, time: Timestamp(milliseconds: second), value: .text(text))
    }

    @Test func `the later value wins, then the higher actor, then the higher counter`() {
        let ordered = [
            sibling(b(1), 1, "one"), sibling(a(1), 2, "two"), sibling(a(2), 2, "three"), sibling(b(2), 2, "four"),
        ]
        for (one, two) in zip(ordered, ordered.dropFirst()) {
            #expect(Winner.among([one, two], policy: .latest) == two)
            #expect(Winner.among([two, one], policy: .latest) == two)
            #expect(Winner.among([two, one], policy: .manual) == two)
        }
    }

    @Test func `nothing wins where nothing stands`() {
        #expect(Winner.among([], policy: .latest) == nil)
        #expect(Winner.distinctValues(of: [], policy: .latest).isEmpty)
    }

    /// Every policy of a register, each with values that fit it.
    private static let policies: [(MergePolicy, [FieldValue])] = {
        let numbers: [FieldValue] = [.integer(0), .integer(1), .integer(2), .null]
        let days: [FieldValue] = [-1, 0, 1].compactMap { CalendarDate(dayNumber: $0).map { .date($0) } } + [.null]
        let amounts: [FieldValue] =
            [-1, 0, 1].compactMap { DecimalNumber(units: $0, scale: 2).map { .decimal($0) } } + [.null]
        let instants: [FieldValue] = [-1, 0, 1].map { .timestamp(Timestamp(milliseconds: $0)) } + [.null]
        let stages: [FieldValue] = [.text("lead"), .text("won"), .text("lost"), .text("elsewhere"), .null]
        return [
            (.latest, numbers), (.manual, numbers), (.max, numbers), (.max, days), (.max, amounts), (.max, instants),
            (.min, numbers), (.min, days), (.min, amounts), (.min, instants),
            (.precedence(["lead", "lost", "won"]), stages), (.immutable, numbers), (.server, numbers),
        ]
    }()

    /// A sibling to be: which of the values it has, and its second.
    ///
    /// Its place gives it its dot.
    private struct DrawnSibling: Hashable {
        let value: Int, second: Int

        var simpler: [DrawnSibling] {
            simplerNumbers(value).map { DrawnSibling(value: $0, second: second) }
                + simplerNumbers(second).map { DrawnSibling(value: value, second: $0) }
        }
    }

    /// What is wrong with the winner of some siblings; `nil` where one wins, it is the first of the distinct values, these are
    /// all the values, and no order of the siblings changes that.
    private static func problem(_ siblings: [Sibling], _ policy: MergePolicy) -> String? {
        guard !siblings.isEmpty else { return nil }
        guard let winner = Winner.among(siblings, policy: policy), siblings.contains(winner) else {
            return "None of the siblings wins."
        }
        let distinct = Winner.distinctValues(of: siblings, policy: policy)
        guard distinct.first?.value == winner.value, policy != .latest || distinct.first?.latest == winner else {
            return "The first of the distinct values is not the winner's."
        }
        guard Set(distinct.map(\.value)) == Set(siblings.map(\.value)),
            distinct.reduce(0, { $0 + $1.siblings.count }) == siblings.count
        else { return "The distinct values are not those of the siblings." }
        var problem: String?
        forEveryOrder(of: siblings) { order in
            guard
                Winner.among(order, policy: policy) != winner
                    || Winner.distinctValues(of: order, policy: policy) != distinct
            else { return }
            problem = "The winner depends on the order of the siblings."
        }
        return problem
    }

    @Test(arguments: policies.indices)
    func `under every policy one sibling wins, the same in any order`(index: Int) throws {
        let (policy, values) = Self.policies[index]
        func siblings(_ drawn: [DrawnSibling]) -> [Sibling] {
            drawn.enumerated().map { place, sibling in
                Sibling(
                    dot: Dot(.sample(place % 2), UInt64(place + 1)),
                    time: Timestamp(milliseconds: Int64(sibling.second)), value: values[sibling.value])
            }
        }
        try forAllShrinking(
            cases: 60, seed: 500 + UInt64(index) * 1_000,
            generate: { random in
                (0..<random.pick(in: 1...5)).map { _ in
                    DrawnSibling(value: random.pick(below: values.count), second: random.pick(below: 2))
                }
            }, simpler: \.simpler, describe: { "policy \(policy): \(siblings($0))" },
            problem: { Self.problem(siblings($0), policy) })
    }

    @Test func `the greatest, the least, the last in the list and the first of all win`() throws {
        func won(_ policy: MergePolicy, _ values: [FieldValue]) -> FieldValue? {
            let siblings = values.enumerated().map { place, value in
                Sibling(dot: Dot(.sample(place), 1), time: Timestamp(milliseconds: Int64(place)), value: value)
            }
            return Winner.among(siblings, policy: policy)?.value
        }
        #expect(won(.max, [.integer(.max), .integer(.min), .integer(0), .null]) == .integer(.max))
        #expect(won(.min, [.integer(.max), .integer(.min), .integer(0), .null]) == .integer(.min))
        #expect(won(.max, [.null, .integer(.min)]) == .integer(.min))
        #expect(won(.precedence(["lead", "won"]), [.text("won"), .text("lead"), .text("strange")]) == .text("won"))
        #expect(won(.immutable, [.integer(1), .integer(2)]) == .integer(1))
        let amounts = try ["-0.01", "0.00", "9.99"].map {
            FieldValue.decimal(try #require(DecimalNumber($0, scale: 2)))
        }
        #expect(won(.max, amounts) == amounts[2] && won(.min, amounts) == amounts[0])
    }

    @Test func `where equal values stand the latest of them speaks for all`() {
        let siblings = [sibling(a(1), 3, "x"), sibling(b(1), 1, "x"), sibling(c(1), 2, "y")]
        let distinct = Winner.distinctValues(of: siblings, policy: .latest)
        #expect(distinct.map(\.value) == [.text("x"), .text("y")])
        #expect(distinct.first?.latest.dot == a(1))
    }

    @Test func `the table shows the winner, and nothing for a field that was never written`() throws {
        var record = RecordScript()
        record.apply(a(1), life: .create, name("one"), tag(add: ["t", "s"]), at: 1)
        record.apply(b(1), name("two"), at: 2)
        let type = try #require(try ItemSchema.make().type(ItemSchema.type))
        #expect(record.state.winningValue(of: try type.requireField(named: "name")) == .text("two"))
        #expect(record.state.winningValue(of: try type.requireField(named: "phone")) == .null)
        #expect(record.state.winningElements(of: try type.requireField(named: "tags")) == ["s", "t"])
    }
}
