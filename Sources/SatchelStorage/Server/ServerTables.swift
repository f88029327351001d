import GRDB
import SatchelSync

/// The tables of a server's store, beside records and entity tables.
enum ServerTables {
    /// Forward migrations of our own tables, the first makes them.
    ///
    /// Formats 1 and 2 were never released; what they hold is not carried over.
    static var migrations: [(Database) throws -> Void] {
        [
            create, { _ in }, requireStatesInRows, addCheckpointOfDevices, addLines, addBackups, addClocks, addReports,
            EpochTables.create, { _ in }, { _ in }, addRevocations, { _ in },
        ]
    }

    private static func create(_ db: Database) throws {
        try ActorTable.create(db)
        try StateInRow.create(db)
        try db.execute(sql: identity)
        try db.execute(sql: accounts)
        try db.execute(sql: log)
        try db.execute(sql: parked)
    }

    private static func requireStatesInRows(_ db: Database) throws {
        guard try db.columns(in: "satchel_log").contains(where: { $0.name == "parts" }) else {
            throw SatchelError(
                .foreignData, "The store was made by a trial version of Satchel, in a format that is no longer read.",
                remedy: "Make a new one with `satchel-server init`. Nothing was changed.")
        }
    }

    private static func addCheckpointOfDevices(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE satchel_device ADD COLUMN checkpoint INTEGER NOT NULL DEFAULT 0")
    }

