import SatchelTestSupport
import Testing

@Suite struct EveryChoiceTests {
    @Test func `every sequence of choices is walked once`() {
        var choices = EveryChoice()
        var walked: [[Int]] = []
        repeat {
            let first = choices.pick(below: 3)
            walked.append(first == 0 ? [first] : [first, choices.pick(below: 2)])
        } while choices.advance()
        #expect(walked == [[0], [1, 0], [1, 1], [2, 0], [2, 1]])
    }

    @Test func `a body without choices is walked once`() {
        var choices = EveryChoice()
        let hasMore = choices.advance()
        #expect(!hasMore)
    }

    @Test func `every order of a list comes once`() {
        var orders: Set<[Int]> = []
        forEveryOrder(of: [1, 2, 3, 4]) { orders.insert($0) }
        #expect(orders.count == 24)
        var empty = 0
        forEveryOrder(of: [Int]()) { _ in empty += 1 }
        #expect(empty == 1)
    }
}
