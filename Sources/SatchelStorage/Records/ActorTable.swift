import Foundation
package import GRDB
package import SatchelSync

/// Actors by small numbers, so that a stored state names each in a byte or two.
///
/// Confined to the connection that writes, or to one read. After a rollback the caller resets it: numbers given out in the
/// transaction are gone.
package final class ActorTable {
    private var keys: [ActorID: Int64] = [:]
    private var actors: [Int64: ActorID] = [:]
    private var lineages: [ActorID: Lineage] = [:]

    package init() {}

    /// Forgets everything read so far.
    package func reset() {
        keys.removeAll()
        actors.removeAll()
        lineages.removeAll()
    }

    /// Makes the table.
    package static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE satchel_actor (
                  key INTEGER PRIMARY KEY,
                  name BLOB NOT NULL UNIQUE,
                  user TEXT,
                  device TEXT
                )
                """)
    }

    /// The number of an actor, given now if it has none.
    package func key(of actor: ActorID, _ db: Database) throws -> Int64 {
        if let key = try existingKey(of: actor, db) { return key }
        try db.cachedStatement(sql: "INSERT INTO satchel_actor (name) VALUES (?)")
            .execute(arguments: [actor.blob])
        let key = db.lastInsertedRowID
        remember(actor, key)
        return key
    }

    /// The number of an actor; `nil` when it has none.
    package func existingKey(of actor: ActorID, _ db: Database) throws -> Int64? {
        if let key = keys[actor] { return key }
        let statement = try db.cachedStatement(sql: "SELECT key FROM satchel_actor WHERE name = ?")
        guard let key = try Int64.fetchOne(statement, arguments: [actor.blob]) else { return nil }
        remember(actor, key)
        return key
    }

    /// The actor with this number.
    ///
    /// - Throws: ``SatchelError`` `damaged_data` when there is none.
    package func actor(_ key: Int64, _ db: Database) throws -> ActorID {
        if let actor = actors[key] { return actor }
        let statement = try db.cachedStatement(sql: "SELECT name FROM satchel_actor WHERE key = ?")
        guard let name = try Data.fetchOne(statement, arguments: [key]), let actor = ActorID(blob: name)
        else { throw damaged("actor number \(key)") }
        remember(actor, key)
        return actor
    }

    private func remember(_ actor: ActorID, _ key: Int64) {
        keys[actor] = key
        actors[key] = actor
    }
}

/// Who an actor is, for people.
package struct ActorName: Hashable, Sendable {
    /// The user's name; empty when not known.
    package let user: String
    /// The device's name; empty when not known.
    package let device: String

    package init(user: String, device: String) {
        self.user = user
        self.device = device
    }
}

extension ActorTable {
    /// Keeps who an actor is.
    package func setName(_ name: ActorName, of actor: ActorID, _ db: Database) throws {
        let key = try key(of: actor, db)
        try db.cachedStatement(sql: "UPDATE satchel_actor SET user = ?, device = ? WHERE key = ?")
            .execute(arguments: [name.user, name.device, key])
    }

    /// Who an actor is; a release is named as the actor whose work it releases.
    ///
    /// `nil` when nobody said.
    package static func name(of actor: ActorID, _ db: Database) throws -> ActorName? {
        let origin = actor.releasedDot?.actor ?? actor
        let statement = try db.cachedStatement(
            sql: "SELECT user, device FROM satchel_actor WHERE name = ? AND user IS NOT NULL")
        return try Row.fetchOne(statement, arguments: [origin.blob]).map {
            ActorName(user: $0["user"], device: $0["device"] ?? "")
        }
    }
}

// Where actors come from, as a server knows it.
extension ActorTable {
    /// Where an actor comes from.
    /// - Complexity: O(ancestors) the first time.
    package func lineage(of actor: ActorID, _ db: Database) throws -> Lineage {
        if let lineage = lineages[actor] { return lineage }
        let statement = try db.cachedStatement(sql: "SELECT parent, fork_counter FROM satchel_actor WHERE name = ?")
        var ancestors: [ForkPoint] = []
        var next = actor
        while let row = try Row.fetchOne(statement, arguments: [next.blob]), let parent = row["parent"] as Int64? {
            next = try self.actor(parent, db)
            guard !ancestors.contains(where: { $0.actor == next }) else {
                throw damaged("where actor \(actor) comes from")
            }
            ancestors.insert(ForkPoint(actor: next, counter: try unsigned(row["fork_counter"] ?? 0, "a fork")), at: 0)
        }
        let lineage = Lineage(ancestors: ancestors)
        lineages[actor] = lineage
        return lineage
    }

    /// Forgets where an actor comes from: it is told anew.
    package func forgetLineage(of actor: ActorID) { lineages[actor] = nil }
}