    /// Where actors come from, and the fork token of each line of a device; a device had one line until then.
    private static func addLines(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE satchel_actor ADD COLUMN parent INTEGER REFERENCES satchel_actor (key);
                ALTER TABLE satchel_actor ADD COLUMN fork_counter INTEGER;
                ALTER TABLE satchel_actor ADD COLUMN fork_digest BLOB;
                CREATE TABLE satchel_line (
                  actor INTEGER PRIMARY KEY REFERENCES satchel_actor (key),
                  device INTEGER NOT NULL REFERENCES satchel_device (key),
                  fork_token BLOB NOT NULL,
                  previous_fork_token BLOB NOT NULL,
                  is_fork_token_used INTEGER NOT NULL,
                  began_at INTEGER NOT NULL
                );
                CREATE INDEX satchel_line_by_device ON satchel_line (device, began_at);
                INSERT INTO satchel_line (actor, device, fork_token, previous_fork_token, is_fork_token_used, began_at)
                  SELECT actor, key, fork_token, previous_fork_token, is_fork_token_used, enrolled_at FROM satchel_device;
                ALTER TABLE satchel_device DROP COLUMN fork_token;
                ALTER TABLE satchel_device DROP COLUMN previous_fork_token;
                ALTER TABLE satchel_device DROP COLUMN is_fork_token_used;
                """)
    }

    /// The backups that were made and verified.
    private static func addBackups(_ db: Database) throws { try db.execute(sql: BackupTable.create) }

    /// How far off corrected times are, how the clocks of devices stand, and what an operator should look at.
    private static func addClocks(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE satchel_log ADD COLUMN time_error INTEGER;
                ALTER TABLE satchel_device ADD COLUMN clock_offset INTEGER;
                ALTER TABLE satchel_device ADD COLUMN clock_error INTEGER;
                CREATE TABLE satchel_alarm (
                  code TEXT NOT NULL,
                  subject TEXT NOT NULL,
                  sentence TEXT NOT NULL,
                  since INTEGER NOT NULL,
                  last_seen_at INTEGER NOT NULL,
                  count INTEGER NOT NULL,
                  confirmed_at INTEGER,
                  doubt INTEGER NOT NULL DEFAULT 0,
                  PRIMARY KEY (code, subject)
                ) WITHOUT ROWID;
                """)
    }

    /// What devices said that they still hold.
    private static func addReports(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE satchel_device ADD COLUMN reported_pending INTEGER NOT NULL DEFAULT 0")
    }

    /// Which devices an operator has locked out, and why.
    private static func addRevocations(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE satchel_device ADD COLUMN revoked_at INTEGER;
                ALTER TABLE satchel_device ADD COLUMN revocation_reason TEXT;
                """)
    }

    /// One row: who this store is, and where its log and its sequences stand.
    private static let identity = """
        CREATE TABLE satchel_meta (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          epoch TEXT NOT NULL,
          actor BLOB NOT NULL,
          checkpoint_key BLOB NOT NULL,
          name TEXT NOT NULL,
          schema_source TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          position INTEGER NOT NULL,
          chain BLOB NOT NULL
        );
        """

    private static let accounts = """
        CREATE TABLE satchel_user (
          key INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE,
          created_at INTEGER NOT NULL
        );
        CREATE TABLE satchel_device (
          key INTEGER PRIMARY KEY,
          id BLOB NOT NULL UNIQUE,
          user INTEGER NOT NULL REFERENCES satchel_user (key),
          name TEXT NOT NULL,
          actor INTEGER NOT NULL REFERENCES satchel_actor (key),
          token_hash BLOB NOT NULL UNIQUE,
          fork_token BLOB NOT NULL,
          previous_fork_token BLOB NOT NULL,
          is_fork_token_used INTEGER NOT NULL,
          enrolled_at INTEGER NOT NULL,
          last_seen_at INTEGER
        );
        CREATE TABLE satchel_enrol_code (
          hash BLOB PRIMARY KEY,
          user INTEGER NOT NULL REFERENCES satchel_user (key),
          expires_at INTEGER NOT NULL,
          used_at INTEGER
        ) WITHOUT ROWID;
        """

    /// The log by position, and the feed that a pull reads.
    ///
    /// Both are only appended to. `parts` says for each record that an applied change-set touched where the entry before is that
    /// touched it, so that a record's history is a walk from its newest entry back, without an index. How far an actor came is
    /// its highest counter in the log.
    private static let log = """
        CREATE TABLE satchel_log (
          position INTEGER PRIMARY KEY,
          actor INTEGER NOT NULL,
          counter INTEGER NOT NULL,
          digest BLOB NOT NULL,
          author TEXT NOT NULL,
          device TEXT NOT NULL,
          label TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          corrected_at INTEGER NOT NULL,
          accepted_at INTEGER NOT NULL,
          verdict INTEGER NOT NULL,
          code TEXT,
          record BLOB,
          field INTEGER,
          sentence TEXT,
          sequence INTEGER NOT NULL,
          is_revision INTEGER NOT NULL,
          parts BLOB,
          body BLOB,
          chain BLOB NOT NULL
        );
        CREATE UNIQUE INDEX satchel_log_by_dot ON satchel_log (actor, counter) WHERE NOT is_revision;
        CREATE INDEX satchel_log_first ON satchel_log (digest) WHERE counter = 1 AND NOT is_revision;
        CREATE TABLE satchel_feed (
          scope INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          record INTEGER NOT NULL,
          PRIMARY KEY (scope, sequence, record)
        ) WITHOUT ROWID;
        """

    /// The change-sets that were parked, and what became of each.
    private static let parked = """
        CREATE TABLE satchel_parked (
          position INTEGER PRIMARY KEY,
          actor INTEGER NOT NULL REFERENCES satchel_actor (key),
          counter INTEGER NOT NULL,
          verdict INTEGER NOT NULL,
          code TEXT,
          record BLOB,
          field INTEGER,
          sentence TEXT,
          reissued_actor INTEGER REFERENCES satchel_actor (key),
          reissued_counter INTEGER,
          UNIQUE (actor, counter)
        );
        CREATE INDEX satchel_parked_open ON satchel_parked (position) WHERE reissued_actor IS NULL;
        CREATE INDEX satchel_parked_waiting ON satchel_parked (record, position) WHERE verdict = 3;
        """

    /// The scope that holds every record.
    static let everything = 1
}
