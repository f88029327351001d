import SatchelStorage
import SatchelSync
import Synchronization

/// Who is connected, and how many requests are being answered.
///
/// Until a connection has shown a credential it counts for its address, then for its device: an office behind one address has
/// as many devices as it likes.
final class ConnectionDesk: Sendable {
    private struct Guest {
        let address: String?
        var device: String?
    }

    private struct State {
        var guests: [ObjectIdentifier: Guest] = [:]
        var strangers: [String: Int] = [:]
        var devices: [String: Int] = [:]
        var requests = 0
        /// Answers among them that have no end of their own, and cost nothing while nothing happens.
        var streams = 0
    }

    private let limits: PeerLimits
    private let state = Mutex(State())
    /// Where broken rules are counted.
    let tally: PeerTally

    init(limits: PeerLimits, tally: PeerTally) {
        self.limits = limits
        self.tally = tally
    }

    /// Lets a connection in; `false` where its address has too many.
    func open(_ connection: ObjectIdentifier, from address: String?) -> Bool {
        let counted = address.flatMap { isExempt($0) ? nil : $0 }
        let isOpen = state.withLock { state in
            if let counted {
                guard state.strangers[counted, default: 0] < limits.connectionsPerAddressMax else { return false }
                state.strangers[counted, default: 0] += 1
            }
            state.guests[connection] = Guest(address: counted)
            return true
        }
        if !isOpen { tally.note(.crowdedAddress, from: address) }
        return isOpen
    }

    /// Forgets a connection; one that is not known is no mistake.
    func close(_ connection: ObjectIdentifier) {
        state.withLock { state in
            guard let guest = state.guests.removeValue(forKey: connection) else { return }
            Self.leave(guest, &state)
        }
    }

    /// Notes that the credential of a device came over a connection.
    ///
    /// - Throws: `SatchelError` `too_many_requests` where the device has too many connections.
    func welcome(_ device: String, on connection: ObjectIdentifier) throws(SatchelError) {
        let isWelcome = state.withLock { state in
            guard var guest = state.guests[connection], guest.device != device else { return true }
            guard state.devices[device, default: 0] < limits.connectionsPerDeviceMax else { return false }
            Self.leave(guest, &state)
            guest.device = device
            state.devices[device, default: 0] += 1
            state.guests[connection] = guest
            return true
        }
        guard isWelcome else {
            tally.note(.crowdedDevice, from: state.withLock { $0.guests[connection]?.address })
            throw SatchelError(
                .tooManyRequests, "This device has more than \(limits.connectionsPerDeviceMax) connections open.",
                remedy: "Close some, or wait a minute and try again.", isTransient: true)
        }
    }

    /// Begins to answer a request; `false` where too many are being answered.
    func beginRequest() -> Bool {
        state.withLock { state in
            guard state.requests - state.streams < limits.requestsMax else { return false }
            state.requests += 1
            return true
        }
    }

    /// Ends the answers to requests.
    func endRequests(_ count: Int) { state.withLock { $0.requests -= count } }

    /// An answer that is under way goes on without an end: it is no request any more that others wait for.
    func beginStream() { state.withLock { $0.streams += 1 } }

    /// It has ended after all.
    func endStream() { state.withLock { $0.streams -= 1 } }

    /// How many connections there are.
    var connectionCount: Int { state.withLock { $0.guests.count } }

    private static func leave(_ guest: Guest, _ state: inout State) {
        if let device = guest.device {
            decrease(device, in: &state.devices)
        } else if let address = guest.address {
            decrease(address, in: &state.strangers)
        }
    }

    private static func decrease(_ key: String, in counts: inout [String: Int]) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }

    private func isExempt(_ address: String) -> Bool {
        limits.exemptsEveryAddress || limits.exemptsLoopback && TransportRule.isLoopback(address)
    }
}
