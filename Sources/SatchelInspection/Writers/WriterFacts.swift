package import SatchelSync

/// What is known of one change-set: who made it, on what, when, and what they had seen.
package struct WriterFacts: Hashable, Sendable {
    /// The change-set.
    package let dot: Dot
    /// The user who made it.
    package let user: String
    /// The device it was made on.
    package let device: String
    /// The device's own wall time; `nil` where only the corrected time is kept.
    package let deviceTime: Timestamp?
    /// When it was made, by the server's reckoning.
    package let correctedTime: Timestamp
    /// How far off that is at most, in milliseconds; `nil` where nobody knows.
    package let timeErrorMilliseconds: Int64?
    /// What its author called it, such as `visit start`.
    package let label: String?
    /// What its author had seen of the record, the line of the dot included; `nil` where it is not known here.
    package let seen: VersionVector?

    /// States what is known of a change-set.
    package init(
        dot: Dot, user: String, device: String, deviceTime: Timestamp?, correctedTime: Timestamp, label: String?,
        seen: VersionVector?, timeErrorMilliseconds: Int64? = nil
    ) {
        self.timeErrorMilliseconds = timeErrorMilliseconds
        self.dot = dot
        self.user = user
        self.device = device
        self.deviceTime = deviceTime
        self.correctedTime = correctedTime
        self.label = label
        self.seen = seen
    }
}
