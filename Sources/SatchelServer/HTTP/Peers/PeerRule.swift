/// A rule that a connection can break.
enum PeerRule: String, CaseIterable, Sendable {
    /// A head that does not come in time.
    case slowHead = "slow_head"
    /// A body that stops, or trickles.
    case slowBody = "slow_body"
    /// A reply that nobody reads.
    case slowReader = "slow_reader"
    /// A target, a field, the fields or their number beyond a limit.
    case largeHead = "large_head"
    /// A body beyond its limit.
    case largeBody = "large_body"
    /// A head that is no HTTP, or says two things at once.
    case malformedHead = "malformed_head"
    /// More bytes around a body than it has itself.
    case wastefulFraming = "wasteful_framing"
    /// More connections than an address may have.
    case crowdedAddress = "crowded_address"
    /// More connections than a device may have.
    case crowdedDevice = "crowded_device"
    /// More requests than the server answers at once.
    case busy
}
