import GRDB
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync

/// What stands in a scene, as far as it must be one of two.
struct SweepState: Hashable, Sendable, CustomStringConvertible {
    /// A device's queue and what its tables show.
    struct Device: Hashable, Sendable {
        var own: [String] = []
        var verdicts: [String] = []
        var base = ""
        var effective = ""
    }

    /// The server's records and its log; `nil` where there is no store.
    var server: String?
    /// `nil` where there is no home.
    var ann: Device?
    var bob: Device?

    var description: String { "server \(server ?? "-"); ann \(Self.text(ann)); bob \(Self.text(bob))" }

    private static func text(_ device: Device?) -> String {
        guard let device else { return "-" }
        return "\(device.own.count) own \(device.verdicts.joined(separator: ",")) base \(device.base.prefix(20)) "
            + "shows \(device.effective.prefix(8))"
    }
}

extension SweepScene {
    /// Looks at all, over connections of its own where nothing is open; what is wrong with a file is thrown.
    func state() async throws -> SweepState {
        var state = SweepState()
        if place(of: .server).hasDatabase {
            try checkFile(.server)
            state.server = try await store().read { snapshot in
                var digest = StoreDigest(schema: snapshot.schema)
                try snapshot.forEachRecord { digest.add($0.state, type: $0.type, record: $0.id) }
                let head = try snapshot.head()
                let parked = try snapshot.parkedWork(after: 0, limit: 100).map(\.dot.description)
                return "\(head.sequence.number) \(head.position) \(head.chain) \(digest.finalized()) \(parked)"
            }
        }
        state.ann = try device(.ann)
        state.bob = try device(.bob)
        return state
    }

    private func device(_ part: Part) throws -> SweepState.Device? {
        guard place(of: part).hasDatabase else { return nil }
        // Brings it forward and seals what plain SQL wrote, as whatever comes next would.
        try replica(part).withTurn(purpose: "sweep") { _ in }
        try checkFile(part)
        return try replica(part).reading { transaction in
            var device = SweepState.Device()
            for own in try transaction.ownChangeSets(.all) {
                device.own.append("\(own.changeSet.dot) \(own.digest)")
                device.verdicts.append(own.state.hasVerdict ? own.state.word : "-")
            }
            let checkpoint = try transaction.exchangeFacts().checkpoint?.sequence.number ?? 0
            device.base = "\(checkpoint) \(try transaction.baseDigest())"
            var digest = StoreDigest(schema: transaction.schema)
            try transaction.records.forEach { digest.add($0.state, type: $0.type, record: $0.id) }
            device.effective = digest.finalized()
            return device
        }
    }

    /// A file that SQLite finds broken.
    struct BrokenFile: Error {
        let problems: [String]
    }

    private func checkFile(_ part: Part) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: place(of: part).databasePath, configuration: configuration)
        let problems = try queue.read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
                + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { "a reference of \($0["table"] as String)" }
        }
        try queue.close()
        guard problems.isEmpty else { throw BrokenFile(problems: problems) }
    }
}
