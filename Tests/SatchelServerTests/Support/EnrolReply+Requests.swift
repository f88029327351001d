import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire

/// What a device that was just enrolled over HTTP sends.
extension EnrolReply {
    /// A request that pushes change-sets.
    func request(_ changeSets: [OfferedChangeSet] = []) -> SyncRequest {
        SyncRequest(
            schemaVersion: 1, epoch: epoch, actor: actor, highestCounter: UInt64(changeSets.count), confirmed: nil,
            forkToken: forkToken, checkpoint: nil, deviceTime: Timestamp(milliseconds: 0), changeSets: changeSets)
    }

    /// The device's first change-set: a new account.
    func account(_ name: String, record: Int = 1) -> OfferedChangeSet {
        let change = RecordChange(
            type: EntityTypeID(1), record: .sample(record), context: VersionVector(), life: .create,
            writes: [FieldChange(FieldID(1), .register(.text(UTF8Text(name))))])
        let changeSet = ChangeSet(
            dot: Dot(actor, 1), label: "new", author: user, time: Timestamp(milliseconds: 0), schemaVersion: 1,
            changes: [change])
        return OfferedChangeSet(
            changeSet: changeSet,
            digest: Hashing.changeSetDigest(canonicalBytes: changeSet.canonicalBytes, previous: []))
    }
}
