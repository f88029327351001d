import Foundation
import SatchelStorage
import SatchelSync
import SatchelWire

/// The bytes of a push, as the device sends it, beside the same JSON Lines under `gzip -9`.
struct Sending {
    private let bench: Bench

    init(_ bench: Bench) { self.bench = bench }

    /// W1, all devices together, and W2, the day of one rep.
    func measure() throws {
        for (name, folder) in [("w1-bytes", "w1-merge"), ("w2-bytes", "w2-day")] {
            let folder = try WorkloadFolder(folder, in: bench.input)
            var historian = Historian(schema: bench.schema)
            // What every device has pulled before its day.
            let seeded = try historian.seed(folder.lines(of: "seed.jsonl")).flatMap(\.changeSet.changes).map(\.record)
            let numbers = Dictionary(zip(seeded, (1 as UInt64)...)) { first, _ in first }
            var (bytes, floorBytes, count) = (0, 0, 0)
            for file in try folder.files(prefix: "dev-") {
                let changeSets = try folder.lines(of: file).map { try historian.changeSet($0) }
                count += changeSets.count
                for start in stride(from: 0, to: changeSets.count, by: Limits.changeSetsPerPushMax) {
                    let part = changeSets[start..<min(start + Limits.changeSetsPerPushMax, changeSets.count)]
                    let request = request(pushing: Array(part).withLastDigest)
                    let agreement = WireAgreement(
                        dictionary: PresetDictionary(schema: bench.schema),
                        handles: RecordHandles(epoch: request.epoch, numbers))
                    bytes += try Gzip.compress(WireCodec.encode(request, agreement: agreement)).count
                }
                floorBytes += try Gzip.compress(folder.bytes(of: file), level: 9).count
            }
            try bench.compare(name, count: count, bytes: bytes, floorBytes: floorBytes)
        }
    }

    /// What a device says that stands at a checkpoint; names and proofs are random, as they are on the way.
    private func request(pushing changeSets: [OfferedChangeSet]) -> SyncRequest {
        let epoch = StoreEpoch.random()
        let last = changeSets.last?.changeSet
        return SyncRequest(
            schemaVersion: bench.schema.version, epoch: epoch, actor: last?.dot.actor ?? .random(),
            highestCounter: last?.dot.counter ?? 0, confirmed: nil, forkToken: Hashing.randomBytes(16),
            checkpoint: Checkpoint(epoch: epoch, sequence: ServerSequence(1), proof: Hashing.randomBytes(16)),
            deviceTime: last?.time ?? SystemClock().now(), changeSets: changeSets)
    }
}
