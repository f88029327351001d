import Foundation
import GRDB
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

@Suite("Database files and the lease")
struct DatabaseFileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `files are the user's alone`() throws {
        let fixture = try ReplicaFixture()
        try fixture.turn { store in
            _ = try store.write { try fixture.append(.sample(1), life: .create, [.name("X")], $0) }
            for suffix in ["", "-wal", "-shm"] {
                #expect(try mode(fixture.dataFolder.databasePath + suffix) == 0o600, "\(suffix)")
            }
        }
        #expect(try mode(fixture.dataFolder.url.path) == 0o700)
    }

    @Test func `the writer waits for the disk and keeps references`() throws {
        let configuration = DatabaseFile.writerConfiguration(label: "test")
        let folder = try TemporaryFolder()
        let queue = try DatabaseQueue(path: folder["x.sqlite"].path, configuration: configuration)
        try queue.read { (db) throws in
            #expect(try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2)
            #expect(try Int.fetchOne(db, sql: "PRAGMA foreign_keys") == 1)
            #expect(try Int.fetchOne(db, sql: "PRAGMA trusted_schema") == 0)
        }
    }

    @Test func `a replica is in write-ahead logging and says whose it is`() throws {
        let fixture = try ReplicaFixture()
        try fixture.shell { (db) throws in
            #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int32.fetchOne(db, sql: "PRAGMA application_id") == 0x5361_5270)
            #expect(try Int32.fetchOne(db, sql: "PRAGMA user_version") == DatabaseFile.formatVersion)
        }
    }

    @Test(arguments: ["satchel.sqlite-wal", "satchel.repaired", "satchel.sqlite.replaced-1"])
    func `nothing new is made where a repair or a restore was cut`(name: String) throws {
        let folder = try TemporaryFolder()
        try Data("of before".utf8).write(to: folder[name])
        let data = DataFolder(path: folder.url.path)
        let error = #expect(throws: SatchelError.self) { try data.requireRoom() }
        #expect(error?.code == .dataExists && error?.remedy?.contains("satchel repair") == true)
        let missing = #expect(throws: SatchelError.self) { try data.requireDatabase(remedy: "Enrol.") }
        #expect(missing?.code == .missingData && missing?.remedy == error?.remedy)
    }

    @Test func `what is no file is not waited for`() throws {
        let folder = try TemporaryFolder()
        #expect(unsafe mkfifo(folder["satchel.sqlite"].path, 0o600) == 0)
        let error = #expect(throws: SatchelError.self) {
            try DataFolder(path: folder.url.path).requireDatabase(remedy: "Enrol.")
        }
        #expect(error?.code == .foreignData)
    }

    @Test func `a file of a newer Satchel is refused and left as it is`() throws {
        let fixture = try ReplicaFixture()
        try fixture.shell { try $0.execute(sql: "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)") }
        let before = try Data(contentsOf: fixture.dataFolder.databaseURL)
        let error = #expect(throws: SatchelError.self) { try fixture.turn { _ in } }
        #expect(error?.code == .newerData)
        #expect(try Data(contentsOf: fixture.dataFolder.databaseURL) == before)
    }

    @Test func `a database of another program is refused`() throws {
        let folder = try TemporaryFolder()
        let queue = try DatabaseQueue(path: folder["satchel.sqlite"].path)
        try queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        let schema = try ItemSchema.make()
        let error = #expect(throws: SatchelError.self) {
            try ReplicaStore.openForWriting(DataFolder(path: folder.path), purpose: "test") { _ in schema }
        }
        #expect(error?.code == .foreignData)
    }

    @Test func `a file that is no database is refused`() throws {
        let folder = try TemporaryFolder()
        try Data(repeating: 0x41, count: 8_192).write(to: folder["satchel.sqlite"])
        let schema = try ItemSchema.make()
        let error = #expect(throws: SatchelError.self) {
            try ReplicaStore.openForReading(DataFolder(path: folder.path)) { _ in schema }
        }
        #expect(error?.code == .foreignData)
    }

    @Test func `an empty folder holds no replica, a full one takes none`() throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        #expect(throws: SatchelError.self) { try data.requireDatabase(remedy: "") }
        try Data().write(to: folder["holiday.jpg"])
        let error = #expect(throws: SatchelError.self) {
            try DatabaseFile.create(
                in: data, kind: .replica, purpose: "test",
                migrations: Array(repeating: { _ in }, count: Int(DatabaseFile.formatVersion))
            ) { _ in }
        }
        #expect(error?.code == .foreignData)
    }

    @Test func `a database that did not get whole leaves room for another try`() throws {
        struct Interrupted: Error {}
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        #expect(throws: Interrupted.self) {
            try DatabaseFile.create(
                in: data, kind: .replica, purpose: "test",
                migrations: Array(repeating: { _ in }, count: Int(DatabaseFile.formatVersion))
            ) { _ in
                throw Interrupted()
            }
        }
        #expect(!data.hasDatabase)
        // What a crash leaves: a file without a name.
        try Data(repeating: 1, count: 100).write(to: folder["satchel.new"])
        try DatabaseFile.create(
            in: data, kind: .replica, purpose: "test",
            migrations: Array(repeating: { _ in }, count: Int(DatabaseFile.formatVersion))
        ) { _ in }
        #expect(data.hasDatabase)
        let again = #expect(throws: SatchelError.self) {
            try DatabaseFile.create(
                in: data, kind: .replica, purpose: "test",
                migrations: Array(repeating: { _ in }, count: Int(DatabaseFile.formatVersion))
            ) { _ in }
        }
        #expect(again?.code == .dataExists)
    }

    @Test func `whoever comes second is told who holds the lease`() throws {
        let folder = try TemporaryFolder()
        let first = try Lease(folder: folder.url, purpose: "sync")
        let error = #expect(throws: SatchelError.self) {
            _ = try Lease(folder: folder.url, purpose: "edit", patience: .milliseconds(30))
        }
        #expect(error?.code == .databaseInUse)
        #expect(error?.message.contains("process \(getpid()) (sync)") == true)
        #expect(error?.isTransient == true)
        _ = consume first
        _ = try Lease(folder: folder.url, purpose: "edit", patience: .milliseconds(30))
    }

    @Test func `a reader sees the last commit while a writer is at work`() throws {
        let fixture = try ReplicaFixture()
        let schema = fixture.schema
        try fixture.turn { store in
            _ = try store.write { try fixture.append(.sample(1), life: .create, [.name("One")], $0) }
            let reader = try ReplicaStore.openForReading(fixture.dataFolder) { _ in schema }
            try store.write { transaction in
                _ = try fixture.append(.sample(1), [.name("Two")], transaction)
                try transaction.flush()
                let name = try reader.read { try $0.record(.sample(1))?.state.field(ItemSchema.name) }
                #expect(name?.siblings.map(\.value) == [.text("One")])
            }
            try reader.close()
        }
    }
}
