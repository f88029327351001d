import Foundation
import GRDB
package import SatchelSync

/// A device's replica, open for one turn: the lease and the one connection that writes, or a connection that only reads.
package final class ReplicaStore {
    /// The schema that the server gave at enrolment, or since.
    package let schema: Schema
    private let folder: DataFolder
    private let queue: DatabaseQueue
    private let actors = ActorTable()
    private var lease: Lease?
    /// Whether the disk failed in this turn: nothing is written any more in it.
    private var hasFailed = false
    /// Who remembers this replica outside its folder, and what; `nil` where nobody does, or could not be asked.
    private var witness: (witness: Witness, root: ActorID, testimony: Testimony?)?
    /// Where transactions that write note what they change; `nil` where nobody follows.
    package var notes: ChangeNotes?

    private init(folder: DataFolder, queue: DatabaseQueue, schema: Schema, lease: consuming Lease?) {
        self.folder = folder
        self.queue = queue
        self.schema = schema
        self.lease = lease
    }

    /// Makes a replica in an empty folder.
    ///
    /// - Throws: ``SatchelError``; the folder then holds no database.
    package static func create(
        in folder: DataFolder, identity: ReplicaIdentity, facts: ExchangeFacts, schema: Schema, schemaSource: String
    ) throws {
        try DatabaseFile.create(
            in: folder, kind: .replica, purpose: "enrol", migrations: ReplicaTables.migrations
        ) { db in
            try EntityTables.prepare(db, schema: schema)
            try Captures.prepare(db, schema: schema)
            let meta = ReplicaMeta(db: db)
            try meta.set(.schemaSource, schemaSource)
            try meta.setIdentity(identity)
            try meta.setExchangeFacts(facts)
            let name = ActorName(user: identity.user, device: identity.device)
            try ActorTable().setName(name, of: identity.actor, db)
        }
    }

    /// Waits for the lease and opens the replica for writing.
    ///
    /// On a full disk an exchange `mayUseReserve`, which edits need to be there. Where `witness` says that the file is not the one that it should be, the
    /// replica asks for a fork from now on.
    /// - Throws: ``SatchelError`` `database_in_use`, `missing_data`, `foreign_data`, `newer_data`, `disk_full` or
    ///   `storage_failed`.
    package static func openForWriting(
        _ folder: DataFolder, purpose: String, mayUseReserve: Bool = false, witness: Witness? = nil,
        schemaReader: (String) throws -> Schema
    ) throws -> ReplicaStore {
        try FaultPoint.replicaOpens.reach()
        try requireReplica(folder)
        let lease = try Lease(folder: folder.url, purpose: purpose)
        let reserve = DiskReserve(folder: folder)
        if mayUseReserve { reserve.releaseIfShort() } else { try reserve.keep() }
        let (queue, source) = try StorageFailure.translated(path: folder.databasePath) {
            let hasLog = DatabaseFile.hasLog(path: folder.databasePath)
            let isSuspect = DamageCheck.isDue(folder, lease: lease)
            do {
                try DatabaseFile.checkKind(path: folder.databasePath, kind: .replica, isSuspect: isSuspect)
            } catch {
                DamageCheck.note(error, in: folder)
                throw error
            }
            if isSuspect { DamageCheck.clear(folder) }
            let queue = try DatabaseQueue(
                path: folder.databasePath, configuration: DatabaseFile.writerConfiguration(label: "satchel.writer"))
            let source = try queue.writeWithoutTransaction { db in
                if hasLog { try DatabaseFile.settleLog(db, isSuspect: isSuspect) }
                try DatabaseFile.migrate(db, migrations: ReplicaTables.migrations)
                return try ReplicaMeta(db: db).text(.schemaSource)
            }
            return (queue, source)
        }
        guard let source else { throw damaged("the schema") }
        try FaultPoint.replicaOpened.reach()
        let store = ReplicaStore(folder: folder, queue: queue, schema: try schemaReader(source), lease: lease)
        if let witness { try StorageFailure.translated(path: folder.databasePath) { try store.ask(witness) } }
        return store
    }

    /// Asks a witness about the file, and writes down what speaks against it.
    ///
    /// On a full disk nothing is written, here or to the witness: it is asked again in the next turn.
    private func ask(_ witness: Witness) throws {
        guard let check = try queue.read({ try WitnessCheck($0, witness, folder) }) else { return }
        if check.doubt != nil || check.isNewHere {
            do {
                try queue.write { db in
                    let meta = ReplicaMeta(db: db)
                    if let doubt = check.doubt { try meta.setDoubt(doubt) }
                    if check.isNewHere { try meta.set(.machine, witness.machine) }
                }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
                return
            }
        }
        for outdated in check.outdated { witness.forget(outdated, of: check.root) }
        self.witness = (witness, check.root, check.testimony)
    }

    /// Has the witness remember the newest own change-set, which is on the disk by now, or that there is none.
    private func testify() {
        guard !hasFailed, let newest = try? queue.read({ try WitnessCheck.newest($0) }) else { return }
        testify(to: newest.mark)
    }

    private func testify(to newest: Testimony.Mark?) {
        guard let (witness, root, testimony) = witness else { return }
        let present = Testimony(home: folder.url.path, newest: newest)
        guard present != testimony else { return }
        witness.keep(present, of: root)
        self.witness = (witness, root, present)
    }

    /// Opens the replica for reading, beside whoever writes.
    ///
    /// - Throws: ``SatchelError`` as ``openForWriting(_:purpose:schemaReader:)`` does, but never `database_in_use`.
    package static func openForReading(
        _ folder: DataFolder, schemaReader: (String) throws -> Schema
    ) throws -> ReplicaStore {
        try requireReplica(folder)
        do {
            return try openReader(folder, schemaReader: schemaReader)
        } catch let error as SatchelError where error.code == .diskFull {
            // A reader too needs room for SQLite's shared memory.
            guard DiskReserve(folder: folder).release() else { throw error }
            return try openReader(folder, schemaReader: schemaReader)
        }
    }

    private static func openReader(
        _ folder: DataFolder, schemaReader: (String) throws -> Schema
    ) throws -> ReplicaStore {
        try StorageFailure.translated(path: folder.databasePath) {
            let queue = try DatabaseQueue(
                path: folder.databasePath, configuration: DatabaseFile.readerConfiguration(label: "satchel.reader"))
            let source = try queue.read { db in
                try DatabaseFile.check(db, kind: .replica, path: folder.databasePath)
                return try ReplicaMeta(db: db).text(.schemaSource)
            }
            guard let source else { throw damaged("the schema") }
            return ReplicaStore(folder: folder, queue: queue, schema: try schemaReader(source), lease: nil)
        }
    }

    private static func requireReplica(_ folder: DataFolder) throws {
        try folder.requireDatabase(
            remedy: "Run `satchel enrol URL --code CODE` first, or name the home with --home or SATCHEL_HOME.")
    }

    /// Ends the turn: the write-ahead log is emptied by the last connection, then the lease is given back.
    package func close() throws {
        let isWriting = lease != nil
        if isWriting {
            try FaultPoint.replicaCloses.reach()
            testify()
        }
        try StorageFailure.translated(path: folder.databasePath) { try queue.close() }
        lease = nil
        if isWriting { try FaultPoint.replicaClosed.reach() }
    }

    /// Runs `body` in one transaction; what it saved is on disk when this returns, or nothing is.
    package func write<Result>(_ body: (ReplicaTransaction) throws -> Result) throws -> Result {
        guard !hasFailed else { throw StorageFailure.failedBefore(path: folder.databasePath) }
        do {
            let result = try queue.write { db in
                // Plain SQL may change rows within `body` too, so rows are always read as the triggers kept them.
                let layout = StateApart(db, schema: schema, actors: actors, readsCaptures: true, notes: notes)
                let transaction = ReplicaTransaction(layout, actors: actors)
                let result = try body(transaction)
                try transaction.flush()
                // The witness is never ahead of the file: what it is not to miss it forgets before.
                if transaction.hasWithdrawn { testify(to: try WitnessCheck.newest(db).mark) }
                try FaultPoint.replicaCommits.reach()
                return result
            }
            try FaultPoint.replicaCommitted.reach()
            notes?.commit()
            return result
        } catch {
            notes?.rollBack()
            actors.reset()
            if StorageFailure.isOfDisk(error) {
                hasFailed = true
                lease?.doubt()
            }
            DamageCheck.note(error, in: folder)
            throw StorageFailure.translate(error, path: folder.databasePath)
        }
    }

    /// Runs `body` over one snapshot.
    package func read<Result>(_ body: (ReplicaTransaction) throws -> Result) throws -> Result {
        do {
            return try queue.read { db in
                let hasCaptures = try !Captures.isEmpty(db, schema: schema)
                let layout = StateApart(db, schema: schema, actors: actors, readsCaptures: hasCaptures)
                return try body(ReplicaTransaction(layout, actors: actors))
            }
        } catch {
            DamageCheck.note(error, in: folder)
            throw StorageFailure.translate(error, path: folder.databasePath)
        }
    }

    /// Whether plain SQL changed rows that nobody has sealed yet.
    package func hasForeignWrites() throws -> Bool {
        try StorageFailure.translated(path: folder.databasePath) {
            try queue.read { db in try !Captures.isEmpty(db, schema: schema) }
        }
    }
}
