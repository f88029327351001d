/// A place at which a debug build can be told to die, to fail or to stand still (`SATCHEL_FAULT`), and at which a simulation
/// lets a process die as if its power went.
///
/// They stand before, within and behind every step that is to be durable. In a release build nothing happens at any.
package enum FaultPoint: String, CaseIterable, Sendable {
    // A new database, on either end.
    case createBegins = "create-begins"
    case createFilled = "create-filled"
    case createNamed = "create-named"
    case createDone = "create-done"

    // A turn of a device.
    case replicaOpens = "replica-opens"
    case replicaOpened = "replica-opened"
    case replicaCommits = "replica-commits"
    case replicaCommitted = "replica-committed"
    case replicaCloses = "replica-closes"
    case replicaClosed = "replica-closed"

    // An edit.
    case sqlTaken = "sql-taken"
    case sealBegins = "seal-begins"
    case sealQueued = "seal-queued"

    // An exchange, at the device.
    case enrolAnswered = "enrol-answered"
    case pushMarked = "push-marked"
    case pushSends = "push-sends"
    case pushAnswered = "push-answered"
    case verdictKeeps = "verdict-keeps"
    case verdictWritten = "verdict-written"
    case verdictKept = "verdict-kept"
    case stageKeeps = "stage-keeps"
    case stageKept = "stage-kept"
    case applyBegins = "apply-begins"
    case applyRecords = "apply-records"
    case applyOverlay = "apply-overlay"
    case applyCheckpoint = "apply-checkpoint"
    case applyDone = "apply-done"
    case schemaFetched = "schema-fetched"
    case schemaAdopted = "schema-adopted"

    // A server's store.
    case serverOpened = "server-opened"
    case serverCommits = "server-commits"
    case serverCommitted = "server-committed"
    case serverCloses = "server-closes"
    case serverClosed = "server-closed"

    // A backup of it.
    case backupCopies = "backup-copies"
    case backupCopied = "backup-copied"
    case backupNamed = "backup-named"

    // An exchange, at the server.
    case pushReceived = "push-received"
    case mergeBegins = "merge-begins"
    case mergeWrites = "merge-writes"
    case mergeLogs = "merge-logs"
    case mergeLogged = "merge-logged"
    case pushMerged = "push-merged"
    case verdictSends = "verdict-sends"
    case pageReads = "page-reads"
    case releaseEnters = "release-enters"
    case officeAnswers = "office-answers"

    #if DEBUG
        /// Told of each place that is reached; what it throws, the place throws.
        @TaskLocal package static var handler: (@Sendable (FaultPoint) throws -> Void)?
    #endif

    /// Says that the place is reached.
    ///
    /// - Throws: In a debug build that was told to: what SQLite throws on a failing or a full disk where the place is within a
    ///   transaction, the ``SatchelError`` of that where it is not, and an error that nobody knows for `throw`.
    package func reach() throws {
        #if DEBUG
            try Self.handler?(self)
            try PlantedFault.meet(self)
        #endif
    }
}
