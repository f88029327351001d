import SatchelStorage
import SatchelSync
import SatchelWire

/// A sync has carried as many bytes as it was to: what came is kept, and the next one goes on from there.
struct LimitReached: Error {}

/// What a sync sends next.
struct NextBatch {
    /// The change-sets, in own order.
    var batch: [OwnChangeSet]
    /// Whether more wait behind them.
    var isCut: Bool
    /// Their bytes before they are compressed.
    var bytes: Int
    /// The bytes of a request with the first alone where not even that fits into what may still pass.
    var firstBytes: Int?
}

// How a sync keeps to a number of bytes.
extension SyncRunner {
    /// With fewer bytes than this left nothing is begun: an exchange that brings nothing takes some hundred.
    private static var leastBytes: Int { 2 * 1_024 }
    /// By how much a reply may be longer than was asked for, as its last record may be large, before the line is cut.
    private static var excessMax: Int { 32 * 1_024 }
    /// How many times as large as its compressed form a push is at most taken to be.
    private static var ratioMax: Int { 4 }

    /// Whether another exchange may begin.
    var hasRoom: Bool { transport.meter.left.map { $0 >= Self.leastBytes } ?? true }

    /// Whether the sync is to carry no more than so many bytes.
    var isLimited: Bool { transport.meter.bytesMax != nil }

    /// Ends a reply that goes on though it was to be shorter, as one of a server does that knows nothing of limits.
    func requireLimitKept() throws {
        if let left = transport.meter.left, left < -Self.excessMax { throw LimitReached() }
    }

    /// Whether records may come behind a push of a batch.
    func hasRoomForRecords(behind batch: [OwnChangeSet], _ transaction: ReplicaTransaction) throws -> Bool {
        guard let left = transport.meter.left else { return true }
        return try left - bodyBytes(batch[...], transaction) >= Self.leastBytes / 2
    }

    /// The first change-sets without a verdict: as many as one push takes, and as many bytes of them as may still pass.
    func nextBatch(
        bytesMax: Int, first: Int64?, _ transaction: ReplicaTransaction
    ) throws -> NextBatch {
        func read(_ count: Int, _ bytes: Int) throws -> NextBatch {
            let (batch, isCut, size) = try transaction.firstUnconfirmed(countMax: count, bytesMax: bytes, first: first)
            return NextBatch(batch: batch, isCut: isCut, bytes: size)
        }
        guard let left = transport.meter.left else { return try read(Limits.changeSetsPerPushMax, bytesMax) }
        var next = try read(Limits.changeSetsPerPushMax, min(bytesMax, max(left, 1) * Self.ratioMax))
        var count = next.batch.count
        while count > 0 {
            let bytes = try bodyBytes(next.batch.prefix(count), transaction)
            if bytes <= left { break }
            if count == 1 { next.firstBytes = bytes }
            count = min(count - 1, max(1, count * max(left, 0) / bytes))
        }
        if count < next.batch.count {
            let firstBytes = next.firstBytes
            next = count > 0 ? try read(count, .max) : NextBatch(batch: [], isCut: true, bytes: 0)
            next.firstBytes = firstBytes
        }
        return next
    }

    /// How many bytes a request with these change-sets takes, about.
    private func bodyBytes(_ batch: ArraySlice<OwnChangeSet>, _ transaction: ReplicaTransaction) throws -> Int {
        let (identity, facts) = (try transaction.identity(), try transaction.exchangeFacts())
        let offered = batch.map { OfferedChangeSet(changeSet: $0.changeSet, digest: $0.digest) }
        let request = SyncRequest(
            schemaVersion: transaction.schema.version, epoch: facts.epoch, actor: identity.actor,
            highestCounter: batch.last?.changeSet.dot.counter ?? 0, confirmed: nil, forkToken: facts.forkToken,
            checkpoint: facts.checkpoint, deviceTime: replica.clock.now(), changeSets: offered.withLastDigest)
        let agreement = try agreement(naming: batch, facts, transaction)
        return try Gzip.compress(WireCodec.encode(request, agreement: agreement)).count
    }

    /// What a request with these change-sets may lean on.
    func agreement(
        naming batch: some Collection<OwnChangeSet>, _ facts: ExchangeFacts, _ transaction: ReplicaTransaction
    ) throws -> WireAgreement {
        let named = batch.lazy.flatMap(\.changeSet.changes).flatMap { [$0.record] + $0.references }
        return WireAgreement(
            dictionary: PresetDictionary(schema: transaction.schema),
            handles: RecordHandles(epoch: facts.epoch, try transaction.handles(of: named)))
    }
}
