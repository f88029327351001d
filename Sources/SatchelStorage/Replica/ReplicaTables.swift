import GRDB

/// The tables of a device's replica beside those that both ends have.
enum ReplicaTables {
    /// Forward migrations of our own tables, the first makes them.
    static var migrations: [(Database) throws -> Void] {
        [
            createFirstVersion, addFixes, addHandles, { _ in }, { _ in }, { _ in }, addTimeError, { _ in }, addRecovery,
            addBaseStateAndNews, addOriginals, { _ in }, addOwnNews,
        ]
    }

    /// What the server names a record by, where it told; forgotten whenever the server does not know it.
    private static func addHandles(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE satchel_record ADD COLUMN handle INTEGER")
    }

    /// How far off corrected times are.
    private static func addTimeError(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE satchel_change_set ADD COLUMN time_error INTEGER")
    }

    /// What the replica offers to a store that was restored (causality.md §7).
    private static func addRecovery(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Whether a confirmed change-set is offered again, since the store may lack it; and whether it came back by its release.
                ALTER TABLE satchel_change_set ADD COLUMN is_reoffered INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE satchel_change_set ADD COLUMN is_released INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX satchel_change_set_reoffered ON satchel_change_set (position) WHERE is_reoffered;

                -- States of base that an earlier life of the store gave, and that the present one does not cover.
                CREATE TABLE satchel_aside (
                  key INTEGER PRIMARY KEY,
                  record BLOB NOT NULL,
                  type INTEGER NOT NULL,
                  state BLOB NOT NULL,
                  is_offered INTEGER NOT NULL DEFAULT 0
                );
                """)
    }

    /// The names under which the store has what this device made too, and that others had sent before (causality.md §3).
    private static func addOriginals(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE satchel_change_set ADD COLUMN original_actor BLOB;
                ALTER TABLE satchel_change_set ADD COLUMN original_counter INTEGER;
                """)
    }

    /// How own work stands over a base that an earlier life of the store gave; and what others did.
    private static func addBaseStateAndNews(_ db: Database) throws {
        try db.execute(
            sql: """
                -- The state that base goes by, where another life of the store has judged anew; NULL where it is the state.
                ALTER TABLE satchel_change_set ADD COLUMN base_state INTEGER;

                CREATE TABLE satchel_news (
                  key INTEGER PRIMARY KEY AUTOINCREMENT,
                  heard_at INTEGER NOT NULL,
                  record BLOB NOT NULL,
                  type INTEGER NOT NULL,
                  kind INTEGER NOT NULL,
                  subject TEXT NOT NULL,
                  before TEXT,
                  after TEXT,
                  actor INTEGER,
                  counter INTEGER,
                  made_at INTEGER,
                  label TEXT,
                  is_own_value INTEGER NOT NULL
                );
                """)
    }

    /// Which news are about what the replica wrote itself, how its value is written again, and how many others went to make room.
    private static func addOwnNews(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE satchel_news ADD COLUMN is_own INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE satchel_news ADD COLUMN restore TEXT;
                UPDATE satchel_news SET is_own = is_own_value;

                CREATE TABLE satchel_news_left_out (heard_at INTEGER PRIMARY KEY, count INTEGER NOT NULL);
                """)
    }

    private static func createFirstVersion(_ db: Database) throws {
        try ActorTable.create(db)
        try StateApart.create(db)
        try Captures.create(db)
        try db.execute(
            sql: """
                CREATE TABLE satchel_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

                -- Own change-sets in own order: the queue, and what is kept after its verdict.
                CREATE TABLE satchel_change_set (
                  position INTEGER PRIMARY KEY,
                  actor INTEGER NOT NULL REFERENCES satchel_actor (key),
                  counter INTEGER NOT NULL,
                  digest BLOB NOT NULL,
                  body BLOB NOT NULL,
                  label TEXT NOT NULL,
                  author TEXT NOT NULL,
                  made_at INTEGER NOT NULL,
                  estimated_at INTEGER NOT NULL,
                  state INTEGER NOT NULL,
                  is_in_overlay INTEGER NOT NULL,
                  code TEXT,
                  record BLOB,
                  field INTEGER,
                  sentence TEXT,
                  UNIQUE (actor, counter)
                );
                CREATE INDEX satchel_change_set_in_overlay ON satchel_change_set (position) WHERE is_in_overlay;
                CREATE INDEX satchel_change_set_by_state ON satchel_change_set (state, position);
                CREATE TABLE satchel_change_part (
                  record INTEGER NOT NULL,
                  position INTEGER NOT NULL,
                  PRIMARY KEY (record, position)
                ) WITHOUT ROWID;

                -- Frames of a reply that is not applied yet, as they came.
                CREATE TABLE satchel_stage (
                  position INTEGER PRIMARY KEY,
                  sequence INTEGER NOT NULL,
                  frame BLOB NOT NULL
                );

                -- What the server told of the change-sets behind an open conflict, as it came.
                CREATE TABLE satchel_provenance (
                  record INTEGER PRIMARY KEY,
                  frame BLOB NOT NULL
                );
                """)
    }

    /// Where a fix stands, and what fixes a parked change-set: positions of own change-sets.
    private static func addFixes(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE satchel_change_set ADD COLUMN place INTEGER;
                ALTER TABLE satchel_change_set ADD COLUMN fixed_by INTEGER;
                """)
    }
}
