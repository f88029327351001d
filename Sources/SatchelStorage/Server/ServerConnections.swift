import GRDB
import SatchelSync
import Synchronization

/// The connections of a store: the one that writes, what it keeps, and those that only read.
///
/// Once the disk failed under the one that writes, all are done with and the file is opened anew: what SQLite and the kernel hold
/// of it may be more than what the disk has, and a sync that succeeds after one that failed proves nothing.
final class ServerConnections: Sendable {
    let pool: DatabasePool
    let desk = WriterDesk()
    private let hasFailed = Atomic(false)

    /// Opens the file at `path`, whose lease the caller holds; where it is suspect it is looked through first.
    ///
    /// Its log is suspect, too, where the disk has just failed.
    init(path: String, isSuspect: Bool, hasFailed: Bool = false) throws {
        try DatabaseFile.checkKind(path: path, kind: .server, isSuspect: isSuspect)
        pool = try DatabasePool(
            path: path, configuration: DatabaseFile.writerConfiguration(label: "satchel.server"))
        try pool.writeWithoutTransaction { db in
            // Setting up the pool has made it NORMAL, which may lose the last commits with the power.
            // The cache, in KiB, holds what a group of pushes touches, so that none of it is written before its commit; what
            // savepoints keep to undo a push stays in memory too.
            let mode = Mutant.commitsUnsynced.isPlanted ? "NORMAL" : "FULL"
            try db.execute(
                sql: "PRAGMA synchronous = \(mode); PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY")
            try DatabaseFile.settleLog(db, isSuspect: isSuspect || hasFailed)
        }
    }

    /// Whether the disk has not failed under them.
    var areSound: Bool { !hasFailed.load(ordering: .acquiring) }

    /// Looks at what a transaction ended with, on the writer's queue: those that wait behind it there are to know.
    func note(_ error: any Error) {
        if StorageFailure.isOfDisk(error) { hasFailed.store(true, ordering: .releasing) }
    }

    /// Refuses a transaction that waited behind one under which the disk failed.
    func requireSound(path: String) throws {
        guard areSound else { throw StorageFailure.failedBefore(path: path) }
    }

    /// Closes all, once running reads and writes are done.
    ///
    /// May be called twice. What is in the write-ahead log and cannot be moved now, because another program reads, stays there
    /// for the next opening; the result tells whether it could be tried.
    func close() throws -> Result<Void, any Error> {
        let log = Result { try pool.writeWithoutTransaction(emptyLog) }
        try pool.close()
        return areSound ? log : .success(())
    }

    /// Moves the write-ahead log into the file: the pool closes its readers after the writer, and a reader cannot.
    private func emptyLog(_ db: Database) throws {
        desk.clear()
        guard areSound else { return }
        try db.execute(sql: "PRAGMA busy_timeout = 100")
        do {
            _ = try db.checkpoint(.truncate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Nothing is lost: every commit is durable in the log.
        }
    }
}
