package import Foundation
import SatchelSync

/// The folder that holds one store: its database, its lease, and nothing of anybody else.
package struct DataFolder: Sendable, Hashable {
    /// Where it is.
    package let url: URL

    package init(path: String) { url = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL }

    /// The database's file.
    package var databaseURL: URL { url.appending(path: "satchel.sqlite") }

    /// The database's path, for SQLite and for messages.
    package var databasePath: String { databaseURL.path }

    /// Whether a database is there.
    package var hasDatabase: Bool { FileManager.default.fileExists(atPath: databasePath) }

    /// Makes the folder (0700) and an empty database file (0600) in it; what SQLite puts beside it inherits the mode.
    ///
    /// - Throws: ``SatchelError`` `data_exists` where a database is there, `foreign_data` where the folder holds anything else,
    ///   `storage_failed` or `disk_full` where it cannot be made.
    package func create() throws {
        let manager = FileManager.default
        if hasDatabase {
            throw SatchelError(
                .dataExists, "\(url.path) holds a Satchel database already.",
                remedy: "Use it as it is, or name another folder.")
        }
        if let entries = try? manager.contentsOfDirectory(atPath: url.path),
            let foreign = entries.sorted().first(where: { !$0.hasPrefix("satchel.") })
        {
            throw SatchelError(
                .foreignData, "\(url.path) is not empty: it holds \(foreign).", remedy: "Name a new or an empty folder."
            )
        }
        do {
            try manager.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SatchelError(
                .storageFailed, "The folder \(url.path) cannot be made.",
                remedy: "Check the path and who owns the folder above it.", cause: error)
        }
        let descriptor = unsafe open(databasePath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SatchelError(
                errno == ENOSPC ? .diskFull : .storageFailed, "The file \(databasePath) cannot be made.",
                remedy: "Check who owns the folder and that its disk has space.")
        }
        close(descriptor)
    }

    /// Takes back what `create` made, where the steps after it did not succeed.
    ///
    /// The lease file stays.
    package func removeDatabase() {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: databasePath + suffix) }
    }

    /// Checks that a database is there.
    ///
    /// - Throws: ``SatchelError`` `missing_data` with `remedy`.
    package func requireDatabase(remedy: String) throws {
        guard hasDatabase else {
            throw SatchelError(.missingData, "\(url.path) holds no Satchel database.", remedy: remedy)
        }
    }
}
