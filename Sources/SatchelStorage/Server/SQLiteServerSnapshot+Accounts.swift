import Foundation
import GRDB
package import SatchelSync

extension SQLiteServerSnapshot {
    /// The users, by name.
    package func users() throws -> [UserAccount] {
        try Row.fetchAll(db, sql: "SELECT * FROM satchel_user ORDER BY name").map(UserAccount.init)
    }

    /// The user of this name; `nil` when there is none.
    package func user(named name: String) throws -> UserAccount? {
        try Row.fetchOne(db, sql: "SELECT * FROM satchel_user WHERE name = ?", arguments: [name]).map(UserAccount.init)
    }

    /// The devices, in the order of their enrolment.
    package func devices() throws -> [DeviceAccount] {
        try Row.fetchAll(db, sql: "\(Self.deviceQuery) ORDER BY d.key").map(device)
    }

    /// The device whose token has this hash; `nil` when there is none.
    package func device(tokenHash: [UInt8]) throws -> DeviceAccount? {
        let statement = try db.cachedStatement(sql: "\(Self.deviceQuery) WHERE d.token_hash = ?")
        return try Row.fetchOne(statement, arguments: [Data(tokenHash)]).map(device)
    }

    /// The device with this number, as it stands in this view; `nil` when there is none.
    package func device(key: Int64) throws -> DeviceAccount? {
        let statement = try db.cachedStatement(sql: "\(Self.deviceQuery) WHERE d.key = ?")
        return try Row.fetchOne(statement, arguments: [key]).map(device)
    }

    /// The enrolment code with this hash; `nil` when there is none.
    package func enrolCode(hash: [UInt8]) throws -> EnrolCode? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT u.*, c.expires_at, c.used_at FROM satchel_enrol_code c
                JOIN satchel_user u ON u.key = c.user WHERE c.hash = ?
                """, arguments: [Data(hash)])
        return row.map {
            EnrolCode(
                user: UserAccount($0), expiresAt: Timestamp(milliseconds: $0["expires_at"]),
                usedAt: ($0["used_at"] as Int64?).map { Timestamp(milliseconds: $0) })
        }
    }

    /// The line of an actor; `nil` where it is none of a device's.
    package func line(of actor: ActorID) throws -> DeviceLine? {
        guard let key = try actors.existingKey(of: actor, db) else { return nil }
        let statement = try db.cachedStatement(sql: "\(Self.lineQuery) WHERE l.actor = ?")
        return try Row.fetchOne(statement, arguments: [key]).map(line)
    }

    /// The lines of a device, in the order in which they began.
    package func lines(ofDevice key: Int64) throws -> [DeviceLine] {
        try Row.fetchAll(
            db, sql: "\(Self.lineQuery) WHERE l.device = ? ORDER BY l.began_at, l.actor", arguments: [key]
        ).map(line)
    }

    /// Where an actor comes from.
    package func lineage(of actor: ActorID) throws -> Lineage { try actors.lineage(of: actor, db) }

    /// The digest that the first change-set of an actor goes on from; empty where the actor has no past.
    package func firstDigest(of actor: ActorID) throws -> [UInt8] {
        let statement = try db.cachedStatement(sql: "SELECT fork_digest FROM satchel_actor WHERE name = ?")
        let digest = try Row.fetchOne(statement, arguments: [actor.blob])?[0] as Data?
        return digest.map(Array.init) ?? []
    }

    private static let lineQuery = """
        SELECT l.*, a.parent, a.fork_counter FROM satchel_line l JOIN satchel_actor a ON a.key = l.actor
        """

    private func line(_ row: Row) throws -> DeviceLine {
        let fork = try (row["parent"] as Int64?).map {
            ForkPoint(
                actor: try actors.actor($0, db), counter: try unsigned(row["fork_counter"] ?? 0, "a fork"))
        }
        return DeviceLine(
            actor: try actors.actor(row["actor"], db), device: row["device"], fork: fork,
            forkToken: ForkToken(
                current: Array(row["fork_token"] as Data), previous: Array(row["previous_fork_token"] as Data),
                isCurrentUsed: row["is_fork_token_used"]),
            beganAt: Timestamp(milliseconds: row["began_at"]), epoch: row["epoch"])
    }

    private static let deviceQuery = """
        SELECT d.*, u.name AS user_name FROM satchel_device d JOIN satchel_user u ON u.key = d.user
        """

    private func device(_ row: Row) throws -> DeviceAccount {
        guard let id = RecordID(blob: row["id"]) else { throw damaged("a device's name") }
        return DeviceAccount(
            key: row["key"], id: id, user: row["user_name"], name: row["name"],
            actor: try actors.actor(row["actor"], db),
            enrolledAt: Timestamp(milliseconds: row["enrolled_at"]),
            lastSeenAt: (row["last_seen_at"] as Int64?).map { Timestamp(milliseconds: $0) },
            checkpoint: ServerSequence(UInt64(clamping: row["checkpoint"] as Int64)),
            clock: (row["clock_offset"] as Int64?).map {
                ClockOffset(milliseconds: $0, errorMilliseconds: row["clock_error"] ?? 0)
            }, reportedPending: UInt64(clamping: row["reported_pending"] as Int64),
            revocation: (row["revoked_at"] as Int64?).map {
                DeviceRevocation(at: Timestamp(milliseconds: $0), reason: row["revocation_reason"])
            })
    }
}

extension UserAccount {
    fileprivate init(_ row: Row) {
        self.init(key: row["key"], name: row["name"], createdAt: Timestamp(milliseconds: row["created_at"]))
    }
}
