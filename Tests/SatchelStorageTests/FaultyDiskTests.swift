import Foundation
import GRDB
import SatchelTestSupport
import Testing

/// The disk that fails, by itself: a proof that rests on it is worth what it is.
@Suite struct FaultyDiskTests {
    private let folder: TemporaryFolder
    private let disk: FaultyDisk

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
        disk = try FaultyDisk(folder: folder.url, seed: 7)
    }

    /// With a rollback journal only `EXTRA` makes its deletion durable, which is what commits.
    private func open(synchronous: String = "EXTRA", mode: String = "WAL") throws -> DatabaseQueue {
        let queue = try DatabaseQueue(path: folder["x.sqlite"].path)
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA journal_mode = \(mode); PRAGMA synchronous = \(synchronous)")
            try $0.execute(sql: "CREATE TABLE IF NOT EXISTS t (x INTEGER, y BLOB)")
        }
        return queue
    }

    private func insert(_ numbers: ClosedRange<Int>, into queue: DatabaseQueue) throws {
        for number in numbers {
            try queue.write {
                try $0.execute(sql: "INSERT INTO t VALUES (?, randomblob(3000))", arguments: [number])
            }
        }
    }

    private func numbers() throws -> [Int] {
        let queue = try DatabaseQueue(path: folder["x.sqlite"].path)
        defer { try? queue.close() }
        return try queue.read { db in
            #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
            return try Int.fetchAll(db, sql: "SELECT x FROM t ORDER BY x")
        }
    }

    @Test(arguments: ["WAL", "DELETE"]) func `what was synced survives a power cut`(mode: String) throws {
        let queue = try open(mode: mode)
        try insert(1...20, into: queue)
        disk.cut()
        #expect(throws: DatabaseError.self) { try insert(21...21, into: queue) }
        #expect(throws: FaultyDisk.StillOpen.self) { try disk.restore() }
        try? queue.close()
        _ = try disk.restore()
        #expect(try numbers() == Array(1...20))
    }

    @Test func `what was not synced is gone, but for a little`() throws {
        let queue = try open(synchronous: "NORMAL")
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try insert(1...20, into: queue)
        disk.cut()
        try? queue.close()
        let loss = try disk.restore()
        #expect(loss.lost > 20 && loss.torn == 1 && loss.kept * 4 < loss.lost)
        #expect(try numbers().count < 20)
    }

    @Test(arguments: ["WAL", "DELETE"]) func `the power may go with any change of a file`(mode: String) throws {
        var nth = 0
        var isReached = true
        while isReached {
            nth += 1
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try? FileManager.default.removeItem(atPath: folder["x.sqlite"].path + suffix)
            }
            let queue = try open(mode: mode)
            try insert(1...2, into: queue)
            disk.cut(atChange: nth)
            let isAcknowledged = (try? insert(3...3, into: queue)) != nil
            isReached = disk.isCut
            disk.cut()
            try? queue.close()
            _ = try disk.restore()
            let found = try numbers()
            #expect(found == [1, 2, 3] || (found == [1, 2] && !isAcknowledged), "with change \(nth)")
        }
        #expect(nth > 4)
    }

    @Test func `a failed sync is not made good by the next one`() throws {
        let path = folder["plain"].path
        try Data().write(to: URL(filePath: path))
        // A table as a heap of pages: what the first sync failed to write the second does not look at again.
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA journal_mode = OFF; CREATE TABLE t (x)")
        }
        disk.fail(.sync, .error, at: 1)
        #expect(throws: DatabaseError.self) {
            try queue.write { try $0.execute(sql: "CREATE TABLE u (x)") }
        }
        #expect(disk.failureCount == 1)
        disk.heal()
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        disk.cut()
        try? queue.close()
        let loss = try disk.restore()
        #expect(loss.lost + loss.torn > 0)
    }

    @Test func `calls fail as they are told, once or from then on`() throws {
        let queue = try open()
        disk.fail(.write, .full, at: 2)
        let full = #expect(throws: DatabaseError.self) { try insert(1...1, into: queue) }
        #expect(full?.resultCode == .SQLITE_FULL && disk.callCount == 2 && disk.failureCount == 1)
        try insert(1...1, into: queue)
        disk.fail(.sync, .error, at: 1, lasting: true)
        for _ in 0..<2 {
            let failed = #expect(throws: DatabaseError.self) { try insert(2...2, into: queue) }
            #expect(failed?.extendedResultCode == .SQLITE_IOERR_FSYNC)
        }
        disk.heal()
        try insert(2...2, into: queue)
        try queue.close()
        #expect(try numbers() == [1, 2])
    }

    @Test func `other folders are left alone`() throws {
        let other = try TemporaryFolder(inMemory: true)
        disk.cut()
        let queue = try DatabaseQueue(path: other["x.sqlite"].path)
        try queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        #expect(throws: DatabaseError.self) { try DatabaseQueue(path: folder["x.sqlite"].path) }
    }
}
