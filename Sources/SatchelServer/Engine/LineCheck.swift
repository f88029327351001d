import SatchelStorage
import SatchelSync
import SatchelWire

/// How a request stands to the lines of its device (causality.md §6).
enum LineStanding {
    /// It goes on with the line. Of what it pushes, these are in the log; `isTokenCurrent` says whether it shows the token in
    /// force, and not the one before, since the last reply was lost.
    case goesOn(DeviceLine, Frontier, known: [LogEntry], isTokenCurrent: Bool)
    /// A line begins that was forked there; the digest is what its first change-set goes on from.
    case begins(ForkPoint, firstDigest: [UInt8])
    /// It was forked there and has made nothing since, or gives back what is older before it sends that.
    case isUnnamed
    /// Somebody else went on with the line, and all that it pushes is in the log: where they part is told by what comes next.
    case isBehind(known: [LogEntry])
    /// Somebody else went on with the line, or it was not its own any more: it has to go on as another, from there.
    case isForked(ForkPoint, known: [LogEntry])
}

/// Finds out how a request stands to the lines of its device.
struct LineCheck<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    let request: SyncRequest
    let device: DeviceAccount
    let presence: DevicePresence
    /// The present life of the store.
    let epoch: StoreEpoch

    /// Checks counters, digests and the fork token.
    ///
    /// - Throws: ``ExchangeFailure`` `dot_gap` where the device holds confirmed change-sets that the store does not have;
    ///   `fork_detected` where the store has others in their place, which no copy explains; `SatchelError` `actor_mismatch`.
    /// - Complexity: O(change-sets of the push that are in the log).
    func standing() throws -> LineStanding {
        guard request.epoch == epoch else { return try returning() }
        guard let line = try snapshot.line(of: request.actor) else { return try beginning() }
        guard line.device == device.key else { throw strangeActor }
        // An actor belongs to one life of the store.
        guard try line.epoch == snapshot.epochStanding().number else { return try returning() }
        let frontier = try snapshot.frontier(of: request.actor)
        try requireConfirmed(upTo: frontier)
        try request.requireLine(after: frontier, by: device.user)
        let known = try knownChangeSets(upTo: frontier)
        // The first of the push that is in the log and is another one there, or the first that is not.
        let isOther = known.count < request.changeSets.count { $0.changeSet.dot.counter <= frontier.counter }
        let isTokenCurrent = Hashing.areEqual(request.forkToken, line.forkToken.current)
        let isForked =
            isOther || request.wantsFork || frontier.counter > request.highestCounter
            || !isTokenCurrent && !isPreviousHonoured(of: line)
        guard isForked else {
            return .goesOn(line, frontier, known: known, isTokenCurrent: isTokenCurrent)
        }
        let shared = max(known.last?.dot.counter ?? 0, request.confirmed?.counter ?? 0)
        let mayShareMore = !isOther && shared < min(frontier.counter, request.highestCounter)
        if mayShareMore, !known.isEmpty { return .isBehind(known: known) }
        return .isForked(ForkPoint(actor: request.actor, counter: shared), known: known)
    }

    /// A device of an earlier life of the store: it goes on as another from the last of its change-sets that was confirmed, or
    /// that the store has too (causality.md §7).
    ///
    /// What it never had confirmed may have been used again by a copy under the same dot, and gets a new one.
    private func returning() throws -> LineStanding {
        let frontier = try snapshot.frontier(of: request.actor)
        if let line = try snapshot.line(of: request.actor) {
            guard line.device == device.key else { throw strangeActor }
            if let confirmed = request.confirmed, confirmed.counter <= frontier.counter,
                try snapshot.logEntry(Dot(request.actor, confirmed.counter))?.digest != confirmed.digest
            {
                throw ExchangeFailure.fork("change-set \(confirmed.counter) is another one than the server has")
            }
        } else if request.fork == nil {
            throw strangeActor
        }
        let known = try knownChangeSets(upTo: frontier)
        let shared = max(known.last?.dot.counter ?? 0, request.confirmed?.counter ?? 0)
        guard shared == 0, let point = request.fork else {
            return .isForked(ForkPoint(actor: request.actor, counter: shared), known: known)
        }
        return .isForked(point, known: known)
    }

    /// A line that the store does not know: it must follow from one that it does know, or that the device proves to be its own.
    private func beginning() throws -> LineStanding {
        let claims = LineClaims(snapshot: snapshot, request: request, device: device)
        guard let point = request.fork, try claims.isOwn(point.actor) else { throw strangeActor }
        if request.wantsFork { return .isForked(point, known: []) }
        guard let first = request.changeSets.first?.changeSet else {
            guard request.actor == .unnamed(at: point, in: request.epoch) || claims.isProved(request.actor, at: point)
            else { throw strangeActor }
            return .isUnnamed
        }
        guard let digest = try claims.digest(at: point, of: request.actor) else { throw strangeActor }
        try request.requireLine(after: .none, by: device.user)
        let firstDigest = Hashing.changeSetDigest(canonicalBytes: first.canonicalBytes, previous: digest)
        guard request.actor == .forked(at: point, in: request.epoch, first: firstDigest) else { throw strangeActor }
        return .begins(point, firstDigest: digest)
    }

    /// The digest of a line up to a point; `nil` where the store has not come so far.
    private func digest(at point: ForkPoint) throws -> [UInt8]? {
        guard point.counter > 0 else { return try snapshot.firstDigest(of: point.actor) }
        return try snapshot.logEntry(Dot(point.actor, point.counter))?.digest
    }

    private func requireConfirmed(upTo frontier: Frontier) throws {
        guard let confirmed = request.confirmed else { return }
        guard confirmed.counter <= request.highestCounter else {
            throw SatchelError(
                .invalidRequest,
                "The request has a verdict on \(confirmed.counter), above its highest counter \(request.highestCounter).",
                remedy: "Nothing was stored; sync again.")
        }
        guard confirmed.counter <= frontier.counter else {
            throw ExchangeFailure.dotGap(next: frontier.counter + 1)
        }
        let digest =
            try confirmed.counter == frontier.counter
            ? frontier.digest : snapshot.logEntry(Dot(request.actor, confirmed.counter))?.digest
        guard digest == confirmed.digest else {
            throw ExchangeFailure.fork("change-set \(confirmed.counter) is another one than the server has")
        }
    }

    /// What the log has of the push, up to the first that is another one there.
    private func knownChangeSets(upTo frontier: Frontier) throws -> [LogEntry] {
        var known: [LogEntry] = []
        for offered in request.changeSets {
            let dot = offered.changeSet.dot
            guard dot.counter <= frontier.counter else { break }
            guard let entry = try snapshot.logEntry(dot) else {
                throw SatchelError(.damagedData, "Change-set \(dot) is below the frontier and not in the log.")
            }
            guard try entry.digest == offered.digest ?? recomputed(offered.changeSet) else { break }
            known.append(entry)
        }
        return known
    }

    /// The digest of a change-set at or below the frontier, over that of the one before it as the store has it.
    private func recomputed(_ changeSet: ChangeSet) throws -> [UInt8] {
        let before = ForkPoint(actor: changeSet.dot.actor, counter: changeSet.dot.counter - 1)
        return Hashing.changeSetDigest(
            canonicalBytes: changeSet.canonicalBytes, previous: try digest(at: before) ?? [])
    }

    /// Whether it shows the token before the one in force, and nobody has shown that one.
    private func isPreviousHonoured(of line: DeviceLine) -> Bool {
        let token = line.forkToken
        return !token.isCurrentUsed && !presence.hasUsed(token.current, by: line.actor)
            && Hashing.areEqual(request.forkToken, token.previous)
    }

    private var strangeActor: SatchelError {
        SatchelError(
            .actorMismatch, "Actor \(request.actor) is not one of this device.",
            remedy: "Use the credential that the home was enrolled with.")
    }
}

