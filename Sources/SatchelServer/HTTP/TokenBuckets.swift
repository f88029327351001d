package import SatchelSync
import Synchronization

/// How often something may happen for an address or a device: a bucket of tokens for each, which fills up again over time.
package final class TokenBuckets: Sendable {
    private struct Bucket {
        var level: Double
        var updated: ContinuousClock.Instant
    }

    private let capacity: Double
    private let refillPerSecond: Double
    private let refusal: String
    private let remedy: String
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Allows `count` within `period`, and at once as many, or as many as `burst` says; `refusal` and `remedy` are what whoever
    /// comes more often is told.
    package init(
        count: Int, per period: Duration, burst: Int? = nil, refusal: String,
        remedy: String = "Wait some minutes and try again."
    ) {
        capacity = Double(burst ?? count)
        refillPerSecond = Double(count) / period.inSeconds
        self.refusal = refusal
        self.remedy = remedy
    }

    /// Takes a token.
    ///
    /// - Throws: `SatchelError` `too_many_requests` where none is left.
    package func take(for key: String, at now: ContinuousClock.Instant = .now) throws(SatchelError) {
        let isTaken = buckets.withLock { buckets in
            guard hasRoom(for: key, in: buckets, at: now) else { return false }
            drain(key, in: &buckets, at: now)
            return true
        }
        guard isTaken else { throw tooMany }
    }

    /// Looks whether a token is left, and takes none.
    ///
    /// - Throws: `SatchelError` `too_many_requests` where none is left.
    package func requireRoom(for key: String, at now: ContinuousClock.Instant = .now) throws(SatchelError) {
        guard buckets.withLock({ hasRoom(for: key, in: $0, at: now) }) else { throw tooMany }
    }

    /// Takes a token where one is left: what happened cannot be refused any more.
    package func note(_ key: String, at now: ContinuousClock.Instant = .now) {
        buckets.withLock { drain(key, in: &$0, at: now) }
    }

    private var tooMany: SatchelError {
        var error = SatchelError(.tooManyRequests, refusal, remedy: remedy, isTransient: true)
        error.retryAfter = .seconds(1 / refillPerSecond)
        return error
    }

    private func hasRoom(for key: String, in buckets: [String: Bucket], at now: ContinuousClock.Instant) -> Bool {
        buckets[key].map { level(of: $0, at: now) >= 1 } ?? true
    }

    private func drain(_ key: String, in buckets: inout [String: Bucket], at now: ContinuousClock.Instant) {
        if buckets.count >= ServerLimits.rateKeysMax {
            buckets = buckets.filter { level(of: $0.value, at: now) < capacity }
        }
        if buckets.count >= ServerLimits.rateKeysMax { buckets.removeAll() }
        let present = buckets[key].map { level(of: $0, at: now) } ?? capacity
        buckets[key] = Bucket(level: max(0, present - 1), updated: now)
    }

    private func level(of bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
        min(capacity, bucket.level + bucket.updated.duration(to: now).inSeconds * refillPerSecond)
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + 1e-18 * Double(components.attoseconds) }
}
