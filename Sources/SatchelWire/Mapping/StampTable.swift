import SatchelSync

/// A dot with the corrected time of its change-set.
struct Stamp: Hashable, Comparable {
    let dot: Dot
    let time: Timestamp

    static func < (left: Stamp, right: Stamp) -> Bool {
        left.dot == right.dot ? left.time < right.time : left.dot < right.dot
    }
}

/// The stamps that stand in the records of one frame, in order: a change-set that wrote many fields is written once.
struct StampTable {
    let stamps: [Stamp]
    private let indexes: [Stamp: UInt32]

    init(_ mentioned: Set<Stamp>) {
        stamps = mentioned.sorted()
        var indexes: [Stamp: UInt32] = [:]
        indexes.reserveCapacity(stamps.count)
        for (index, stamp) in stamps.enumerated() { indexes[stamp] = UInt32(index) }
        self.indexes = indexes
    }

    func index(of dot: Dot, _ time: Timestamp) -> UInt32 {
        guard let index = indexes[Stamp(dot: dot, time: time)] else {
            preconditionFailure("dot \(dot) is not in the table of stamps")
        }
        return index
    }

    func write(to message: inout ProtoRecords, _ actors: ActorDictionary) {
        message.stampActors = stamps.map { actors.index(of: $0.dot.actor) }
        message.stampCounters = stamps.map(\.dot.counter)
        var last: Int64 = 0
        message.stampTimeDeltas = stamps.map { stamp in
            defer { last = stamp.time.milliseconds }
            return stamp.time.milliseconds - last
        }
    }
}

extension Set where Element == Stamp {
    /// Collects the stamps of a state.
    mutating func insertStamps(of state: RecordState) {
        for pair in state.life { insert(Stamp(dot: pair.dot, time: pair.time)) }
        for entry in state.fields {
            for stamp in entry.state.stamps { insert(Stamp(dot: stamp.dot, time: stamp.time)) }
        }
    }
}

extension FormReader {
    func stamps(of message: ProtoRecords) throws(FormError) -> [Stamp] {
        let count = message.stampActors.count
        guard message.stampCounters.count == count, message.stampTimeDeltas.count == count else {
            throw fault("stamp_counters", takes: "as many entries as the other columns of stamps, \(count)")
        }
        var stamps: [Stamp] = []
        stamps.reserveCapacity(count)
        var last: Int64 = 0
        for row in 0..<count {
            let stamp = Stamp(
                dot: try dot(actor: message.stampActors[row], counter: message.stampCounters[row]),
                time: try time(message.stampTimeDeltas[row], after: &last, "stamp_time_deltas"))
            if let before = stamps.last, before >= stamp {
                throw fault("stamp_actors", takes: "stamps in strictly ascending order")
            }
            stamps.append(stamp)
        }
        return stamps
    }

    func stamp(_ index: UInt32, of stamps: [Stamp]) throws(FormError) -> Stamp {
        guard index < stamps.count else { throw fault("stamp", takes: "an index below \(stamps.count)") }
        return stamps[Int(index)]
    }
}
