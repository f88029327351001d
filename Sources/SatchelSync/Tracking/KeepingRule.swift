/// How long a device keeps what its acknowledged change-sets wrote (design §5): until a verified backup has it; and where it is short
/// of space, thirty days at the least.
///
/// Nothing is given up before there is need for the space. No clock and no disk: both are passed in.
package enum KeepingRule {
    /// How long what no backup has is kept at the least.
    package static let keptMilliseconds: Int64 = 30 * 86_400_000
    /// Below so much free space a device is short of it.
    package static let spareBytes: UInt64 = 64 * 1024 * 1024

    /// How many bytes a device should give up, where so many are free; 0 where it is not short of space, or nobody can tell.
    package static func bytesShort(free: UInt64?) -> UInt64 {
        guard let free, free < spareBytes else { return 0 }
        return spareBytes - free
    }
}

/// When own change-sets were acknowledged, to a day: up to which place in own order all were, at some moments.
///
/// It never says that one was acknowledged earlier than it was.
package struct AcknowledgementMarks: Hashable, Sendable {
    /// Up to this place all were acknowledged at this time.
    package struct Mark: Hashable, Sendable {
        /// When.
        package let time: Timestamp
        /// The place in own order.
        package let place: Int64

        package init(time: Timestamp, place: Int64) {
            self.time = time
            self.place = place
        }
    }

    private static let dayMilliseconds: Int64 = 86_400_000

    /// The marks, the earliest first.
    package private(set) var marks: [Mark] = []

    /// Takes marks that were kept.
    package init(_ marks: [Mark] = []) { self.marks = marks.sorted { ($0.time, $0.place) < ($1.time, $1.place) } }

    /// Notes that all up to a place are acknowledged now.
    ///
    /// What is noted on one day is taken for noted at its end. Where the clock went back, what was noted later than now is noted as
    /// of now: it is kept longer, never shorter.
    package mutating func note(_ place: Int64, at now: Timestamp) {
        marks.removeAll { $0.time > now }
        guard place > marks.last?.place ?? 0 else { return }
        let isSameDay =
            marks.count > 1 && now.milliseconds - marks[marks.count - 2].time.milliseconds < Self.dayMilliseconds
        if isSameDay { marks.removeLast() }
        marks.append(Mark(time: now, place: place))
        // Of those that are old enough only the last tells anything.
        let old = marks.prefix { now.milliseconds - $0.time.milliseconds >= KeepingRule.keptMilliseconds }
        if old.count > 1 { marks.removeFirst(old.count - 1) }
    }

    /// The place up to which all were acknowledged thirty days ago; 0 where none is known to have been.
    package func placeKeptLongEnough(at now: Timestamp) -> Int64 {
        marks.last { now.milliseconds - $0.time.milliseconds >= KeepingRule.keptMilliseconds }?.place ?? 0
    }
}
