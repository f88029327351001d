import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A few homes, their server and its office in one random history.
///
/// A step is one number: all that happens in it follows from the number and from what stands, so leaving steps out of a list
/// leaves a history, and a failing one can be made smaller.
final class ExchangeHistory {
    let server: ExchangeServer
    let homes: [ExchangeHome]
    private(set) var story: [String] = []
    /// How often each kind of thing was done, and how often something rare came about.
    private(set) var counts: [String: Int] = [:]
    private var tokens: [(record: RecordID, context: VersionVector, home: Int)] = []
    private var valueCount = 0

    /// Enrols two to four homes, as `seed` chooses; whose actor comes first is a matter of chance too.
    init(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var actors = (0..<5).map { ActorID.sample($0) }
        actors.shuffle(using: &random)
        server = try ExchangeServer(actor: actors[0])
        _ = try await server.service.perform(.addUser(name: "office"))
        try server.store.refuseMarked(true)
        var homes: [ExchangeHome] = []
        for number in 1...random.pick(in: 2...4) {
            homes.append(try await server.enrol("h\(number)", actor: actors[number]))
        }
        self.homes = homes
    }

    /// The numbers of the steps of the history that `seed` stands for.
    static func steps(seed: UInt64, count: Int) -> [UInt64] {
        var random = SeededRandom(seed: ~seed)
        return (0..<count).map { _ in random.next() }
    }

    /// Takes the steps, then brings everything to rest; answers what does not hold.
    func run(_ steps: [UInt64]) async throws -> [String] {
        for step in steps {
            var random = SeededRandom(seed: step)
            server.clock.advance(milliseconds: Int64(random.pick(in: 1...2_000)))
            let problems = try await take(using: &random)
            if !problems.isEmpty { return problems }
        }
        for _ in 0..<2 {
            for home in homes { try await home.sync(recordsPerPage: 50) }
        }
        let head = try await server.store.read { try $0.head() }
        for home in homes { try await home.sync(recordsPerPage: 50) }
        let problems = try await SettledCheck(server: server, homes: homes).problems()
        return try await server.store.read { try $0.head() } == head
            ? problems : problems + ["a quiet round made commits"]
    }

    private func take(using random: inout SeededRandom) async throws -> [String] {
        let place = random.pick(below: homes.count)
        switch random.pick(below: 28) {
        case 0..<6: return try edit(place, using: &random)
        case 6..<8: return try resolve(place, using: &random)
        case 8..<12: return try sql(place, using: &random)
        case 12: try await office(using: &random)
        case 13 where random.isOnce(in: 2):
            let days = random.pick(from: [-400, -1, 0, 0, 1, 30])
            (homes[place].replica.clock as? DeviceClock)?.set(wrongBy: Int64(days) * 86_400_000)
            note("clock", "the clock of \(homes[place].name) is wrong by \(days) days")
        case 13: try read(place, using: &random)
        case 20: try changeRule(using: &random)
        case 21...24: try reissue(place, using: &random)
        case 25: try await release(using: &random)
        default: try await sync(place, using: &random)
        }
        return []
    }

    func note(_ kind: String, _ line: String) {
        counts[kind, default: 0] += 1
        story.append(line)
    }

    /// A value that nobody wrote before, or one that many write; some are what a rule of the house may refuse.
    func value(using random: inout SeededRandom) -> String {
        valueCount += 1
        if random.isOnce(in: 5) { return "~v\(valueCount)" }
        return random.isOnce(in: 4) ? random.pick(from: ["same", "other"]) : "v\(valueCount)"
    }

    static let items = (1...5).map { RecordID.sample($0) }
    static let remarks = (11...13).map { RecordID.sample($0) }
    /// An id that some take for an item and others for a remark.
    static let contested = RecordID.sample(21)

    // MARK: - Exchanges

    private func sync(_ place: Int, using random: inout SeededRandom) async throws {
        let home = homes[place]
        let fault: LineFault =
            switch random.pick(below: 10) {
            case 0: .replyLost
            case 1: .deliveredTwice(hearsFirst: random.isOnce(in: 2))
            case 2, 3: .cut(after: random.pick(in: 0...6))
            default: .none
            }
        let size = random.pick(from: [1, 2, 50])
        let meanwhile = random.isOnce(in: 4) ? (frame: random.pick(in: 0...4), seed: random.next()) : nil
        let box = HistoryBox(self)
        note("sync", "\(home.name) syncs, \(fault), \(size) a page")
        do {
            try await home.sync(fault, recordsPerPage: size) { frame in
                if let meanwhile, meanwhile.frame == frame { try await box.meanwhile(place, seed: meanwhile.seed) }
            }
        } catch let error as SatchelError where error.isTransient {
            note("sync failed", "… which ends with \(error.code.word)")
        }
    }

    /// What happens while a reply is under way: an edit at the same home, or somebody else's exchange.
    fileprivate func meanwhile(_ place: Int, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        note("meanwhile", "meanwhile")
        switch random.pick(below: 4) {
        case 0: _ = try edit(place, using: &random)
        case 1: _ = try sql(place, using: &random)
        case 2: try await office(using: &random)
        default:
            let other = (place + 1 + random.pick(below: homes.count - 1)) % homes.count
            note("sync", "\(homes[other].name) syncs")
            try await homes[other].sync()
        }
    }

    private func read(_ place: Int, using random: inout SeededRandom) throws {
        let record = random.pick(from: Self.items)
        let state = try homes[place].state(of: record)
        guard !state.life.isEmpty else { return }
        tokens.append((record, state.context, place))
        note("read", "\(homes[place].name) reads \(record.shortName) as token \(tokens.count)")
    }

    /// A token that this home read of the record, once in a while.
    func token(of record: RecordID, at place: Int, using random: inout SeededRandom) -> VersionVector? {
        guard random.isOnce(in: 4) else { return nil }
        return tokens.last { $0.record == record && $0.home == place }?.context
    }
}

/// Lends a history to the line on which a reply comes: one task at a time runs in both.
private final class HistoryBox: @unchecked Sendable {
    private let history: ExchangeHistory
    init(_ history: ExchangeHistory) { self.history = history }
    func meanwhile(_ place: Int, seed: UInt64) async throws { try await history.meanwhile(place, seed: seed) }
}

extension RecordID {
    /// The record, for a story.
    var shortName: String { scriptName ?? "…\(description.suffix(4))" }
}
