import Foundation
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelWire

/// A device's home with its base, closed, of which every run gets a copy.
struct HomeTemplate {
    private let folder: URL

    /// Makes a home whose base is the seed.
    init(in folder: URL, source: String, schema: Schema, seed: [OfferedChangeSet]) throws {
        self.folder = folder
        let data = DataFolder(path: folder.path)
        try ReplicaStore.create(
            in: data,
            identity: ReplicaIdentity(
                actor: Historian.actor(named: "dev-007"), lineage: Lineage(), user: Historian.author, device: "tablet",
                serverURL: "http://127.0.0.1:1", serverName: "bench", token: "secret"),
            facts: ExchangeFacts(epoch: .random(), forkToken: Hashing.randomBytes(16)), schema: schema,
            schemaSource: source)
        try Replica(home: folder.path).withTurn(purpose: "bench") { store in
            try store.write { transaction in
                for (index, changeSet) in seed.map(\.changeSet).enumerated() {
                    for change in changeSet.changes {
                        var state = RecordState()
                        state.apply(change, dot: changeSet.dot, time: changeSet.time, line: VersionVector())
                        try transaction.replaceBase(
                            change.record, type: change.type, state: state,
                            sequence: ServerSequence(UInt64(index + 1)), provenance: nil)
                    }
                }
            }
        }
    }

    /// The replica of a copy.
    func copy(to folder: URL) throws -> Replica {
        try FileManager.default.copyItem(at: self.folder, to: folder)
        return Replica(home: folder.path)
    }
}
