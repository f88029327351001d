package import Foundation
import SatchelSync

/// The folder that holds one store: its database, its lease, and nothing of anybody else.
package struct DataFolder: Sendable, Hashable {
    /// Where it is.
    package let url: URL

    package init(path: String) {
        url = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL.resolvingSymlinksInPath()
    }

    /// The database's file.
    package var databaseURL: URL { url.appending(path: "satchel.sqlite") }

    /// The database's path, for SQLite and for messages.
    package var databasePath: String { databaseURL.path }

    /// Whether a database is there.
    package var hasDatabase: Bool { FileManager.default.fileExists(atPath: databasePath) }

    /// Where a database is made before it is whole.
    ///
    /// A crash on the way leaves it there, and the next attempt begins anew.
    var unfinishedPath: String { url.appending(path: "satchel.new").path }

    /// Makes the folder (0700), which must be empty but for what is ours.
    ///
    /// - Throws: ``SatchelError`` `data_exists` where a database is there, `foreign_data` where the folder holds anything else,
    ///   `storage_failed` where it cannot be made.
    func make() throws {
        let manager = FileManager.default
        try requireNoDatabase()
        if let entries = try? manager.contentsOfDirectory(atPath: url.path),
            let foreign = entries.sorted().first(where: { !$0.hasPrefix("satchel.") })
        {
            throw SatchelError(
                .foreignData, "\(url.path) is not empty: it holds \(foreign).", remedy: "Name a new or an empty folder."
            )
        }
        try makeIfMissing()
    }

    /// Makes the folder (0700) where it is not there, whatever is in it.
    ///
    /// - Throws: ``SatchelError`` `storage_failed`.
    func makeIfMissing() throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SatchelError(
                .storageFailed, "The folder \(url.path) cannot be made.",
                remedy: "Check the path and who owns the folder above it.", cause: error)
        }
    }

    /// Checks that a database can be made here, before anything is spent on it: makes the folder and a file in it, and takes back
    /// what was not there.
    ///
    /// - Throws: ``SatchelError`` `data_exists`, `foreign_data`, `disk_full` or `storage_failed`.
    package func requireRoom() throws {
        let missing = missingFolders
        // The innermost first; one that somebody used meanwhile is not empty, and stays.
        defer { for folder in missing { unsafe rmdir(folder.path) } }
        try make()
        try makeUnfinished()
        removeUnfinished()
    }

    /// The folder and those above it that are not there, the innermost first.
    private var missingFolders: [URL] {
        var missing: [URL] = []
        var folder = url
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path) {
            missing.append(folder)
            folder.deleteLastPathComponent()
        }
        return missing
    }

    func requireNoDatabase() throws {
        guard !hasDatabase else {
            throw SatchelError(
                .dataExists, "\(url.path) holds a Satchel database already.",
                remedy: "Use it as it is, or name another folder.")
        }
        guard !isCutShort else {
            throw SatchelError(
                .dataExists,
                "\(url.path) holds what belongs to a database that is not there: another was about to take its place.",
                remedy: Self.finishFirst)
        }
    }

    private static let finishFirst =
        "Finish that first, with `satchel-server restore` or `satchel repair`; what stood there is kept beside."

    /// Whether a restore or a repair ended between taking the store away and putting another into its place.
    private var isCutShort: Bool {
        guard !hasDatabase else { return false }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.contains { name in
            name == databaseURL.lastPathComponent + "-wal" || name == Self.repairedName
                || name.hasPrefix(databaseURL.lastPathComponent + Self.replacedMark)
        }
    }

    /// The database that a repair has made, until it is in its place.
    static let repairedName = "satchel.repaired"

    /// What the name of a store goes on with that a restore has put aside.
    static let replacedMark = ".replaced-"

    /// Makes an empty file for a new database (0600); what SQLite puts beside it inherits the mode.
    func makeUnfinished() throws {
        removeUnfinished()
        let descriptor = unsafe open(unfinishedPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SatchelError(
                errno == ENOSPC ? .diskFull : .storageFailed, "The file \(unfinishedPath) cannot be made.",
                remedy: "Check who owns the folder and that its disk has space.")
        }
        close(descriptor)
    }

    /// Gives the finished database its name, durably.
    func publishUnfinished() throws {
        let descriptor = unsafe open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw notInPlace }
        defer { close(descriptor) }
        guard unsafe rename(unfinishedPath, databasePath) == 0 else { throw notInPlace }
        try FaultPoint.createNamed.reach()
        guard fsync(descriptor) == 0 else { throw notInPlace }
    }

    private var notInPlace: SatchelError {
        SatchelError(
            .storageFailed, "The new database in \(url.path) cannot be put into place.",
            remedy: "Check who owns the folder, and try again.")
    }

    /// Takes back what was made of a database that did not get whole.
    func removeUnfinished() {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: unfinishedPath + suffix)
        }
    }

    /// Checks that a database is there.
    ///
    /// - Throws: ``SatchelError`` `missing_data` with `remedy`.
    package func requireDatabase(remedy: String) throws {
        let kind = try? FileManager.default.attributesOfItem(atPath: databasePath)[.type] as? FileAttributeType
        guard kind != .typeSymbolicLink else {
            // The lease lies beside the link: two programs could write to one file.
            throw SatchelError(
                .foreignData, "\(databasePath) is a symbolic link.",
                remedy: "Name the folder that the database lies in.")
        }
        guard kind == nil || kind == .typeRegular else {
            throw SatchelError(
                .foreignData, "\(databasePath) is no file.", remedy: "Name the folder that the database lies in.")
        }
        var status = stat()
        if unsafe stat(databasePath, &status) != 0, errno == EACCES {
            throw SatchelError(
                .storageFailed, "The folder \(url.path) is not yours to look into.",
                remedy: "Check the path, and run this as the user whose folder it is.")
        }
        guard hasDatabase else {
            throw SatchelError(
                .missingData, "\(url.path) holds no Satchel database.", remedy: isCutShort ? Self.finishFirst : remedy)
        }
    }
}
