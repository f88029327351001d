import Crypto
package import SatchelSync

/// SHA-256 (FIPS 180-4) as a sink for canonical bytes.
package struct SHA256Sink: ByteSink {
    private var hash = SHA256()
    private var buffer: [UInt8] = []

    package init() { buffer.reserveCapacity(1_024) }

    package mutating func write(_ byte: UInt8) {
        buffer.append(byte)
        if buffer.count >= 1_024 { flush() }
    }

    package mutating func write(contentsOf bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1_024 { flush() }
    }

    /// The 32 bytes of the hash of all that was written.
    package consuming func finalized() -> [UInt8] {
        flush()
        return hash.finalize().bytes
    }

    private mutating func flush() {
        hash.update(data: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Hashes, keyed hashes and comparisons of secrets.
package enum Hashing {
    /// SHA-256 of `bytes`.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { SHA256.hash(data: bytes).bytes }

    /// The digest of a change-set: over its canonical bytes and the digest of the one before it in its line; empty for the first.
    package static func changeSetDigest(canonicalBytes: [UInt8], previous: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: canonicalBytes)
        hash.update(data: previous)
        return hash.finalize().bytes
    }

    /// HMAC-SHA-256 (RFC 2104) of `bytes` under `key`, cut to 16 bytes.
    package static func proof(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)).prefix(16))
    }

    /// Whether both are the same, in a time that depends on the lengths alone.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }

    /// Bytes from the system's cryptographic source.
    package static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

extension SHA256Digest {
    /// The 32 bytes.
    fileprivate var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

extension ActorID {
    /// A new name from the system's cryptographic source.
    package static func random() -> ActorID {
        var generator = SystemRandomNumberGenerator()
        return ActorID(high: generator.next(), low: generator.next())
    }

    /// The actor that is forked at `point` in an epoch, and whose first change-set has this digest (causality.md §6).
    ///
    /// It follows from these, so that a lost reply costs nothing and two copies with the same pending work make the same dots.
    package static func forked(at point: ForkPoint, in epoch: StoreEpoch, first digest: [UInt8]) -> ActorID {
        var bytes = Array("satchel fork".utf8)
        for number in [point.actor.high, point.actor.low, point.counter, epoch.high, epoch.low] {
            bytes.append(contentsOf: (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
        }
        let name = Hashing.sha256(bytes + digest)
        func half(_ range: Range<Int>) -> UInt64 { name[range].reduce(0) { $0 << 8 | UInt64($1) } }
        return ActorID(high: half(0..<8), low: half(8..<16))
    }

    /// What a replica that was forked at `point` is called while it has made no change-set; it makes none under this name.
    package static func unnamed(at point: ForkPoint, in epoch: StoreEpoch) -> ActorID {
        forked(at: point, in: epoch, first: [])
    }
}

extension StoreEpoch {
    /// A new name from the system's cryptographic source.
    package static func random() -> StoreEpoch {
        var generator = SystemRandomNumberGenerator()
        return StoreEpoch(high: generator.next(), low: generator.next())
    }
}

extension RecordID {
    /// A new version 7 UUID at this wall time.
    package static func random(at time: Timestamp) -> RecordID {
        var generator = SystemRandomNumberGenerator()
        return RecordID(milliseconds: time.milliseconds, random: (generator.next(), generator.next()))
    }
}
