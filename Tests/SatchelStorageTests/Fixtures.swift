import Foundation
import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A replica in a folder of its own, and the few edits that storage tests make without the rules of the client.
final class ReplicaFixture {
    let folder: TemporaryFolder
    let dataFolder: DataFolder
    let schema: Schema
    let actor = ActorID.sample(1)

    init() throws {
        folder = try TemporaryFolder()
        dataFolder = DataFolder(path: folder["home"].path)
        schema = try ItemSchema.make()
        let identity = ReplicaIdentity(
            actor: actor, lineage: Lineage(), user: "ann", device: "tablet", serverURL: "http://127.0.0.1:1",
            serverName: "test", token: "secret")
        try ReplicaStore.create(
            in: dataFolder, identity: identity,
            facts: ExchangeFacts(epoch: StoreEpoch(high: 1, low: 1), forkToken: [1]), schema: schema,
            schemaSource: "item"
        )
    }

    func turn<Result>(_ body: (ReplicaStore) throws -> Result) throws -> Result {
        let schema = schema
        let store = try ReplicaStore.openForWriting(dataFolder, purpose: "test") { _ in schema }
        let result = try body(store)
        try store.close()
        return result
    }

    /// Seals one change of `record` as the next own change-set.
    @discardableResult
    func edit(
        _ record: RecordID, life: LifeWrite? = nil, _ writes: [FieldChange] = [], at time: Int64 = 1_000
    ) throws -> OwnChangeSet {
        try turn { store in
            try store.write { transaction in
                try self.append(record, life: life, writes, at: time, transaction)
            }
        }
    }

    func append(
        _ record: RecordID, life: LifeWrite? = nil, _ writes: [FieldChange] = [], at time: Int64 = 1_000,
        _ transaction: ReplicaTransaction
    ) throws -> OwnChangeSet {
        let counter = (try transaction.newestOwn(of: actor)?.counter ?? 0) + 1
        let draft = Draft(
            label: "edit", changes: [DraftChange(type: ItemSchema.type, record: record, life: life, writes: writes)])
        let instant = Timestamp(milliseconds: time)
        let changeSet = try draft.sealed(
            dot: Dot(actor, counter), author: "ann", time: instant, schemaVersion: 1,
            line: Lineage().line(of: Dot(actor, counter))
        ) { try transaction.record($0)?.state.context ?? VersionVector() }
        return try transaction.append(changeSet, by: transaction.identity(), estimatedTime: instant, rejection: nil)
    }

    /// What another program sees and does: a plain connection with nothing of ours.
    func shell<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: dataFolder.databasePath, configuration: configuration)
        let result = try queue.writeWithoutTransaction(body)
        try queue.close()
        return result
    }

    func row(_ record: RecordID) throws -> [String: String]? {
        try shell { db in
            try Row.fetchOne(db, sql: "SELECT * FROM item WHERE id = ?", arguments: [record.description]).map { row in
                Dictionary(
                    uniqueKeysWithValues: row.compactMap { name, value in
                        value.isNull ? nil : (name, value.storage.value.map { "\($0)" } ?? "")
                    })
            }
        }
    }
}

extension FieldChange {
    static func name(_ text: String?) -> FieldChange {
        FieldChange(ItemSchema.name, .register(text.map { .text(UTF8Text($0)) } ?? .null))
    }

    static func parent(_ record: RecordID) -> FieldChange {
        FieldChange(ItemSchema.parent, .register(.reference(record)))
    }

    static func tags(add: [String] = [], remove: [String] = []) -> FieldChange {
        FieldChange(
            ItemSchema.tags, .set(add: add.map { UTF8Text($0) }.sorted(), remove: remove.map { UTF8Text($0) }.sorted()))
    }
}
