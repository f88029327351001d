import Foundation
import GRDB
package import SatchelSync

/// Which life of the store this is, and whether it still gets back what a restore has cost it (causality.md §7).
package struct EpochStanding: Hashable, Sendable {
    /// Counts the lives, from 1.
    package let number: Int64
    /// Its name.
    package let epoch: StoreEpoch
    /// When it began, by the server's clock.
    package let beganAt: Timestamp
    /// Up to where the log was restored; zero in the first life.
    package let restoredTo: ServerSequence
    /// How many entries the log had then.
    package let position: Int64
    /// Whether re-offers are judged as in a recovery, until the operator closes it.
    package let isRecovering: Bool
    /// Whether devices may offer states that they received from others.
    package let isWindowOpen: Bool
    /// When the operator closed it; `nil` where it was not.
    package let closedAt: Timestamp?

    /// Whether the store was ever restored.
    package var isRestored: Bool { number > 1 }
}

/// A state that came back without its change-sets, as a device offered it.
package struct JoinedState: Sendable {
    /// The entry of the log with which it was joined.
    package let position: Int64
    /// The number of the device that offered it.
    package let device: Int64
    /// The record.
    package let record: RecordID
    /// Its type.
    package let type: EntityTypeID
    /// The state.
    package let state: RecordState
}

enum EpochTables {
    /// The lives of the store, the states that came back without their change-sets, and in which life each line began.
    ///
    /// A line of a life that this store has no memory of has the number 0.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE satchel_epoch (
                  number INTEGER PRIMARY KEY,
                  epoch TEXT NOT NULL,
                  began_at INTEGER NOT NULL,
                  sequence INTEGER NOT NULL,
                  position INTEGER NOT NULL,
                  is_recovering INTEGER NOT NULL,
                  is_window_open INTEGER NOT NULL,
                  closed_at INTEGER
                );
                INSERT INTO satchel_epoch (number, epoch, began_at, sequence, position, is_recovering, is_window_open)
                  SELECT 1, epoch, created_at, 0, 0, 0, 0 FROM satchel_meta;
                ALTER TABLE satchel_line ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
                CREATE TABLE satchel_join (
                  position INTEGER NOT NULL,
                  record INTEGER NOT NULL,
                  device INTEGER NOT NULL,
                  state BLOB NOT NULL,
                  PRIMARY KEY (position, record)
                ) WITHOUT ROWID;
                CREATE INDEX satchel_actor_by_parent ON satchel_actor (parent) WHERE parent IS NOT NULL;
                """)
    }
}

extension SQLiteServerSnapshot {
    /// Which life of the store this is.
    package func epochStanding() throws -> EpochStanding {
        guard let standing = try lives(limit: 1).first else { throw damaged("the lives of the store") }
        return standing
    }

    /// The last lives of the store, the present one first.
    package func lives(limit: Int) throws -> [EpochStanding] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT number, epoch, began_at, sequence, position, is_recovering, is_window_open, closed_at
                FROM satchel_epoch ORDER BY number DESC LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [limit]).map { row in
            EpochStanding(
                number: row[0], epoch: try StoreEpoch(stored: row[1]), beganAt: Timestamp(milliseconds: row[2]),
                restoredTo: try ServerSequence(stored: row[3]), position: row[4], isRecovering: row[5],
                isWindowOpen: row[6], closedAt: (row[7] as Int64?).map { Timestamp(milliseconds: $0) })
        }
    }

    /// The number of a life of the store; 0 where the store has no memory of it.
    package func number(of epoch: StoreEpoch) throws -> Int64 {
        try Int64.fetchOne(
            db, sql: "SELECT number FROM satchel_epoch WHERE epoch = ?", arguments: [epoch.description]) ?? 0
    }

    /// The actors that were forked from one, each with the counter at which it was.
    package func forks(of actor: ActorID) throws -> [(actor: ActorID, counter: UInt64)] {
        guard let key = try actors.existingKey(of: actor, db) else { return [] }
        let statement = try db.cachedStatement(
            sql: "SELECT key, fork_counter FROM satchel_actor WHERE parent = ? ORDER BY key")
        return try Row.fetchAll(statement, arguments: [key]).map {
            (try actors.actor($0[0], db), try unsigned($0[1], "a fork"))
        }
    }

    /// Every other name that the change-set with this dot has, if it was renamed by a fork and is the same: up its line and down.
    ///
    /// - Complexity: O(ancestors + forks).
    package func otherNames(of dot: Dot) throws -> [Dot] {
        var names: [Dot] = []
        var up = dot
        for point in try lineage(of: dot.actor).ancestors.reversed() {
            up = Dot(point.actor, point.counter + up.counter)
            names.append(up)
        }
        var waiting = [dot] + names
        while let next = waiting.popLast() {
            for fork in try forks(of: next.actor) where next.counter > fork.counter {
                let down = Dot(fork.actor, next.counter - fork.counter)
                guard down != dot, !names.contains(down) else { continue }
                names.append(down)
                waiting.append(down)
            }
        }
        return names
    }

    /// Calls `body` with the states that were joined past a position of the log, up to another, in its order.
    package func forEachJoined(
        after position: Int64, through end: Int64 = .max, _ body: (JoinedState) throws -> Void
    ) throws {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT j.position, j.device, r.id, r.type, j.state FROM satchel_join j
                    JOIN satchel_record r ON r.key = j.record WHERE j.position > ? AND j.position <= ?
                    ORDER BY j.position, j.record
                    """), arguments: [position, end])
        while let row = try cursor.next() {
            let type = EntityTypeID(row["type"] as UInt32)
            guard let id = RecordID(blob: row["id"]), let entity = schema.type(type) else {
                throw damaged("a state that was joined")
            }
            let codec = RecordStateCodec(type: entity, actors: actors, db: db)
            let state = try codec.decode(Array(row["state"] as Data), row: nil)
            try body(
                JoinedState(position: row["position"], device: row["device"], record: id, type: type, state: state))
        }
    }
}

extension SQLiteServerTransaction {
    /// Begins, opens or closes the recovery of this life of the store.
    package func setRecovery(isRecovering: Bool, isWindowOpen: Bool, at time: Timestamp) throws {
        try db.execute(
            sql: """
                UPDATE satchel_epoch SET is_recovering = ?, is_window_open = ?, closed_at = ?
                WHERE number = (SELECT max(number) FROM satchel_epoch)
                """,
            arguments: [isRecovering, isWindowOpen, isRecovering ? nil : time.milliseconds])
    }

    /// Keeps a state that is joined with the next entry of the log, as a device offered it.
    package func keepJoined(_ state: RecordState, of record: StoredRecord, device key: Int64) throws {
        guard let type = snapshot.schema.type(record.type) else { throw damaged("record \(record.id), of no type") }
        let codec = RecordStateCodec(type: type, actors: actors, db: db)
        try db.cachedStatement(
            sql: """
                INSERT INTO satchel_join (position, record, device, state) VALUES (?, ?, ?, ?)
                ON CONFLICT (position, record) DO UPDATE SET state = excluded.state
                """
        ).execute(arguments: [head.position + 1, record.key, key, Data(try codec.encode(state, row: nil))])
    }
}
