import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct VersionVectorTests {
    private static func every(actors: Int, counterMax: Int) -> [VersionVector] {
        var vectors: [VersionVector] = []
        var choices = EveryChoice()
        repeat { vectors.append(choices.vector(actors: actors, counterMax: counterMax)) } while choices.advance()
        return vectors
    }

    @Test func `union is the pointwise maximum for every small pair`() {
        let vectors = Self.every(actors: 3, counterMax: 2)
        #expect(vectors.count == 27)
        for left in vectors {
            for right in vectors {
                let union = left.union(right)
                for number in 0..<3 {
                    let actor = ActorID.sample(number)
                    #expect(union[actor] == max(left[actor], right[actor]), "\(left) with \(right)")
                }
                #expect(union == right.union(left))
                #expect(union.covers(left) && union.covers(right))
                #expect((union == left) == left.covers(right))
            }
            #expect(left.union(left) == left)
        }
    }

    @Test func `union is associative for every small triple`() {
        let vectors = Self.every(actors: 2, counterMax: 2)
        for one in vectors {
            for two in vectors {
                for three in vectors {
                    #expect(one.union(two).union(three) == one.union(two.union(three)))
                }
            }
        }
    }

    @Test func `union laws hold for large vectors`() {
        forAll(cases: 300) { random, replay in
            let one = random.vector(actors: 12, counterMax: 9)
            let two = random.vector(actors: 12, counterMax: 9)
            let three = random.vector(actors: 12, counterMax: 9)
            #expect(one.union(two) == two.union(one), "\(replay)")
            #expect(one.union(two).union(three) == one.union(two.union(three)), "\(replay)")
            #expect(one.union(two).covers(one), "\(replay)")
        }
    }

    @Test func `covering is a partial order`() {
        let vectors = Self.every(actors: 2, counterMax: 2)
        for one in vectors {
            #expect(one.covers(one))
            for two in vectors {
                if one.covers(two), two.covers(one) { #expect(one == two) }
                for three in vectors where one.covers(two) && two.covers(three) { #expect(one.covers(three)) }
            }
        }
    }

    @Test func `a dot covers every earlier dot of its actor and no other actor's`() {
        let vector = VersionVector([Dot(.sample(1), 3)])
        #expect(vector.covers(Dot(.sample(1), 1)))
        #expect(vector.covers(Dot(.sample(1), 3)))
        #expect(!vector.covers(Dot(.sample(1), 4)))
        #expect(!vector.covers(Dot(.sample(0), 1)))
        #expect(!vector.covers(Dot(.sample(2), 1)))
    }

    @Test func `a dot that comes late does not lower an entry`() {
        var vector = VersionVector([Dot(.sample(1), 3)])
        vector.insert(Dot(.sample(1), 2))
        #expect(vector == VersionVector([Dot(.sample(1), 3)]))
    }

    @Test func `entries are in the order of actors whatever order they came in`() {
        let dots = (0..<5).map { Dot(.sample($0), UInt64($0 + 1)) }
        forEveryOrder(of: dots) { order in
            #expect(Array(VersionVector(order).entries) == dots)
        }
    }

    @Test func `a line is left out of a context and comes back by union`() {
        forAll(cases: 500) { random, replay in
            let context = random.vector(actors: 4, counterMax: 3)
            let line = random.vector(actors: 4, counterMax: 3)
            let carried = context.removing(line: line)
            #expect(carried.union(line) == context.union(line), "\(replay)")
            #expect(carried.entries.allSatisfy { !line.covers($0) }, "\(replay)")
        }
    }

    @Test func `the line of a dot is its actor's earlier dots and the past it was forked from`() {
        let parent = Dot(.sample(0), 7)
        let forked = Lineage(ancestors: [ForkPoint(actor: parent.actor, counter: parent.counter)])
        #expect(Lineage().line(of: Dot(.sample(1), 1)).isEmpty)
        #expect(forked.line(of: Dot(.sample(1), 1)) == VersionVector([parent]))
        #expect(forked.line(of: Dot(.sample(1), 4)) == VersionVector([parent, Dot(.sample(1), 3)]))
    }

    @Test func `the line of an ancestor's dot ends where that one's own past does`() {
        let lineage = Lineage(ancestors: [
            ForkPoint(actor: .sample(0), counter: 7), ForkPoint(actor: .sample(1), counter: 5),
        ])
        #expect(lineage.line(of: Dot(.sample(0), 3)) == VersionVector([Dot(.sample(0), 2)]))
        #expect(lineage.line(of: Dot(.sample(1), 2)) == VersionVector([Dot(.sample(0), 7), Dot(.sample(1), 1)]))
        #expect(lineage.line(of: Dot(.sample(1), 1)) == VersionVector([Dot(.sample(0), 7)]))
    }

    @Test func `actors can be left out of a vector`() {
        let released = Dot(.sample(0), 5).released
        let vector = VersionVector([Dot(.sample(0), 5), released])
        #expect(vector.count == 2)
        #expect(vector.removing { $0.isRelease } == VersionVector([Dot(.sample(0), 5)]))
    }
}
