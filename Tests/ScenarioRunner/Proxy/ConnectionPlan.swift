/// What happens to the bytes that one end of a connection says to the other.
package struct LanePlan: Hashable, Sendable {
    /// What becomes of the lane once so many bytes have passed; with 0 bytes, when the first comes.
    package enum End: Hashable, Sendable {
        /// The proxy closes the connection to both ends.
        case cut(after: Int)
        /// The same with a reset in place of an orderly end.
        case reset(after: Int)
        /// Nothing passes this way any more, no end either; the other way goes on.
        case stall(after: Int)
        /// Nothing passes either way any more, and nobody is told.
        case freeze(after: Int)

        /// The bytes that still pass.
        var count: Int {
            switch self {
            case .cut(let count), .reset(let count), .stall(let count), .freeze(let count): count
            }
        }
    }

    /// Bits that arrive turned: of the byte with this number, from 0, those of the mask.
    package var flips: [Int: UInt8] = [:]
    package var end: End?
    /// How long each piece waits that comes in.
    package var delay = Duration.zero
    package var bytesPerSecond: Int?
    /// Bytes that wait at most for their turn: with more of them the sender has to wait, as on a real line; no bound if absent.
    package var queueMax: Int?
    /// Bytes after which only one passes at a time, each after so long.
    package var trickle: Trickle?

    /// How a lane dries up.
    package struct Trickle: Hashable, Sendable {
        /// The bytes that pass before, as they come.
        package let after: Int
        /// How long each one waits then.
        package let every: Duration

        package init(after: Int, every: Duration) { (self.after, self.every) = (after, every) }
    }

    package init() {}

    /// Bytes that may pass in one piece: a slow line brings ten a second.
    var pieceMax: Int { max(1, (bytesPerSecond ?? 640_000) / 10) }

    /// How long a piece of so many bytes is on its way.
    func duration(of count: Int) -> Duration {
        guard let bytesPerSecond else { return delay }
        return delay + .seconds(Double(count) / Double(max(bytesPerSecond, 1)))
    }
}

/// What happens to one connection; a plain one is carried as it is.
package struct ConnectionPlan: Sendable {
    /// From the device to the server.
    package var up = LanePlan()
    /// From the server to the device.
    package var down = LanePlan()
    /// So many connections besides bring the server the same bytes at the same time; the device hears none of their answers.
    package var copyCount = 0
    /// The server never hears of the connection: whatever is asked is answered with these bytes, and then it is closed.
    package var answer: [UInt8]?
    /// The connection is reset as soon as it comes, as where nobody listens.
    package var isRefused = false
    /// Whether the bytes are kept, for ``FaultProxy/recordings``.
    package var isRecorded = false
    /// Bytes that the proxy takes from the server before the device has taken those before; the system's own choice if absent.
    ///
    /// With few, a server that sends more than a device takes has to wait: what it has not written it may not have read yet.
    package var windowBytes: Int?

    package init() {}

    /// Carried as it is.
    package static let plain = ConnectionPlan()
    /// Reset at once.
    package static var refused: ConnectionPlan { .plain.with { $0.isRefused = true } }
    /// Carried as it is, and kept.
    package static var recorded: ConnectionPlan { .plain.with { $0.isRecorded = true } }
    /// What a device says ends so.
    package static func up(_ end: LanePlan.End) -> ConnectionPlan { .plain.with { $0.up.end = end } }
    /// What the server says ends so.
    package static func down(_ end: LanePlan.End) -> ConnectionPlan { .plain.with { $0.down.end = end } }

    /// The plan with a change.
    package func with(_ change: (inout ConnectionPlan) -> Void) -> ConnectionPlan {
        var plan = self
        change(&plan)
        return plan
    }
}

/// What passed on one connection.
package struct ConnectionRecording: Sendable {
    /// Bytes that reached the server, as they reached it.
    package internal(set) var up: [UInt8] = []
    /// Bytes that reached the device.
    package internal(set) var down: [UInt8] = []
    /// What the server answered to each copy.
    package internal(set) var copyAnswers: [[UInt8]] = []
}
