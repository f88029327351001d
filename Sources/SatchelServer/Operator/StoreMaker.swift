import SatchelSchemaFile
package import SatchelStorage
package import SatchelSync

/// Makes a server's store in a new folder.
package enum StoreMaker {
    /// Makes it with a schema file, or with the CRM schema that Satchel ships.
    ///
    /// - Throws: `SatchelError` `invalid_schema`, `invalid_request`, `data_exists`, `foreign_data` and what files fail
    ///   with. Nothing is left behind then.
    package static func make(
        path: String, name: String, schemaSource: String?, clock: any WallClock = SystemClock()
    ) throws -> IdentityReply {
        try AccountName.check(name, what: "server")
        let file = try schemaSource.map { try SchemaFile.parse($0) } ?? SchemaFile.crm
        let identity = StoreIdentity.new(name: name, schemaSource: file.source)
        try SQLiteServerStore.create(
            in: DataFolder(path: path), identity: identity, schema: file.schema, at: clock.now())
        return IdentityReply(
            name: identity.name, epoch: identity.epoch.description, actor: identity.actor.description,
            schemaVersion: file.schema.version, schemaSource: file.source, sequence: 0)
    }

    /// Puts a backup in the place of a store and begins a new life of it (causality.md §7).
    ///
    /// - Throws: `SatchelError` as ``SQLiteServerStore`` does.
    package static func restore(
        _ backup: String, into path: String, isWindowOpen: Bool, clock: any WallClock = SystemClock(),
        progress: (_ step: String, _ done: Int, _ total: Int) -> Void
    ) throws -> RestoreReply {
        let restored = try SQLiteServerStore.restore(
            backup, into: DataFolder(path: path), isWindowOpen: isWindowOpen, clock: clock,
            readSchema: { try SchemaFile.parse($0).schema },
            progress: { progress($0.step.rawValue, $0.done, $0.total) })
        return RestoreReply(
            epoch: restored.epoch.description, sequence: restored.point.sequence.number,
            lastChangeSet: restored.point.lastChangeSet?.description, madeAt: restored.point.madeAt.description,
            digest: restored.point.digest, replacedPath: restored.replacedPath)
    }
}

/// What a restore came to, for operators.
package struct RestoreReply: Codable, Sendable {
    /// The new life of the store.
    package let epoch: String
    /// Up to which sequence the store has everything.
    package let sequence: UInt64
    /// The change-set that was applied last; `nil` where none was.
    package let lastChangeSet: String?
    /// When the backup was made, RFC 3339.
    package let madeAt: String
    /// The digest of its records, 64 hexadecimal digits.
    package let digest: String
    /// Where the store that stood there is kept; `nil` where none did.
    package let replacedPath: String?
}

extension IdentityReply {
    /// The schema that the store is read with.
    package func schema() throws -> Schema { try SchemaFile.parse(schemaSource).schema }
}
