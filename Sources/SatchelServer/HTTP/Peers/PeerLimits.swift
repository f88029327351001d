import Foundation
import SatchelSync

/// What a server takes from whoever connects, and how long it waits for them.
package struct PeerLimits: Sendable {
    /// Bytes of a request's target: its path and query.
    package var targetBytesMax = 8 * 1024
    /// Bytes of one header field, name and value.
    package var headerFieldBytesMax = 8 * 1024
    /// Bytes of all header fields of a request, names and values.
    package var headerBytesMax = 32 * 1024
    /// Header fields of a request.
    package var headerFieldsMax = 64
    /// Bytes of a request's body on the wire, without what frames it.
    package var bodyBytesMax = Limits.bodyBytesMax
    /// Bytes that a head takes with all its blanks, and that the framing of a body takes beyond as much as the body itself.
    package var framingBytesMax = 64 * 1024

    /// How long the head of a request may take: from the connection on, later from its first byte on.
    package var headPatience = Duration.seconds(10) * hurry
    /// How long a body may pause.
    package var bodyPatience = Duration.seconds(15) * hurry
    /// Bytes a second that a body brings at least, once it is ``bodyPatience`` old.
    package var bodyBytesPerSecondMin = 1024
    /// How long a reply may be left unread.
    package var replyPatience = Duration.seconds(30)
    /// How long a connection may be kept between a reply and the next request.
    package var idlePatience = Duration.seconds(60)
    /// How long a line of events may be silent.
    package var heartbeat = usualHeartbeat
    /// How long a connection that the server ends is still read from, so that its last answer arrives.
    package var closingPatience = Duration.seconds(5)

    /// Connections at once.
    package var connectionsMax = 16_384
    /// Connections of one address on which nobody has shown a credential yet.
    package var connectionsPerAddressMax = 256
    /// Connections of one device.
    package var connectionsPerDeviceMax = 8
    /// Requests being answered at once.
    package var requestsMax = 1_024
    /// Exchanges that one device may begin at once.
    package var exchangesAtOnceMax = 3_000
    /// How many more it may begin each minute.
    package var exchangesPerMinuteMax = 6_000
    /// Whether this machine itself may have any number of connections.
    package var exemptsLoopback = true
    /// Whether connections come from a proxy, so that their address says nothing about who they are.
    package var exemptsEveryAddress = false

    /// How long it has to be quiet about a rule before its line is written into the log.
    package var logPeriod = Duration.seconds(10)

    /// The limits of `Protocol/sync.md`.
    package init() {}

    /// Fifteen seconds; in debug builds so many times as `SATCHEL_PATIENCE` says, like the patience of devices.
    private static var usualHeartbeat: Duration { .seconds(15) * min(patience, 1) }

    /// How much sooner than usual slow peers are sent away: in debug builds as `SATCHEL_PATIENCE` says, but not before a device on
    /// a busy machine has said all.
    private static var hurry: Double { min(max(patience, 0.4), 1) }

    private static var patience: Double {
        #if DEBUG
            if let text = ProcessInfo.processInfo.environment["SATCHEL_PATIENCE"], let factor = Double(text), factor > 0
            {
                return factor
            }
        #endif
        return 1
    }
}
