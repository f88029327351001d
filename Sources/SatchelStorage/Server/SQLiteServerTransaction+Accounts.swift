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
                INSERT INTO satchel_device (id, user, name, actor, token_hash, enrolled_at)
                VALUES (?, ?, ?, (SELECT key FROM satchel_actor WHERE name = ?), ?, ?)
                """,
            arguments: [id.blob, user.key, name, actor.blob, Data(tokenHash), time.milliseconds])
        let device = DeviceAccount(
            key: db.lastInsertedRowID, id: id, user: user.name, name: name, actor: actor, enrolledAt: time,
            lastSeenAt: nil, checkpoint: .zero, clock: nil, reportedPending: 0, revocation: nil)
        try addLine(
            DeviceLine(
                actor: actor, device: device.key, fork: nil, forkToken: forkToken, beganAt: time,
                epoch: try snapshot.epochStanding().number),
            firstDigest: [])
        return device
    }

    /// Locks a device out, or lets it in again with `nil`.
    package func setRevocation(_ revocation: DeviceRevocation?, ofDevice key: Int64) throws {
        try db.execute(
            sql: "UPDATE satchel_device SET revoked_at = ?, revocation_reason = ? WHERE key = ?",
            arguments: [revocation?.at.milliseconds, revocation?.reason, key])
    }

    /// Begins a line of a device, whose first change-set goes on from `firstDigest`.
    package func addLine(_ line: DeviceLine, firstDigest: [UInt8]) throws {
        let key = try actors.key(of: line.actor, db)
        try db.execute(
            sql: """
                INSERT INTO satchel_line (actor, device, fork_token, previous_fork_token, is_fork_token_used, began_at, epoch)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key, line.device, Data(line.forkToken.current), Data(line.forkToken.previous),
                line.forkToken.isCurrentUsed, line.beganAt.milliseconds, line.epoch,
            ])
        guard let fork = line.fork else { return }
        try db.execute(
            sql: "UPDATE satchel_actor SET parent = ?, fork_counter = ?, fork_digest = ? WHERE key = ?",
            arguments: [
                try actors.key(of: fork.actor, db), Int64(fork.counter), Data(firstDigest), key,
            ])
        actors.forgetLineage(of: line.actor)
    }

    /// Keeps the fork token of a line.
    package func setForkToken(_ token: ForkToken, of actor: ActorID) throws {
        try db.cachedStatement(
            sql: """
                UPDATE satchel_line SET fork_token = ?, previous_fork_token = ?, is_fork_token_used = ? WHERE actor = ?
                """
        ).execute(
            arguments: [
                Data(token.current), Data(token.previous), token.isCurrentUsed, try actors.key(of: actor, db),
            ])
    }

    /// Keeps when a device last came, the checkpoint that it showed, how its clock stood, and how many change-sets it held.
    package func setLastSeen(
        _ time: Timestamp, checkpoint: ServerSequence, clock: ClockOffset?, pending: UInt64, ofDevice key: Int64
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE satchel_device SET last_seen_at = ?, checkpoint = ?, clock_offset = ?, clock_error = ?,
                  reported_pending = ? WHERE key = ?
                """
        ).execute(arguments: [
            time.milliseconds, Int64(clamping: checkpoint.number), clock?.milliseconds, clock?.errorMilliseconds,
            Int64(clamping: pending), key,
        ])
    }

    /// Keeps that a line has shown this token.
    package func noteUse(ofForkToken token: [UInt8], by actor: ActorID) throws {
        try db.cachedStatement(
            sql: "UPDATE satchel_line SET is_fork_token_used = 1 WHERE actor = ? AND fork_token = ?"
        ).execute(arguments: [try actors.key(of: actor, db), Data(token)])
    }
}
