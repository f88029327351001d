import SatchelClient
import SatchelStorage
import SatchelSync
import Synchronization
import Testing

/// The store fails in the middle of an edit: what was asked for in that transaction is undone whole, and said to be.
@Suite struct FaultTests {
    private struct DiskFailure: Error {}

    /// Runs `body` while the n-th visit to a place fails.
    private static func failing(
        at point: FaultPoint, occurrence: Int = 1, _ body: () throws -> Void
    ) rethrows {
        let count = Mutex(0)
        try FaultPoint.$handler.withValue({ reached in
            guard reached == point else { return }
            let isTime = count.withLock { count in
                count += 1
                return count == occurrence
            }
            if isTime { throw DiskFailure() }
        }) { try body() }
    }

    private static let lines = (1...3).map { "{\"type\":\"account\",\"set\":{\"name\":\"A\($0)\"}}" }.joined(
        separator: "\n")

    @Test func `a file of edits whose second fails to be written leaves nothing of any`() throws {
        let home = try HomeFixture()
        #expect(throws: DiskFailure.self) {
            try Self.failing(at: .sealQueued, occurrence: 2) {
                try home.replica.apply(Array(Self.lines.utf8), settles: false) { _ in Issue.record("nothing is done") }
            }
        }
        #expect(try home.replica.reading { try $0.ownCount(.all) } == 0)
        var done: [Bool] = []
        try home.replica.apply(Array(Self.lines.utf8), settles: false) { lines in
            done += lines.map { if case .success = $0.result { true } else { false } }
        }
        #expect(done == [true, true, true])
        #expect(try home.replica.reading { try $0.ownChangeSets(.all).map(\.changeSet.dot.counter) } == [1, 2, 3])
    }

    @Test(arguments: [FaultPoint.replicaOpened, .sealBegins, .sealQueued, .replicaCommits])
    func `an edit that fails before its commit leaves nothing, and the next takes its name`(point: FaultPoint) throws {
        let home = try HomeFixture()
        #expect(throws: DiskFailure.self) { try Self.failing(at: point) { try home.account("name=A") } }
        #expect(try home.replica.reading { try $0.ownCount(.all) } == 0)
        let id = try home.account("name=B")
        #expect(try home.field(id, "name") == "B")
        #expect(try home.replica.reading { try $0.ownChangeSets(.all).map(\.changeSet.dot.counter) } == [1])
    }

    @Test(arguments: [FaultPoint.sqlTaken, .sealBegins, .sealQueued, .replicaCommits])
    func `what plain SQL wrote is sealed once, however its sealing failed before`(point: FaultPoint) throws {
        let home = try HomeFixture()
        let id = try home.account("name=A")
        #expect(throws: DiskFailure.self) {
            try Self.failing(at: point) {
                try home.replica.execute(
                    sql: "UPDATE account SET phone = '1' WHERE id = ?", arguments: [.text(UTF8Text(id.description))])
            }
        }
        #expect(try home.replica.reading { try $0.ownCount(.all) } == 1)
        #expect(try home.field(id, "phone") == "")
    }
}
