import SatchelSchemaFile
package import SatchelStorage
package import SatchelSync

/// What a look through a store came to.
package struct VerificationReport: Sendable {
    /// How many entries the log has.
    package let entryCount: Int64
    /// The sequence up to which the store was looked through.
    package let sequence: ServerSequence
    /// The digest of all records, as the log makes them.
    package let digest: String
    /// What differs, or differed.
    package let findings: StoreFindings
    /// Whether that was mended.
    package let isMended: Bool

    /// Whether a person is needed: something differs still.
    package var needsPerson: Bool { !findings.areNone && !isMended }
}

/// Makes from the log all that a store derives from it, holds the store against that, and mends it (G20).
package struct StoreVerifier: Sendable {
    /// Told how far it came; what it throws ends it.
    package typealias Progress = @Sendable (VerificationProgress) throws -> Void

    private let folder: DataFolder
    private let clock: any WallClock
    private let readSchema: @Sendable (String) throws -> Schema

    /// Names a data folder; `readSchema` reads the schema file that its store holds.
    package init(
        path: String, clock: any WallClock = SystemClock(),
        readSchema: @escaping @Sendable (String) throws -> Schema = { try SchemaFile.parse($0).schema }
    ) {
        folder = DataFolder(path: path)
        self.clock = clock
        self.readSchema = readSchema
    }

    /// Looks through the store in one consistent view, beside a running server or without one; writes nothing.
    ///
    /// - Throws: `SatchelError` `damaged_data` where the log itself does not hold, naming the entry: nothing can be told then.
    /// - Complexity: O(bytes of the log), as merging it; memory for a page of it, and temporary space for about as much as the store.
    package func verify(progress: @escaping Progress = { _ in }) async throws -> VerificationReport {
        try await ServerStoreView.read(folder, readSchema: readSchema) { snapshot in
            try Self.look(at: snapshot, progress: progress) { _, _ in false }
        }
    }

    /// Looks through the store and mends in one transaction what differs; nobody else may have it open.
    ///
    /// A record that devices may have fetched as it must not be, or never, is named in a change-set of the office that writes
    /// nothing, and so comes to all of them with their next sync. Where something is beyond mending nothing is written.
    ///
    /// - Throws: `SatchelError` `database_in_use` while a server runs; `damaged_data` as ``verify(progress:)``.
    package func rebuild(progress: @escaping Progress = { _ in }) async throws -> VerificationReport {
        // A server does not go by itself: nobody waits for its lease.
        if let server = try await OperatorClient.connect(folder: folder) {
            try await server.close()
            throw SatchelError(
                .databaseInUse, "A server has the store open.", remedy: Self.stopFirst)
        }
        let store: SQLiteServerStore
        do {
            store = try SQLiteServerStore(
                folder: folder, purpose: "satchel-server verify --rebuild", readSchema: readSchema)
        } catch var error as SatchelError where error.code == .databaseInUse {
            error.remedy = Self.stopFirst
            throw error
        }
        let (identity, now) = (store.identity, clock.now())
        let result: Result<VerificationReport, any Error>
        do {
            result = .success(
                try await store.write { transaction in
                    try Self.look(at: transaction.snapshot, progress: progress) { derived, findings in
                        guard !findings.areNone, findings.beyondMendingCount == 0 else { return false }
                        let notice = RebuildNotice(transaction: transaction, identity: identity, now: now)
                        try transaction.rebuild(from: derived, progress: progress, serve: notice.serve)
                        return true
                    }
                })
        } catch {
            result = .failure(error)
        }
        try store.close()
        return try result.get()
    }

    private static let stopFirst = "Stop the server first: rows are mended while nobody else has the store open."

    /// Derives and compares; `mend` answers whether it wrote what differs.
    private static func look(
        at snapshot: SQLiteServerSnapshot, progress: Progress,
        mend: (DerivedStore, StoreFindings) throws -> Bool
    ) throws -> VerificationReport {
        let head = try snapshot.head()
        let derived = try DerivedStore(beside: snapshot)
        let lives = try snapshot.lives(limit: .max)
        try derived.derive(progress: progress) { transaction, entry in
            try LogReplay(transaction: transaction, source: snapshot, lives: lives).take(entry)
        }
        let findings = try derived.compare(progress: progress)
        let digest = try derived.digest()
        let isMended = try mend(derived, findings)
        try derived.close()
        return VerificationReport(
            entryCount: head.position, sequence: head.sequence, digest: digest, findings: findings, isMended: isMended)
    }
}

/// Has mended records served anew.
private struct RebuildNotice<Transaction: ServerTransaction> {
    let transaction: Transaction
    let identity: StoreIdentity
    let now: Timestamp

    /// Names them in a change-set of the office that writes nothing: it gives them a sequence that no device has fetched.
    func serve(_ records: [NamedRecord]) throws {
        let frontier = try transaction.snapshot.frontier(of: identity.actor)
        let count = records.count
        let changeSet = ChangeSet(
            dot: Dot(identity.actor, frontier.counter + 1),
            label: "\(Counted.text(count, "record")) made anew from the log", author: "", time: now,
            schemaVersion: transaction.snapshot.schema.version, fixes: nil,
            changes: records.map {
                RecordChange(type: $0.type, record: $0.id, context: VersionVector(), life: nil, writes: [])
            })
        let bytes = changeSet.canonicalBytes
        let merger = Merger(transaction: transaction, schema: transaction.snapshot.schema, recordBytesMax: .max)
        _ = try merger.take(
            changeSet, bytes: bytes,
            digest: Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest),
            at: try transaction.snapshot.placement(of: changeSet.dot, changeSet), parked: nil,
            origin: Origin(device: identity.name, clock: nil, now: now))
    }
}
