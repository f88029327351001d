import Logging
import ServiceLifecycle
import Synchronization

/// How often each rule was broken since it was last told: a line a rule, not one a connection or a byte.
final class PeerTally: Sendable {
    /// What there is to tell of a rule.
    struct Count: Equatable {
        let rule: PeerRule
        /// How often it was broken.
        let total: Int
        /// From how many addresses; of very many not all are told apart.
        let addresses: Int
        /// The address that broke it most often.
        let busiest: String
    }

    private struct Entry {
        var total = 0
        var addresses: [String: Int] = [:]
        var first: ContinuousClock.Instant
        var last: ContinuousClock.Instant
    }

    private static let addressesMax = 1_000
    private let entries = Mutex<[PeerRule: Entry]>([:])

    /// Counts a connection that broke a rule.
    func note(_ rule: PeerRule, from address: String?, at now: ContinuousClock.Instant = .now) {
        let address = address ?? "local"
        entries.withLock { entries in
            var entry = entries[rule] ?? Entry(first: now, last: now)
            entry.total += 1
            entry.last = now
            if entry.addresses[address] != nil || entry.addresses.count < Self.addressesMax {
                entry.addresses[address, default: 0] += 1
            }
            entries[rule] = entry
        }
    }

    /// Takes what is ripe: of which nothing more came for a period, or that has been growing for six.
    func take(quietFor period: Duration, at now: ContinuousClock.Instant = .now) -> [Count] {
        entries.withLock { entries in
            var ripe: [Count] = []
            for rule in PeerRule.allCases {
                guard let entry = entries[rule], now - entry.last >= period || now - entry.first >= period * 6 else {
                    continue
                }
                entries[rule] = nil
                let busiest = entry.addresses.max { ($0.value, $1.key) < ($1.value, $0.key) }
                ripe.append(
                    Count(
                        rule: rule, total: entry.total, addresses: entry.addresses.count,
                        busiest: busiest?.key ?? "local"))
            }
            return ripe
        }
    }
}

/// Writes the tally into the log.
struct PeerLog: Service {
    let tally: PeerTally
    let period: Duration
    let logger: Logger

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: period)
                    write(tally.take(quietFor: period))
                }
            }
        } catch is CancellationError {
            // The server stops; what is left is told once more, after the last connection.
        }
    }

    /// Writes all that was counted and not told yet.
    func writeRest() { write(tally.take(quietFor: .zero)) }

    private func write(_ counts: [PeerTally.Count]) {
        for count in counts {
            logger.warning(
                "connections broke a rule",
                metadata: [
                    "rule": "\(count.rule.rawValue)", "connections": "\(count.total)",
                    "addresses": "\(count.addresses)", "busiest": "\(count.busiest)",
                ])
        }
    }
}
