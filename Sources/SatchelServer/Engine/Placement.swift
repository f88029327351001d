import SatchelStorage
import SatchelSync

/// Where a change-set stands in its line, and so what its author had seen beside what its contexts say (causality.md §3 and §4).
struct Placement {
    /// The dot under which its writes stand, or would: its own, or its `x*`.
    let dot: Dot
    /// Its name in its line.
    let own: Dot
    /// Its place: its own name, or that of the change-set in whose place a fix stands.
    let place: Dot
    /// The line of its place.
    let line: VersionVector
    /// The line of its name; the same where it is no fix.
    let ownLine: VersionVector

    /// What a fix stands in the place of: what it fixes, what that one fixes, and so on.
    ///
    /// Its author had seen that. Both are in the store only where it was restored after the fix was in, and an operator released meanwhile what
    /// it fixes.
    var replaced: [Dot] = []
    /// Whether a store that was restored takes it again.
    var isReoffered = false
    /// Whether it stands under its `x*` though an earlier life of the store had applied it as x, and whoever names x had seen it.
    var isReturned = false
    /// Its digest, where it is not in the log yet.
    var digest: [UInt8]?

    /// Whether it may come after work whose author had seen it: every other comes in its turn.
    var isOutOfTurn: Bool { dot != place || isReoffered }
    private var isRelease: Bool { dot != own }
    private var isFix: Bool { own != place }

    /// Whether the author had seen `other`, given what he had seen of the record, the line left out.
    func hadSeen(_ other: Placement, context: VersionVector) -> Bool {
        if context.covers(other.dot) || line.covers(other.dot) { return true }
        if other.isRelease, line.covers(other.own) || other.isReturned && context.covers(other.own) { return true }
        if replaced.contains(other.own) { return true }
        return other.isFix && line.covers(other.place) && other.ownLine.covers(place)
    }
}

extension ServerSnapshot {
    /// The line of a dot: what its author cannot but have seen (causality.md §2).
    func line(of dot: Dot) throws -> VersionVector { try lineage(of: dot.actor).line(of: dot) }

    /// Where a change-set stands whose writes stand under `dot`.
    ///
    /// - Complexity: O(fixes of fixes).
    func placement(of dot: Dot, _ changeSet: ChangeSet) throws -> Placement {
        let own = dot.actor.releasedDot ?? dot
        let line = try line(of: own)
        let replaced = try fixed(by: changeSet).map(\.dot)
        let root = replaced.last
        return Placement(
            dot: dot, own: own, place: root ?? own, line: try root.map(self.line(of:)) ?? line, ownLine: line,
            replaced: replaced, isReturned: try own != dot && isReturn(own))
    }

    /// Whether an earlier life of the store had applied what is held in this one, or was (``Rejection/isReturn``).
    func isReturn(_ dot: Dot) throws -> Bool { try logEntry(dot)?.verdict.rejection?.isReturn ?? false }

    /// The change-sets in whose place a fix stands: what it fixes, what that one fixes, and so on; empty for an ordinary one.
    ///
    /// It ends early where one never came, or does not lie in the line of what fixes it.
    func fixed(by changeSet: ChangeSet) throws -> [LogEntry] {
        var chain: [LogEntry] = []
        var (dot, fixes) = (changeSet.dot.actor.releasedDot ?? changeSet.dot, changeSet.fixes)
        while let digest = fixes, let target = try self.dot(withDigest: digest, below: dot),
            let entry = try logEntry(target)
        {
            chain.append(entry)
            (dot, fixes) = (target, try entry.changeSet()?.fixes)
        }
        return chain
    }
}

extension ServerSnapshot {
    /// The other names under which the log has the change-set with this dot: a fork renamed it.
    func sameNames(of dot: Dot) throws -> [Dot] {
        guard !dot.actor.isRelease, let digest = try logEntry(dot)?.digest else { return [] }
        return try otherNames(of: dot).filter { try logEntry($0)?.digest == digest }
    }
}

extension ServerSnapshot {
    /// The other names under which the log has what stands at a place.
    fileprivate func otherNames(of placement: Placement) throws -> [Dot] {
        guard let digest = try placement.digest ?? logEntry(placement.own)?.digest else { return [] }
        return try otherNames(of: placement.own).filter { try logEntry($0)?.digest == digest }
    }
}

extension ServerTransaction {
    /// Entries of the log, and behind them those that are the same under other names: only a store that was restored has such.
    func withOtherNames(_ entries: [LogEntry]) throws -> [LogEntry] {
        guard isRestored else { return entries }
        return try entries + entries.flatMap { try snapshot.sameNames(of: $0.dot).compactMap(snapshot.logEntry) }
    }

    /// Applies one record's part in its place: what its author had seen goes, and what others wrote who had seen it stays.
    ///
    /// - Complexity: O(writes × siblings) for work that comes in its turn; O(change-sets of the record since its place) else.
    func apply(
        _ change: RecordChange, at placement: Placement, time: Timestamp, to record: inout StoredRecord
    ) throws {
        var late = LateRule()
        if placement.isOutOfTurn {
            // In a store that was restored, who had seen it may have come back before it.
            let since = try isRestored ? 0 : snapshot.parkedWork(placement.place)?.position ?? 0
            // Who had seen it under another name had seen it.
            let names = try isRestored ? snapshot.otherNames(of: placement) : []
            try snapshot.forEachPart(of: record, after: since) { entry in
                guard let changeSet = try entry.changeSet(),
                    let other = changeSet.changes.first(where: { $0.record == record.id })
                else { return true }
                let author = try snapshot.placement(of: entry.dot, changeSet)
                let hadSeen =
                    author.hadSeen(placement, context: other.context)
                    || names.contains { author.line.covers($0) || other.context.covers($0) }
                if hadSeen { late.insert(other, dot: entry.dot) }
                return true
            }
        }
        let seen = try seenDots(of: change, at: placement, in: record.state)
        record.state.apply(
            change, dot: placement.dot, time: time, line: placement.line, seenDots: seen, late: late)
    }

    /// The standing dots that the author had seen though no vector of his covers them: released work and fixes of his line.
    private func seenDots(of change: RecordChange, at placement: Placement, in state: RecordState) throws -> [Dot] {
        // Most records know of no release, and most work comes in its turn: nothing is looked through then.
        guard placement.isOutOfTurn || isRestored || state.context.entries.contains(where: \.actor.isRelease) else {
            return []
        }
        var seen: [Dot] = []
        for dot in state.life.map(\.dot) + state.fields.flatMap(\.state.dots) where dot != placement.dot {
            if placement.line.covers(dot) || change.context.covers(dot) { continue }
            if let released = dot.actor.releasedDot,
                try placement.line.covers(released)
                    || isRestored && change.context.covers(released) && snapshot.isReturn(released)
            {
                seen.append(dot)
                continue
            }
            if isRestored,
                try snapshot.sameNames(of: dot.actor.releasedDot ?? dot).contains(where: {
                    placement.line.covers($0) || change.context.covers($0) || placement.replaced.contains($0)
                })
            {
                seen.append(dot)
                continue
            }
            // A fix under its own dot can stand at an earlier place only for one that comes late itself.
            guard placement.isOutOfTurn, let entry = try snapshot.logEntry(dot), let changeSet = try entry.changeSet()
            else { continue }
            let other = try snapshot.placement(of: dot, changeSet)
            if placement.hadSeen(other, context: change.context) { seen.append(dot) }
        }
        return seen
    }
}
