import SatchelStorage
import SatchelSync
import SatchelWire

/// The lines that a device says it has: those that the store has no memory of, since they began after the backup that it was
/// restored from, are taken on proof (causality.md §7).
struct LineClaims<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    let request: SyncRequest
    let device: DeviceAccount

    /// The claim on an actor that the store does not know; `nil` where there is none.
    func claim(of actor: ActorID) -> LineClaim.Origin? { request.lines.first { $0.actor == actor }?.origin }

    /// Whether an actor is a line of the device, by the store's word or by a claim that is proved.
    func isOwn(_ actor: ActorID) throws -> Bool {
        if let line = try snapshot.line(of: actor) { return line.device == device.key }
        guard let origin = claim(of: actor), isProved(actor, origin), origin.point.actor != actor else { return false }
        // The lines are named the oldest first, so this ends.
        guard let place = request.lines.firstIndex(where: { $0.actor == actor }),
            try snapshot.line(of: origin.point.actor) != nil
                || request.lines[..<place].contains(where: { $0.actor == origin.point.actor })
        else { return false }
        return try isOwn(origin.point.actor)
    }

    /// Whether the request proves the name of an actor that was forked at `point` in the present life of the store.
    func isProved(_ actor: ActorID, at point: ForkPoint) -> Bool {
        guard let origin = claim(of: actor), origin.point == point, origin.epoch == request.epoch else { return false }
        return isProved(actor, origin)
    }

    /// The name of a forked actor is a hash of where it was forked and of its first change-set: nobody else's can be claimed.
    private func isProved(_ actor: ActorID, _ origin: LineClaim.Origin) -> Bool {
        actor == .forked(at: origin.point, in: origin.epoch, first: origin.firstDigest)
    }

    /// The digest of a line up to a point; `nil` where neither the store nor the device says.
    func digest(at point: ForkPoint, of actor: ActorID) throws -> [UInt8]? {
        if point.counter == 0 {
            if try snapshot.line(of: point.actor) != nil { return try snapshot.firstDigest(of: point.actor) }
            return claim(of: point.actor)?.digest
        }
        if let known = try snapshot.logEntry(Dot(point.actor, point.counter))?.digest { return known }
        guard let line = try snapshot.line(of: point.actor), try line.epoch < snapshot.epochStanding().number else {
            return try snapshot.line(of: point.actor) == nil ? claim(of: actor)?.digest : nil
        }
        return claim(of: actor)?.digest
    }

    /// How far the store has come with each line that the request names and that is the device's.
    func frontiers() throws -> [LineFrontier] {
        try request.lines.filter { try isOwn($0.actor) }.map {
            LineFrontier(actor: $0.actor, counter: try snapshot.frontier(of: $0.actor).counter)
        }
    }
}

extension ServerTransaction {
    /// Keeps the lines that a request claims and the store has no memory of, so that what was made in them can be taken.
    func register(_ request: SyncRequest, of device: DeviceAccount, at now: Timestamp) throws {
        let claims = LineClaims(snapshot: snapshot, request: request, device: device)
        for line in request.lines {
            guard let origin = line.origin, try snapshot.line(of: line.actor) == nil, origin.epoch != request.epoch,
                try claims.isOwn(line.actor)
            else { continue }
            try setName(ActorName(user: device.user, device: device.name), of: line.actor)
            try addLine(
                DeviceLine(
                    actor: line.actor, device: device.key, fork: origin.point, forkToken: .ofFork(), beganAt: now,
                    epoch: try snapshot.number(of: origin.epoch)),
                firstDigest: origin.digest)
        }
    }
}
