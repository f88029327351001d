import Foundation
package import SatchelStorage
public import SatchelSync

/// A rep's replica on a device: its home folder, used in turns.
///
/// Every call opens the database, does its work in transactions, and closes it, so that programs that share a home take turns
/// (design §7). Nothing is held between calls, least of all while the network is waited for.
public struct Replica: Sendable {
    /// The home: where the database and the lease are.
    package let folder: DataFolder
    /// The clocks of the device.
    package let clock: any WallClock
    /// Who remembers the replica outside its folder.
    let witness: Witness?
    /// Who follows this value and its copies.
    let hub: ChangeHub

    /// Names the home folder.
    ///
    /// Nothing is opened yet. Beside the home, `$XDG_STATE_HOME/satchel` (else `~/.local/state/satchel`) remembers its newest change-set, so that a
    /// home that was copied or put back to an earlier day is noticed.
    public init(home: String) {
        self.init(
            home: home, clock: SystemClock(), witness: .ofUser(environment: ProcessInfo.processInfo.environment))
    }

    package init(home: String, clock: any WallClock, witness: Witness? = nil) {
        folder = DataFolder(path: home)
        self.clock = clock
        self.witness = witness
        hub = ChangeHub()
    }

    init(folder: DataFolder, clock: any WallClock, witness: Witness?, hub: ChangeHub) {
        (self.folder, self.clock, self.witness, self.hub) = (folder, clock, witness, hub)
    }

    /// The home folder's path.
    public var home: String { folder.url.path }

    /// Where a user's replica is kept when neither `--home` nor `SATCHEL_HOME` says otherwise.
    public static func defaultHome(environment: [String: String]) -> String {
        if let home = environment["SATCHEL_HOME"], !home.isEmpty { return home }
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty { return data + "/satchel" }
        return (environment["HOME"] ?? ".") + "/.local/share/satchel"
    }

    /// The schema that the server gave this replica.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    public func schema() throws -> Schema {
        let store = try ReplicaStore.openForReading(folder, schemaReader: Self.readSchema)
        defer { try? store.close() }
        return store.schema
    }

    /// Takes a turn of writing: waits for the lease, seals what other programs wrote, runs `body`, gives the lease back.
    ///
    /// Those who follow are told what it commits as changes of `origin`.
    package func withTurn<Result>(
        purpose: String, origin: ChangedRecord.Origin = .edit, _ body: (ReplicaStore) throws -> Result
    ) throws -> Result {
        let store = try ReplicaStore.openForWriting(
            folder, purpose: purpose, mayUseReserve: origin == .sync, witness: witness, schemaReader: Self.readSchema)
        hub.beginTurn(store)
        defer { hub.endTurn() }
        do {
            if try store.hasForeignWrites() {
                try store.write { try Editor($0, clock: clock).sealForeignWrites() }
                hub.tell(store, origin: .sql)
            }
            let result = try body(store)
            hub.tell(store, origin: origin)
            try store.close()
            return result
        } catch {
            hub.tell(store, origin: origin)
            try? store.close()
            throw error
        }
    }

    /// Reads one snapshot, beside whoever writes.
    ///
    /// What other programs wrote is sealed first, in a turn of its own.
    package func reading<Result>(_ body: (ReplicaTransaction) throws -> Result) throws -> Result {
        let store = try ReplicaStore.openForReading(folder, schemaReader: Self.readSchema)
        var isClosed = false
        defer { if !isClosed { try? store.close() } }
        guard try store.hasForeignWrites() else { return try store.read(body) }
        try store.close()
        isClosed = true
        return try withTurn(purpose: "seal") { try $0.read(body) }
    }

    /// The schema of a file's text; one that was read before is not read again.
    ///
    /// - Throws: `SatchelError` `invalid_schema`.
    package static func readSchema(_ source: String) throws -> Schema { try knownSchemas.schema(from: source) }

    private static let knownSchemas = KnownSchemas()
}

extension Replica {
    /// The present instant by this device's clock.
    public var now: Timestamp { clock.now() }
}
