import Foundation
import GRDB
import SatchelServer
import SatchelSync
import SatchelTestSupport
import Testing

@testable import SatchelStorage

@Suite struct ServerStoreTests {
    @Test func `the writer flushes every commit and the readers cannot write`() throws {
        let server = try TestServer()
        let names = ["synchronous", "journal_mode", "foreign_keys", "mmap_size"]
        let settings = try server.store.sound().pool.writeWithoutTransaction { db in
            try names.map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(settings == ["2", "wal", "1", "0"])
        for statement in ["DELETE FROM satchel_log", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            #expect(throws: DatabaseError.self) {
                try server.store.sound().pool.read { _ = try Row.fetchOne($0, sql: statement) }
            }
        }
    }

    @Test func `a store closes while another program reads it, and loses nothing`() async throws {
        let server = try TestServer()
        let reader = try server.connection()
        try await reader.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN")
            _ = try Row.fetchAll(db, sql: "SELECT * FROM satchel_user")
        }
        _ = try await server.service.perform(.addUser(name: "ann"))
        try server.store.close()
        let again = try TestServer(reopening: server.folder)
        #expect(try await again.store.read { try $0.users().map(\.name) } == ["ann"])
        try again.store.close()
        try await reader.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        #expect(try await reader.read { try String.fetchAll($0, sql: "SELECT name FROM satchel_user") } == ["ann"])
    }

    @Test func `the file is readable by its owner alone`() throws {
        let server = try TestServer()
        let path = server.folder["satchel.sqlite"].path
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `a second server on the same folder is refused`() throws {
        let server = try TestServer()
        let schema = try ItemSchema.make()
        let folder = DataFolder(path: server.folder.path)
        #expect {
            _ = try SQLiteServerStore(folder: folder, purpose: "second", patience: .zero) { _ in schema }
        } throws: { ($0 as? SatchelError)?.code == .databaseInUse }
    }

    @Test func `what was committed is there after the store was opened again`() async throws {
        let server = try TestServer()
        var ann = try await server.device("ann")
        ann.edit(.sample(1), life: .create, .name("Acme"))
        try await ann.sync()
        let digest = try await server.service.perform(.digest)
        try server.store.close()
        try server.store.close()
        let again = try TestServer(reopening: server.folder)
        guard case .digest(let before) = digest, case .digest(let after) = try await again.service.perform(.digest)
        else {
            Issue.record("no digest")
            return
        }
        #expect(before == after)
        #expect(try await again.state(.sample(1)) != nil)
    }

    @Test func `a replica's file is not taken for a store`() throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        try DatabaseFile.create(
            in: data, kind: .replica, purpose: "test",
            migrations: Array(repeating: { _ in }, count: Int(DatabaseFile.formatVersion))
        ) { _ in }
        let schema = try ItemSchema.make()
        #expect {
            _ = try SQLiteServerStore(folder: data, purpose: "test") { _ in schema }
        } throws: { ($0 as? SatchelError)?.code == .foreignData }
    }

    @Test func `a savepoint that fails leaves what was done before`() async throws {
        let server = try TestServer()
        let now = server.clock.now()
        let left = try await server.store.write { transaction in
            _ = try transaction.addUser(named: "ann", at: now)
            #expect(throws: SatchelError.self) {
                try transaction.savepoint {
                    _ = try transaction.addUser(named: "bo", at: now)
                    _ = try transaction.addUser(named: "ann", at: now)
                }
            }
            _ = try transaction.addUser(named: "cy", at: now)
            return try transaction.snapshot.users().map(\.name)
        }
        #expect(left == ["ann", "cy"])
    }

    @Test func `an entry of a savepoint that fails is not in the log, nor in the chain after it`() async throws {
        let server = try TestServer()
        let (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        let now = server.clock.now()
        try await server.store.write { transaction in
            let entry = { (actor: ActorID) in
                LogEntry(
                    dot: Dot(actor, 1), digest: Hashing.sha256([]), author: "ann", device: "phone", label: "edit",
                    madeAt: now, correctedAt: now, acceptedAt: now, verdict: .applied, sequence: ServerSequence(1),
                    body: nil)
            }
            #expect(throws: CancellationError.self) {
                try transaction.savepoint {
                    try transaction.append(entry(ann.actor))
                    throw CancellationError()
                }
            }
            #expect(transaction.head == .empty)
            try transaction.append(entry(bo.actor))
        }
        try await server.store.read { try $0.verifyLog() }
        #expect(try await server.frontier(of: ann) == 0)
        #expect(try await server.frontier(of: bo) == 1)
    }
}

@Suite struct LogChainTests {
    private func serverWithLog() async throws -> TestServer {
        let server = try TestServer()
        var (ann, bo) = (try await server.device("ann"), try await server.device("bo"))
        for number in 1...5 { ann.edit(.sample(number), life: .create, .name("record \(number)")) }
        bo.edit(.sample(9), .name("nowhere"))
        try await ann.sync()
        try await bo.sync()
        return server
    }

