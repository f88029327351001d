import SatchelSync
import Synchronization

/// How many failures an address may have: a bucket that fills up again over time.
///
/// Successes do not count.
final class FailureBuckets: Sendable {
    private struct Bucket {
        var level: Double
        var updated: ContinuousClock.Instant
    }

    private let capacity: Double
    private let refillPerSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Allows `count` failures at once and as many again within `period`.
    init(count: Int, per period: Duration) {
        capacity = Double(count)
        refillPerSecond =
            Double(count) / (Double(period.components.seconds) + 1e-18 * Double(period.components.attoseconds))
    }

    /// Refuses an address that has failed too often.
    ///
    /// - Throws: ``SatchelError`` `too_many_requests`.
    func requireRoom(for address: String, at now: ContinuousClock.Instant = .now) throws(SatchelError) {
        let hasRoom = buckets.withLock { buckets in
            guard let bucket = buckets[address] else { return true }
            return level(of: bucket, at: now) >= 1
        }
        guard hasRoom else {
            throw SatchelError(
                .tooManyRequests, "Too many failed attempts came from this address.",
                remedy: "Wait some minutes and try again.",
                isTransient: true)
        }
    }

    /// Counts a failure.
    func noteFailure(of address: String, at now: ContinuousClock.Instant = .now) {
        buckets.withLock { buckets in
            if buckets.count >= Self.addressesMax {
                buckets = buckets.filter { level(of: $0.value, at: now) < capacity }
            }
            if buckets.count >= Self.addressesMax { buckets.removeAll() }
            let present = buckets[address].map { level(of: $0, at: now) } ?? capacity
            buckets[address] = Bucket(level: max(0, present - 1), updated: now)
        }
    }

    private func level(of bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
        let elapsed = bucket.updated.duration(to: now).components
        return min(
            capacity, bucket.level + (Double(elapsed.seconds) + 1e-18 * Double(elapsed.attoseconds)) * refillPerSecond)
    }

    private static let addressesMax = 10_000
}
