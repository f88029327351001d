import Foundation
import GRDB
package import SatchelSync

extension SQLiteServerTransaction {

    /// Makes a user.
    ///
    /// - Throws: ``SatchelError`` `user_exists`.
    package func addUser(named name: String, at time: Timestamp) throws -> UserAccount {
        if try snapshot.user(named: name) != nil {
            throw SatchelError(
                .userExists, "There is a user named \"\(name)\" already.", remedy: "Choose another name.")
        }
        try db.execute(
            sql: "INSERT INTO satchel_user (name, created_at) VALUES (?, ?)", arguments: [name, time.milliseconds])
        return UserAccount(key: db.lastInsertedRowID, name: name, createdAt: time)
    }

    /// Keeps the hash of a one-time code, and forgets codes that ended.
    package func addEnrolCode(hash: [UInt8], user: UserAccount, expiresAt: Timestamp, now: Timestamp) throws {
        try db.execute(
            sql: "DELETE FROM satchel_enrol_code WHERE expires_at < ?", arguments: [now.milliseconds - 86_400_000])
        try db.execute(
            sql: "INSERT INTO satchel_enrol_code (hash, user, expires_at) VALUES (?, ?, ?)",
            arguments: [Data(hash), user.key, expiresAt.milliseconds])
    }

    /// Marks a code as used.
    package func useEnrolCode(hash: [UInt8], at time: Timestamp) throws {
        try db.execute(
            sql: "UPDATE satchel_enrol_code SET used_at = ? WHERE hash = ?", arguments: [time.milliseconds, Data(hash)])
    }

    /// Makes a device with an actor of its own.
    package func addDevice(
        user: UserAccount, name: String, actor: ActorID, tokenHash: [UInt8], forkToken: ForkToken, at time: Timestamp
    ) throws -> DeviceAccount {
        let id = RecordID.random(at: time)
        try setName(ActorName(user: user.name, device: name), of: actor)
        try db.execute(
            sql: """
                INSERT INTO satchel_device
                  (id, user, name, actor, token_hash, fork_token, previous_fork_token, is_fork_token_used, enrolled_at)
                VALUES (?, ?, ?, (SELECT key FROM satchel_actor WHERE name = ?), ?, ?, ?, ?, ?)
                """,
            arguments: [
                id.blob, user.key, name, actor.blob, Data(tokenHash), Data(forkToken.current),
                Data(forkToken.previous), forkToken.isCurrentUsed, time.milliseconds,
            ])
        return DeviceAccount(
            key: db.lastInsertedRowID, id: id, user: user.name, name: name, actor: actor, forkToken: forkToken,
            enrolledAt: time, lastSeenAt: nil, checkpoint: .zero)
    }

    /// Keeps the fork token of a device.
    package func setForkToken(_ token: ForkToken, ofDevice key: Int64) throws {
        try db.cachedStatement(
            sql: """
                UPDATE satchel_device SET fork_token = ?, previous_fork_token = ?, is_fork_token_used = ? WHERE key = ?
                """
        ).execute(arguments: [Data(token.current), Data(token.previous), token.isCurrentUsed, key])
    }

    /// Keeps when a device last came, the checkpoint that it showed, and that it showed its current fork token where it did.
    package func setLastSeen(
        _ time: Timestamp, checkpoint: ServerSequence, usedForkToken token: [UInt8]?, ofDevice key: Int64
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE satchel_device SET last_seen_at = ?, checkpoint = ?,
                  is_fork_token_used = is_fork_token_used OR (fork_token IS ?) WHERE key = ?
                """
        ).execute(arguments: [time.milliseconds, Int64(clamping: checkpoint.number), token.map { Data($0) }, key])
    }
}
