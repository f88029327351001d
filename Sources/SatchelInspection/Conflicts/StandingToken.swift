package import SatchelSync

extension RecordState {
    /// All that stands for the record, as sixteen hexadecimal digits: it changes with every write that adds or takes away.
    ///
    /// A 64-bit FNV-1a over the standing dots of life and of each field, in order. It guards a person against settling
    /// what arrived after they looked; it is no security measure, and means nothing to other programs.
    /// - Complexity: O(standing dots).
    package var standingToken: String {
        var hash = FNV1a()
        for pair in life {
            hash.add(0)
            hash.add(pair.dot)
        }
        for entry in fields {
            hash.add(UInt64(entry.field.number))
            for dot in entry.state.dots.sorted() { hash.add(dot) }
        }
        return hash.value.hexDigits
    }

    /// Refuses to go on when the record is not as it was read.
    /// - Throws: ``SatchelSync/SatchelError`` `conflict_changed`.
    package func requireToken(_ token: String) throws(SatchelError) {
        guard token == standingToken else {
            throw SatchelError(
                .conflictChanged, "The record changed since the conflict was read.",
                remedy: "Look at the conflict again and settle what stands now; nothing was written.")
        }
    }
}

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo).
private struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            value ^= (number >> shift) & 0xFF
            value = value &* 0x100_0000_01b3
        }
    }

    mutating func add(_ dot: Dot) {
        add(dot.actor.high)
        add(dot.actor.low)
        add(dot.actor.releasedCounter)
        add(dot.counter)
    }
}
