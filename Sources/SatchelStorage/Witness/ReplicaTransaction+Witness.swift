import Foundation
import GRDB
import SatchelSync

// Whether the file is the one that it should be.
extension ReplicaTransaction {
    /// Why this replica asks for a fork; `nil` where it does not.
    package func doubt() throws -> ReplicaDoubt? { try meta.doubt() }

    /// The same, and what a witness says of the file that is not written down yet.
    package func doubt(by witness: Witness?, at folder: DataFolder) throws -> ReplicaDoubt? {
        try doubt() ?? witness.flatMap { try WitnessCheck(db, $0, folder)?.doubt }
    }
}

extension ReplicaMeta {
    func doubt() throws -> ReplicaDoubt? {
        guard let word = try text(.doubt), let position = try number(.doubtPosition) else { return nil }
        let detail = try text(.doubtDetail) ?? ""
        let reason: ReplicaDoubt.Reason =
            switch (word, Dot(detail)) {
            case ("older", let missing?): .isOlder(missing: missing)
            case ("copy", _): .isCopy(of: detail)
            case ("unreadable", _): .isUnreadable
            default: .isOnOtherMachine
            }
        return ReplicaDoubt(reason: reason, position: position)
    }

    func setDoubt(_ doubt: ReplicaDoubt?) throws {
        try set(.doubt, doubt?.reason.word)
        try set(.doubtPosition, doubt?.position)
        switch doubt?.reason {
        case .isOlder(let missing): try set(.doubtDetail, missing.description)
        case .isCopy(let home): try set(.doubtDetail, home)
        case .isOnOtherMachine, .isUnreadable, nil: try set(.doubtDetail, nil)
        }
    }
}

/// What a witness says of a replica's file.
struct WitnessCheck {
    /// The first actor of the line: a copy has the same, a device that was enrolled anew another.
    let root: ActorID
    /// The newest own change-set in the file, and its place.
    let newest: Testimony.Mark?
    let position: Int64
    /// What is remembered of this home.
    let testimony: Testimony?
    /// What is remembered of homes that were moved away, to here.
    private(set) var outdated: [Testimony] = []
    /// What speaks against the file; `nil` where nothing does.
    private(set) var doubt: ReplicaDoubt?
    /// Whether the file names another machine than this, or none.
    let isNewHere: Bool

    /// Looks; `nil` where the file does not say who it is.
    /// - Complexity: O(1) where the witness knows the newest change-set, else O(own change-sets).
    init?(_ db: Database, _ witness: Witness, _ folder: DataFolder) throws {
        let meta = ReplicaMeta(db: db)
        guard let identity = try? meta.identity() else { return nil }
        root = identity.lineage.ancestors.first?.actor ?? identity.actor
        (newest, position) = try Self.newest(db)
        testimony = witness.testimony(of: root, home: folder.url.path)
        let machine = try meta.text(.machine)
        isNewHere = witness.machine != nil && machine != witness.machine
        guard try meta.text(.doubt) == nil else { return }
        if let reason = try reason(db, witness, folder) {
            doubt = ReplicaDoubt(reason: reason, position: position)
        } else if isNewHere, machine != nil {
            doubt = ReplicaDoubt(reason: .isOnOtherMachine, position: position)
        }
    }

    private mutating func reason(
        _ db: Database, _ witness: Witness, _ folder: DataFolder
    ) throws -> ReplicaDoubt.Reason? {
        if let testimony { return try isMissing(testimony, db) }
        let others = witness.otherTestimonies(of: root, than: folder.url.path)
        for other in others where Self.isReplica(at: other.home, besides: folder, root: root) {
            return .isCopy(of: other.home)
        }
        // It was moved here from one of these places.
        outdated = others
        let missing = try others.map { try isMissing($0, db) }
        return missing.contains(nil) ? nil : missing.first ?? nil
    }

    private func isMissing(_ testimony: Testimony, _ db: Database) throws -> ReplicaDoubt.Reason? {
        guard let mark = testimony.newest, mark.digest != newest?.digest else { return nil }
        // A fork renames, and keeps digests.
        let sql = "SELECT EXISTS (SELECT 1 FROM satchel_change_set WHERE digest = ?)"
        let isThere = try Bool.fetchOne(db, sql: sql, arguments: [Data(mark.digest)]) ?? false
        return isThere ? nil : .isOlder(missing: mark.dot)
    }

    /// The newest own change-set in the file, and its place; nothing, and 0, where there is none.
    static func newest(_ db: Database) throws -> (mark: Testimony.Mark?, position: Int64) {
        let sql = """
            SELECT c.position, a.name, c.counter, c.digest FROM satchel_change_set c
            JOIN satchel_actor a ON a.key = c.actor ORDER BY c.position DESC LIMIT 1
            """
        guard let row = try Row.fetchOne(db, sql: sql) else { return (nil, 0) }
        guard let actor = ActorID(blob: row["name"] as Data), let counter = UInt64(exactly: row["counter"] as Int64),
            counter > 0
        else { return (nil, row["position"]) }
        return (
            Testimony.Mark(dot: Dot(actor, counter), digest: Array(row["digest"] as Data)), row["position"]
        )
    }

    /// Whether another file with the same first actor lies in a home.
    private static func isReplica(at home: String, besides folder: DataFolder, root: ActorID) -> Bool {
        let other = DataFolder(path: home)
        guard other.hasDatabase, fileNumber(other) != fileNumber(folder) else { return false }
        let identity = try? DatabaseQueue(
            path: other.databasePath, configuration: DatabaseFile.readerConfiguration(label: "satchel.other")
        ).read { try ReplicaMeta(db: $0).identity() }
        guard let identity else { return false }
        return (identity.lineage.ancestors.first?.actor ?? identity.actor) == root
    }

    /// What tells two files apart, whatever their paths.
    private static func fileNumber(_ folder: DataFolder) -> [UInt64] {
        var status = stat()
        guard unsafe stat(folder.databasePath, &status) == 0 else { return [] }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }
}
