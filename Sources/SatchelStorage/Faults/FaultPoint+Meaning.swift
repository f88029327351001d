extension FaultPoint {
    /// Where a place is reached.
    package enum Program: String, Sendable {
        /// By what works on a device's home.
        case device
        /// By what works on a server's store.
        case server
        /// By both.
        case both
    }

    /// What stands at the place, and what does not yet, in a sentence.
    package var meaning: String {
        switch self {
        case .createBegins: "A new database is about to be made; its folder holds none."
        case .createFilled: "A new database is whole, under its working name."
        case .createNamed: "A new database has its name; the folder is not synced."
        case .createDone: "A new database is on the disk; nobody was told."
        case .replicaOpens: "A turn of writing a replica begins."
        case .replicaOpened: "A turn has the lease and the open file."
        case .replicaCommits: "A transaction of a replica is about to be committed."
        case .replicaCommitted: "A transaction of a replica is on the disk; nobody was told."
        case .replicaCloses: "A turn is over; the write-ahead log is not yet in the file."
        case .replicaClosed: "A turn has closed the file and given the lease back; nobody was told."
        case .sqlTaken: "What plain SQL changed in a row is taken from the capture table, and is not sealed."
        case .sealBegins: "A change-set has its name and contexts; the queue does not have it."
        case .sealQueued: "A change-set is in the queue; the tables do not show it."
        case .enrolAnswered: "The server has made the device; there is no home yet."
        case .pushMarked: "Change-sets are marked as sent, and are not."
        case .pushSends: "A request is made; none of it was sent."
        case .pushAnswered: "The head of an answer came; none of its frames was read."
        case .verdictKeeps: "Verdicts came; none is kept."
        case .verdictWritten: "Verdicts are written; the fork token that came with them is not."
        case .verdictKept: "Verdicts are kept; no record was read."
        case .stageKeeps: "A frame of records came; it is not staged."
        case .stageKept: "A frame of records is staged; nobody was told."
        case .applyBegins: "The last frame came; nothing of what is staged is applied."
        case .applyRecords: "One staged frame stands in base; the next does not."
        case .applyOverlay: "All staged frames stand in base; own work is not on top of it again."
        case .applyCheckpoint: "Base and overlay are put together; the checkpoint is the old one."
        case .applyDone: "A checkpoint is applied and on the disk; nobody was told."
        case .schemaFetched: "A newer schema came; it is not adopted."
        case .schemaAdopted: "The tables of a newer schema are made, and not committed."
        case .serverOpened: "A store is open; nobody can connect."
        case .serverCommits: "A transaction of a store is about to be committed."
        case .serverCommitted: "A transaction of a store is on the disk; nobody was told."
        case .serverCloses: "A store is about to be closed; the write-ahead log is not yet in the file."
        case .serverClosed: "A store has closed its file; the lease is not given back."
        case .backupCopies: "The records of a store are hashed for a backup; none of its pages is copied."
        case .backupCopied: "A backup is copied, under its working name; it is not verified."
        case .backupNamed: "A backup is verified and has its name; the store does not note it."
        case .pushReceived: "A push is read and understood; nothing of it is judged."
        case .mergeBegins: "A change-set is the next to be judged."
        case .mergeWrites: "A change-set may enter; none of its records is written."
        case .mergeLogs: "The records of a change-set are put together; the log does not have it."
        case .mergeLogged: "A change-set is in the log, with its verdict; it is not committed."
        case .pushMerged: "All of a push is merged; its device's fork token is not turned."
        case .verdictSends: "The verdicts of a push are on the disk; none was sent."
        case .pageReads: "A page of an answer is about to be read."
        case .releaseEnters: "Parked work is about to enter under its new name."
        case .officeAnswers: "What an operator asked for is done and on the disk; he was not told."
        }
    }

    /// Whose place it is.
    package var program: Program {
        switch self {
        case .createBegins, .createFilled, .createNamed, .createDone: .both
        case .replicaOpens, .replicaOpened, .replicaCommits, .replicaCommitted, .replicaCloses, .replicaClosed,
            .sqlTaken, .sealBegins, .sealQueued, .enrolAnswered, .pushMarked, .pushSends, .pushAnswered,
            .verdictKeeps, .verdictWritten, .verdictKept, .stageKeeps, .stageKept, .applyBegins, .applyRecords,
            .applyOverlay, .applyCheckpoint, .applyDone, .schemaFetched, .schemaAdopted:
            .device
        case .serverOpened, .serverCommits, .serverCommitted, .serverCloses, .serverClosed, .backupCopies,
            .backupCopied, .backupNamed, .pushReceived, .mergeBegins, .mergeWrites, .mergeLogs, .mergeLogged,
            .pushMerged, .verdictSends, .pageReads,
            .releaseEnters, .officeAnswers:
            .server
        }
    }

    /// Whether it lies within a transaction of SQLite's, whose failures are translated where the transaction ends.
    var isInTransaction: Bool {
        switch self {
        case .replicaCommits, .sqlTaken, .sealBegins, .sealQueued, .pushMarked, .verdictWritten, .applyRecords,
            .applyOverlay, .applyCheckpoint, .schemaAdopted, .serverCommits, .mergeBegins, .mergeWrites, .mergeLogs,
            .mergeLogged, .pushMerged, .pageReads, .releaseEnters, .backupCopies:
            true
        default: false
        }
    }

    /// The places that a program can reach, in the order in which they are declared; none in a release build.
    package static func all(of program: Program) -> [FaultPoint] {
        #if DEBUG
            allCases.filter { $0.program == program || $0.program == .both || program == .both }
        #else
            []
        #endif
    }
}
