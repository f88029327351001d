import GRDB
package import SatchelSync

/// Turns what SQLite reports into what a person can act on.
package enum StorageFailure {
    /// Runs `body`; a failure of SQLite leaves as a ``SatchelError`` that names `path`.
    ///
    /// Others pass.
    package static func translated<Result>(path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw failure(error, path: path)
        }
    }

    /// The failure that `error` stands for, if SQLite raised it.
    package static func translate(_ error: any Error, path: String) -> any Error {
        (error as? DatabaseError).map { failure($0, path: path) } ?? error
    }

    /// A file that is not whole.
    static func damage(path: String, _ what: String, cause: (any Error)? = nil) -> SatchelError {
        SatchelError(
            .damagedData, "\(path) is damaged: \(what).", remedy: remedyForDamage, cause: cause)
    }

    static let remedyForDamage =
        "Keep a copy of the folder. On a device, `satchel repair` makes its database anew with what waits in its queue; where it cannot, "
        + "write that out with `satchel queue export`, and restore the folder from a backup, or enrol anew beside it."

    /// Whether the disk failed under a connection, so that nobody can tell any more what of the file is durable.
    static func isOfDisk(_ error: any Error) -> Bool {
        (error as? DatabaseError)?.resultCode == .SQLITE_IOERR
    }

    /// Whether an error tells of a bug, or of a row that cannot be read, and not of the disk, the file or another program: the next try
    /// meets it again.
    package static func isBug(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError: false
        case let error as DatabaseError:
            ![
                ResultCode.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CORRUPT,
                .SQLITE_NOTADB, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_INTERRUPT, .SQLITE_PROTOCOL,
            ].contains(error.resultCode)
        case let error as SatchelError:
            if let cause = error.cause {
                [.storageFailed, .damagedData, .internalError].contains(error.code) && isBug(cause)
            } else {
                [.damagedData, .internalError].contains(error.code)
            }
        default: true
        }
    }

    /// The refusal to go on over a connection under which the disk failed.
    static func failedBefore(path: String) -> SatchelError {
        SatchelError(
            .storageFailed,
            "The disk that holds \(path) has just failed; nothing is written before the file is opened anew.",
            remedy: "Check the disk and try again.", isTransient: true)
    }

    private static func failure(_ error: DatabaseError, path: String) -> SatchelError {
        switch error.resultCode {
        case .SQLITE_FULL:
            SatchelError(
                .diskFull, "The disk that holds \(path) is full; the last step was undone whole and nothing was lost.",
                remedy: "Free some space and try again.", cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            SatchelError(
                .databaseInUse, "Another program is writing to \(path).",
                remedy: "Close its transaction (a `sqlite3` shell, for example) and try again.", isTransient: true,
                cause: error)
        case .SQLITE_NOTADB:
            SatchelError(
                .foreignData, "\(path) is not a database.",
                remedy:
                    "Name the folder that `enrol` or `init` made. If this is it, its first page is damaged: keep a copy of it "
                    + "and restore it from a backup.",
                cause: error)
        case .SQLITE_CORRUPT: damage(path: path, error.message ?? "a page cannot be read", cause: error)
        case .SQLITE_IOERR where errorIsOutOfSpace(error):
            SatchelError(
                .diskFull, "The disk that holds \(path) is full; the last step was undone whole and nothing was lost.",
                remedy: "Free some space and try again.", cause: error)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            SatchelError(
                .storageFailed, "\(path) cannot be opened for what is asked: \(error.message ?? "").",
                remedy: "Check who owns the folder and whether the disk is full or mounted read-only.", cause: error)
        default:
            SatchelError(
                .storageFailed, "SQLite could not go on with \(path): \(error.message ?? "code \(error.resultCode)").",
                remedy: "The last step was undone whole. Check the disk and try again.", cause: error)
        }
    }

    /// A write-ahead log or a shared-memory file that cannot grow shows as an I/O error, not as a full disk.
    private static func errorIsOutOfSpace(_ error: DatabaseError) -> Bool {
        switch error.extendedResultCode {
        case .SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR_SHMOPEN: true
        default: false
        }
    }
}

/// A stored value that cannot be read back.
package func damaged(_ what: String) -> SatchelError {
    SatchelError(
        .damagedData, "A stored value cannot be read: \(what).", remedy: StorageFailure.remedyForDamage)
}
