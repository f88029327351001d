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

    /// What stands for one conflict, as sixteen hexadecimal digits: it changes with every value that comes or goes there, and with no other.
    ///
    /// Of a life the first eight are over the writes of the life alone, and the others also over what no delete had seen: who keeps a record
    /// loses no value, and who deletes it all of them.
    /// - Complexity: O(standing dots).
    package func token(of subject: ConflictSubject) -> String {
        switch subject {
        case .life:
            return Self.token(over: life.map(\.dot)).half + Self.token(over: dots(of: .life)).half
        case .field(let field): return Self.token(over: dots(of: subject), at: field).value.hexDigits
        case .key(let field, let key):
            return Self.token(over: dots(of: subject), at: field, key: key).value.hexDigits
        }
    }

    private static func token(over dots: [Dot], at field: FieldID? = nil, key: UTF8Text? = nil) -> FNV1a {
        var hash = FNV1a()
        hash.add(UInt64(field?.number ?? 0))
        for byte in key?.string.utf8.map(UInt64.init) ?? [] { hash.add(byte) }
        for dot in dots { hash.add(dot) }
        return hash
    }

    /// Refuses to settle a conflict that is not as it was read; `token` may be that of the conflict or of the whole record.
    /// - Throws: ``SatchelSync/SatchelError`` `conflict_changed`.
    package func requireToken(
        _ token: String, of subject: ConflictSubject, by choice: ResolutionChoice
    ) throws(SatchelError) {
        let present = self.token(of: subject)
        let keeps = subject == .life && (choice == .keep || choice == .take(1))
        guard
            token == present || token == standingToken
                || keeps && token.utf8.count == present.utf8.count && token.prefix(8) == present.prefix(8)
        else {
            throw SatchelError(
                .conflictChanged, "The conflict changed since it was read.",
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

    /// The value folded into eight hexadecimal digits.
    var half: String { String((value ^ value >> 32).hexDigits.suffix(8)) }

    mutating func add(_ dot: Dot) {
        add(dot.actor.high)
        add(dot.actor.low)
        add(dot.actor.releasedCounter)
        add(dot.counter)
    }
}