    @Test func `a log that nobody touched is whole`() async throws {
        let server = try await serverWithLog()
        try await server.store.read { try $0.verifyLog() }
    }

    @Test(arguments: [
        "UPDATE satchel_log SET author = 'eve' WHERE position = 2",
        "UPDATE satchel_log SET verdict = 1, code = NULL WHERE verdict = 3",
        "UPDATE satchel_log SET corrected_at = corrected_at + 1 WHERE position = 3",
        "UPDATE satchel_log SET sequence = 9 WHERE position = 1",
        "UPDATE satchel_log SET sequence = -1 WHERE position = 1",
        "UPDATE satchel_log SET field = -1 WHERE verdict = 3",
        "UPDATE satchel_log SET body = (SELECT body FROM satchel_log WHERE position = 1) WHERE position = 4",
        "DELETE FROM satchel_log WHERE position = 3",
        "DELETE FROM satchel_parked",
        "UPDATE satchel_parked SET verdict = 4",
        "UPDATE satchel_parked SET verdict = 5, reissued_actor = actor, reissued_counter = counter",
        "DELETE FROM satchel_log WHERE position = 6",
    ]) func `a changed log is found out`(tampering: String) async throws {
        let server = try await serverWithLog()
        try await server.connection().write { db in
            try db.execute(sql: tampering)
            #expect(db.changesCount == 1)
        }
        await #expect(throws: SatchelError.self) { try await server.store.read { try $0.verifyLog() } }
    }

    @Test func `an erased body leaves the chain whole`() async throws {
        let server = try await serverWithLog()
        try await server.connection().write {
            try $0.execute(sql: "UPDATE satchel_log SET body = NULL WHERE position = 2")
        }
        try await server.store.read { try $0.verifyLog() }
    }
}

@Suite struct SchemaAdditionTests {
    private func schema(version: UInt32, _ fields: [Field]) throws -> Schema {
        try Schema(version: version, types: [EntityType(id: EntityTypeID(1), name: "item", fields: fields)])
    }

    private func text(_ id: UInt32, _ name: String, length: Int = 10) -> Field {
        Field(id: FieldID(id), name: name, kind: .text(maxLength: length), policy: .latest)
    }

    private func reopen(with next: Schema, after present: Schema) throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        try SQLiteServerStore.create(
            in: data, identity: .new(name: "office", schemaSource: "present"), schema: present,
            at: Timestamp(milliseconds: 0))
        let store = try SQLiteServerStore(folder: data, purpose: "test", newSchemaSource: "next") {
            $0 == "next" ? next : present
        }
        #expect(store.schema == next)
        #expect(store.identity.schemaSource == "next")
        try store.close()
    }

    @Test func `a schema that adds a field is taken`() throws {
        try reopen(
            with: schema(version: 2, [text(1, "name", length: 20), text(2, "city")]),
            after: schema(version: 1, [text(1, "name")]))
    }

    @Test func `a field of any kind may stay as it is beside a new one`() throws {
        let kinds: [FieldKind] = [
            .text(maxLength: 10), .integer(0...9), .decimal(scale: 2, 0...900), .boolean, .date, .timestamp,
            .enumeration(["a", "b"]), .reference(to: EntityTypeID(1), onDelete: .restrict), .set(maxLength: 10),
            .counter, .location, .map(maxLength: 10), .json,
        ]
        let fields = kinds.enumerated().map { number, kind in
            Field(id: FieldID(UInt32(number + 1)), name: "f\(number)", kind: kind, policy: kind.policies[0])
        }
        try reopen(with: schema(version: 2, fields + [text(99, "more")]), after: schema(version: 1, fields))
    }

    @Test func `a schema that takes away or changes is refused`() throws {
        func decimal(_ id: UInt32, scale: UInt8) -> Field {
            Field(id: FieldID(id), name: "sum", kind: .decimal(scale: scale, 0...900), policy: .latest)
        }
        let present = try schema(version: 1, [text(1, "name"), text(2, "city"), decimal(3, scale: 2)])
        let number = Field(id: FieldID(2), name: "city", kind: .integer(0...9), policy: .latest)
        let candidates = [
            try schema(version: 2, [text(1, "name"), decimal(3, scale: 2)]),
            try schema(version: 2, [text(1, "name"), number, decimal(3, scale: 2)]),
            try schema(version: 2, [text(1, "title"), text(2, "city"), decimal(3, scale: 2)]),
            try schema(version: 2, [text(1, "name", length: 5), text(2, "city"), decimal(3, scale: 2)]),
            try schema(version: 2, [text(1, "name"), text(2, "city"), decimal(3, scale: 3)]),
            try schema(version: 1, [text(1, "name"), text(2, "city"), decimal(3, scale: 2), text(4, "more")]),
        ]
        for candidate in candidates {
            #expect { try reopen(with: candidate, after: present) } throws: {
                ($0 as? SatchelError)?.code == .invalidSchema
            }
        }
    }
}
