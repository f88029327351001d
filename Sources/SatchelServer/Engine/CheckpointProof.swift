package import SatchelStorage
package import SatchelSync

/// Makes and checks the proofs by which a device shows what it was served, without the server writing anything down.
package struct CheckpointProof: Sendable {
    private let epoch: StoreEpoch
    private let key: [UInt8]

    package init(identity: StoreIdentity) {
        epoch = identity.epoch
        key = identity.checkpointKey
    }

    /// The checkpoint at `sequence` for one device.
    package func checkpoint(at sequence: ServerSequence, device: RecordID) -> Checkpoint {
        Checkpoint(epoch: epoch, sequence: sequence, proof: proof(of: sequence, device: device))
    }

    /// Whether this server issued the checkpoint to this device; in a time that does not depend on where they differ.
    package func isGenuine(_ checkpoint: Checkpoint, device: RecordID) -> Bool {
        checkpoint.epoch == epoch && Hashing.areEqual(checkpoint.proof, proof(of: checkpoint.sequence, device: device))
    }

    private func proof(of sequence: ServerSequence, device: RecordID) -> [UInt8] {
        var bytes: [UInt8] = []
        for half in [epoch.high, epoch.low, device.high, device.low, sequence.number] { bytes.write(bigEndian: half) }
        return Hashing.proof(bytes, key: key)
    }
}
