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
}

extension IdentityReply {
    /// The schema that the store is read with.
    package func schema() throws -> Schema { try SchemaFile.parse(schemaSource).schema }
}
