import SatchelSync

/// How much one push takes: as much as the line carries in a few seconds, as it showed lately.
///
/// A push is all or nothing: on a line that is cut every few seconds one that takes longer never arrives. On a good line small ones cost a round trip each. So it begins
/// with little, and each push says how much the next may take.
package struct PushPace: Hashable, Sendable {
    /// How long a push should take.
    package static let aim = Duration.seconds(4)
    /// What is sent at least, in bytes of change-sets before they are compressed; a single change-set may be larger.
    package static let bytesMin = 8 * 1024
    /// What is sent where nothing is known of the line.
    package static let bytesAtFirst = 64 * 1024
    /// What is sent at most.
    package static let bytesMax = Limits.changeSetBytesPerPushMax

    /// Bytes of change-sets that the next push takes.
    package private(set) var bytes: Int

    /// What is known of a line; `nil` where nothing is.
    package init(bytes: Int? = nil) {
        self.bytes = min(max(bytes ?? Self.bytesAtFirst, Self.bytesMin), Self.bytesMax)
    }

    /// A push of so many bytes was answered after so long.
    ///
    /// It grows to twice as much at most, since one quick answer is no proof. A push of much less than was allowed shows the delay of the line and not
    /// its rate: it says something only where it took too long.
    package mutating func noteAnswer(toBytes sent: Int, after duration: Duration) {
        guard sent > 0, sent >= bytes / 2 || duration > Self.aim else { return }
        let share = duration > .zero ? Self.aim / duration : .infinity
        let fitting = Double(sent) * share
        let least = sent >= bytes / 2 ? Double(Self.bytesMin) : Double(bytes / 2)
        bytes = Int(min(max(fitting, least), Double(bytes) * 2, Double(Self.bytesMax)))
        bytes = max(bytes, Self.bytesMin)
    }

    /// A push of so many bytes got no answer.
    package mutating func noteFailure(ofBytes sent: Int) {
        guard sent > 0 else { return }
        bytes = max(Self.bytesMin, min(bytes, sent) / 2)
    }
}

/// Nobody could be reached: nothing went out.
struct NoConnection: Error { let cause: any Error }

extension SatchelError {
    /// Whether nobody could be reached: nothing was sent.
    var isUnreached: Bool { code == .networkUnavailable && cause is NoConnection }

    /// Whether what was sent got no answer: it may have been too much for the line.
    var isSilence: Bool { code == .networkUnavailable && !isUnreached || code == .requestTimeout }

    /// Whether an answer ended before it was whole by what the line did, and by nobody's wish.
    var isOfLine: Bool {
        [.networkUnavailable, .unknownAnswer, .requestTimeout].contains(code) && retryAfter == nil
    }
}
