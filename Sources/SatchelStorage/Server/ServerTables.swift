import GRDB

/// The tables of a server's store, beside records and entity tables.
enum ServerTables {
    /// Makes them in an empty file.
    static func create(_ db: Database) throws {
        try ActorTable.create(db)
        try RecordTable.create(db)
        try db.execute(sql: identity)
        try db.execute(sql: accounts)
        try db.execute(sql: log)
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

    /// The log by position, what each record has in it, how far each actor came, and the feed that a pull reads.
    ///
    /// Digests are found by their first eight bytes: a short index, and no two share them by chance.
    private static let log = """
        CREATE TABLE satchel_log (
          position INTEGER PRIMARY KEY,
          actor INTEGER NOT NULL REFERENCES satchel_actor (key),
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
          body BLOB,
          chain BLOB NOT NULL
        );
        CREATE UNIQUE INDEX satchel_log_by_dot ON satchel_log (actor, counter);
        CREATE INDEX satchel_log_by_digest ON satchel_log (substr(digest, 1, 8));
        CREATE TABLE satchel_log_part (
          record INTEGER NOT NULL,
          position INTEGER NOT NULL,
          PRIMARY KEY (record, position)
        ) WITHOUT ROWID;
        CREATE TABLE satchel_frontier (
          actor INTEGER PRIMARY KEY REFERENCES satchel_actor (key),
          counter INTEGER NOT NULL,
          digest BLOB NOT NULL
        );
        CREATE TABLE satchel_feed (
          scope INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          record INTEGER NOT NULL,
          PRIMARY KEY (scope, sequence, record)
        ) WITHOUT ROWID;
        """

    /// The scope that holds every record.
    static let everything = 1
}
