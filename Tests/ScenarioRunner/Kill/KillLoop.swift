import SatchelTestSupport

/// Kills processes at every fault point, and at moments of chance, and checks after each what must hold.
package struct KillLoop {
    /// A ground is left for a fresh one after so many kills: what it keeps grows with each.
    private static let killsPerGround = 40

    private let killsWanted: Int
    private let isFailing: Bool
    private var random: SeededRandom
    private let say: (String) -> Void
    private var tally = KillTally()
    private var ground: KillGround?
    private var killsBefore = 0

    /// Kills so many processes in all, first one at each fault point; tells `say` how it goes.
    package init(kills: Int, seed: UInt64, say: @escaping (String) -> Void) {
        killsWanted = kills
        isFailing = false
        random = SeededRandom(seed: seed)
        self.say = say
    }

    /// Has something fail at each fault point in place of a kill: the disk, its space, and the program itself.
    package init(failingWith say: @escaping (String) -> Void) {
        killsWanted = Self.plan.count * Blow.Failure.allCases.count
        isFailing = true
        random = SeededRandom(seed: 1)
        self.say = say
    }

    /// Every act with its points, in order.
    package static let plan: [(act: KillAct, point: String)] = KillAct.allCases.flatMap { act in
        act.points.map { (act, $0) }
    }

    /// Runs to the end, whatever happens.
    package mutating func run() async -> KillTally {
        await checkPoints()
        for (act, point) in Self.plan where tally.kills < killsWanted {
            for blow in blows(at: point) where await !strike(act, blow) {
                note("\(act.rawValue) never came to \(blow)")
            }
        }
        var attempts = 0
        while !isFailing, tally.kills < killsWanted, attempts < 4 * killsWanted {
            attempts += 1
            let (act, blow) = drawn()
            // Now and then what comes after a kill is killed too, before anybody has looked.
            _ = await strike(act, blow, isChecked: tally.kills + 1 == killsWanted || !random.isOnce(in: 4))
        }
        if tally.kills < killsWanted {
            tally.note(.damaged, "\(attempts) blows were too few: \(tally.misses) came too late")
        }
        await leave()
        return tally
    }

    /// Notes what no check of a ground has noted; a ground goes on counting in a tally of its own.
    private mutating func note(_ problem: String) {
        tally.note(.damaged, problem)
        ground?.tally = tally
        say("damaged: \(problem)")
    }

    private func blows(at point: String) -> [Blow] {
        isFailing ? Blow.Failure.allCases.map { .failure(point, 1, $0) } : [.point(point, 1)]
    }

    /// The points that the programs name are those that are struck.
    private mutating func checkPoints() async {
        struct PointForm: Decodable { let point: String }
        do {
            let site = try Site()
            var named: Set<String> = []
            for program in [Program.satchel, .server] {
                let list = try await site.run(program, ["faults", "list", "--json"], expecting: [0])
                named.formUnion(try list.decoded([PointForm].self).map(\.point))
            }
            let struck = Set(Self.plan.map(\.point))
            for point in named.symmetricDifference(struck).sorted() {
                tally.note(
                    .damaged, named.contains(point) ? "nothing strikes at \(point)" : "no program knows \(point)")
            }
        } catch {
            tally.note(.damaged, "\(error)")
        }
    }

    /// An act and a blow by chance: at a point, or at any moment.
    private mutating func drawn() -> (KillAct, Blow) {
        if random.isOnce(in: 2) {
            let act = random.pick(from: KillAct.anytime)
            let usual = ground?.usual[act] ?? .milliseconds(100)
            return (act, .later(usual * Double(random.pick(below: 1_200)) / 1_000))
        }
        let (act, point, occurrence) = random.pick(from: Self.places)
        return (act, .point(point, occurrence))
    }

    /// Where a blow by chance may fall: every act and point of the plan, and what an act comes to besides.
    private static let places: [(act: KillAct, point: String, occurrence: Int)] =
        plan.map { ($0.act, $0.point, 1) }
        + KillAct.allCases.flatMap { act in
            let (points, most) = act.further
            return points.flatMap { point in (1...most).map { (act, point, $0) } }
        }

    /// Strikes once, on fresh ground where the old is worn or broken; whether a process died.
    private mutating func strike(_ act: KillAct, _ blow: Blow, isChecked: Bool = true) async -> Bool {
        if tally.kills - killsBefore >= Self.killsPerGround { await leave() }
        let problems = tally.problems.count
        do {
            if ground == nil {
                ground = try await KillGround.make(tally)
                killsBefore = tally.kills
            }
            guard let ground else { return false }
            let isKilled = try await ground.strike(act, blow, isChecked: isChecked)
            tally = ground.tally
            if isKilled, tally.kills.isMultiple(of: 20) { say(tally.text(ofFailures: isFailing)) }
            tell(since: problems)
            if tally.problems.count > problems { self.ground = nil }
            return isKilled
        } catch {
            if let ground { tally = ground.tally }
            tally.note(.damaged, "in \(act.rawValue), struck at \(blow): \(error)")
            tell(since: problems)
            ground = nil
            return false
        }
    }

    private mutating func leave() async {
        guard let ground else { return }
        do { try await ground.end() } catch { tally.note(.damaged, "\(error)") }
        self.ground = nil
    }

    private func tell(since count: Int) {
        for problem in tally.problems.dropFirst(count) { say("\(problem.harm.rawValue): \(problem.text)") }
    }
}
