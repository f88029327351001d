import SatchelStorage
import SatchelSync

/// Tells what came back after a restore and from whom, and what others mention and nobody offered (causality.md §7).
struct RecoveryReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    let presence: DevicePresence

    /// The report.
    ///
    /// - Complexity: O(log past the backup).
    func report() throws -> RecoveryReply {
        let standing = try snapshot.epochStanding()
        var tally = Tally()
        if standing.isRestored { try count(&tally, after: standing.position) }
        return RecoveryReply(
            number: standing.number, epoch: standing.epoch.description, beganAt: standing.beganAt.description,
            restoredTo: standing.restoredTo.number, phase: RecoveryReply.Phase(standing),
            closedAt: standing.closedAt?.description,
            devices: try snapshot.devices().map { device in
                let seenAt = presence.lastVisit(of: device)?.time
                return RecoveryReply.Device(
                    user: device.user, name: device.name,
                    lastSeenAt: seenAt.flatMap { $0 < standing.beganAt ? nil : $0.description },
                    changeSetCount: tally.changeSets[device.key] ?? 0, stateCount: tally.states[device.key] ?? 0)
            }, missing: try lost(tally.outlines) + missing(tally.mentioned))
    }

    /// What is counted as the log is read.
    private struct Tally {
        var changeSets: [Int64: Int] = [:]
        var states: [Int64: Int] = [:]
        var mentioned = VersionVector()
        /// Change-sets of which no more than an outline came.
        var outlines: [ChangeSet] = []

        /// Notes what a context names; an `x*` by its x.
        mutating func mention(_ context: VersionVector) {
            for dot in context.entries { mentioned.insert(dot.actor.releasedDot ?? dot) }
        }
    }

    private func count(_ tally: inout Tally, after position: Int64) throws {
        let epoch = try snapshot.epochStanding().number
        var devices: [ActorID: Int64?] = [:]
        try snapshot.forEachLogEntry(after: position) { entry, _, _ in
            guard !entry.isRevision else { return true }
            let actor = entry.dot.actor
            if devices[actor] == nil {
                let line = try snapshot.line(of: actor)
                devices[actor] = .some(line.flatMap { $0.epoch < epoch ? $0.device : nil })
            }
            let changeSet = try entry.changeSet()
            if let changeSet, changeSet.isOutline {
                tally.outlines.append(changeSet)
            } else if let device = devices[actor] ?? nil {
                tally.changeSets[device, default: 0] += 1
            }
            for change in changeSet?.changes ?? [] { tally.mention(change.context) }
            return true
        }
        try snapshot.forEachJoined(after: position, through: .max) { joined in
            tally.states[joined.device, default: 0] += 1
            tally.mention(joined.state.context)
        }
    }

    /// What was kept in outline only and that no joined state has brought.
    private func lost(_ outlines: [ChangeSet]) throws -> [RecoveryReply.Missing] {
        var lost: [RecoveryReply.Missing] = []
        for outline in outlines {
            let dot = outline.dot
            let isBack = try outline.changes.contains {
                try snapshot.record($0.record)?.state.dots.contains(dot) ?? false
            }
            guard !isBack else { continue }
            var from = dot.counter
            if let last = lost.last, last.actor == dot.actor.description, last.through + 1 == dot.counter {
                from = last.from
                lost.removeLast()
            }
            let name = try snapshot.name(of: dot.actor)
            lost.append(
                RecoveryReply.Missing(
                    actor: dot.actor.description, user: name?.user, device: name?.device, from: from,
                    through: dot.counter))
        }
        return lost
    }

    /// The counters that the store does not come up to, less those whose change-sets it has under another name.
    private func missing(_ mentioned: VersionVector) throws -> [RecoveryReply.Missing] {
        var missing: [RecoveryReply.Missing] = []
        for dot in mentioned.entries {
            let frontier = try snapshot.frontier(of: dot.actor).counter
            guard dot.counter > frontier else { continue }
            let name = try snapshot.name(of: dot.actor)
            var run: ClosedRange<UInt64>?
            func end() {
                guard let range = run else { return }
                missing.append(
                    RecoveryReply.Missing(
                        actor: dot.actor.description, user: name?.user, device: name?.device, from: range.lowerBound,
                        through: range.upperBound))
                run = nil
            }
            // A context may claim what it likes: what is looked up one by one is bounded.
            for counter in (frontier + 1)...min(dot.counter, frontier + Self.lookedUpMax) {
                let others = try snapshot.otherNames(of: Dot(dot.actor, counter))
                if try others.contains(where: { try snapshot.logEntry($0) != nil }) {
                    end()
                } else {
                    run = (run?.lowerBound ?? counter)...counter
                }
            }
            if let range = run, dot.counter > range.upperBound { run = range.lowerBound...dot.counter }
            end()
        }
        return missing
    }

    private static var lookedUpMax: UInt64 { 10_000 }
}

extension RecoveryReply.Phase {
    /// What devices may offer in this life of a store.
    init(_ standing: EpochStanding) {
        self = standing.isRecovering ? (standing.isWindowOpen ? .open : .running) : .closed
    }
}