extension SyncRequest {
    /// The change-sets must be the device's own, in order and without gaps, and begin no later than the next one wanted.
    fileprivate func requireLine(after frontier: Frontier, by user: String) throws {
        guard let first = changeSets.first?.changeSet.dot.counter else { return }
        guard first <= frontier.counter + 1 else { throw ExchangeFailure.dotGap(next: frontier.counter + 1) }
        for (index, offered) in changeSets.enumerated() {
            let changeSet = offered.changeSet
            guard changeSet.dot.actor == actor else {
                throw SatchelError(
                    .actorMismatch, "Change-set \(changeSet.dot) is not one of actor \(actor).",
                    remedy: "A device sends its own change-sets only.")
            }
            guard changeSet.author.utf8.elementsEqual(user.utf8) else {
                throw SatchelError(
                    .actorMismatch, "Change-set \(changeSet.dot) was made by another user than \"\(user)\".",
                    remedy: "Each user has a home of their own; sync from the one that the edit was made in.")
            }
            guard changeSet.dot.counter == first + UInt64(index) else {
                throw ExchangeFailure.dotGap(next: max(frontier.counter, first + UInt64(index) - 1) + 1)
            }
        }
        guard first + UInt64(changeSets.count) - 1 <= highestCounter else {
            throw SatchelError(
                .invalidRequest, "The request offers change-sets above its highest counter \(highestCounter).",
                remedy: "Nothing was stored; sync again.")
        }
    }
}
