import GRDB
package import SatchelSync

// How a replica goes on as a new actor (causality.md §6).
extension ReplicaTransaction {
    /// Leaves the present actor's line at `point`: what it made above gets new dots, and keeps its order, digests and contexts.
    ///
    /// The new actor is named by its first change-set, and so has no name until there is one. It has no fork token to show yet, and
    /// what is staged was read as the old one.
    ///
    /// - Returns: How many change-sets have another name now.
    /// - Throws: ``SatchelError`` `unknown_answer` where the point is none of this replica's line.
    /// - Complexity: O(change-sets above the point, and what stands in the overlay of their records).
    /// `epoch` is another than the present one where the server was restored.
    @discardableResult package func fork(at point: ForkPoint, in epoch: StoreEpoch? = nil) throws -> Int {
        try flush()
        var identity = try meta.identity()
        var facts = try meta.exchangeFacts()
        guard let lineage = identity.lineage.forked(at: point, from: identity.actor),
            let digest = try digest(at: point, identity)
        else {
            throw SatchelError(
                .unknownAnswer, "The server's answer forks this replica at \(point), where it never was.",
                remedy: "Everything is kept; it is tried again later.", isTransient: true)
        }
        let last = point.actor == identity.actor ? point.counter : 0
        let present = facts.epoch
        let epoch = epoch ?? present
        let above = try ownChangeSets(of: identity.actor, above: last)
        let actor =
            above.first.map { ActorID.forked(at: point, in: epoch, first: $0.digest) }
            ?? .unnamed(at: point, in: epoch)
        if !above.isEmpty {
            try db.execute(
                sql: "UPDATE satchel_change_set SET actor = ?, counter = counter - ? WHERE actor = ? AND counter > ?",
                arguments: [
                    try actors.key(of: actor, db), Int64(last), try actors.key(of: identity.actor, db), Int64(last),
                ])
        }
        if last > 0 { identity.formerLines.append(FormerOrigin(actor: identity.actor, fork: identity.fork)) }
        let renamed = identity.fork?.renamedThrough ?? 0
        identity.actor = actor
        identity.lineage = lineage
        identity.fork = ForkOrigin(
            point: point, digest: digest, isNamed: !above.isEmpty, epoch: epoch,
            renamedThrough: epoch != present ? UInt64(above.count) : renamed > last ? renamed - last : 0)
        try meta.setIdentity(identity)
        facts.forkToken = []
        try meta.setExchangeFacts(facts)
        // An older file may have come in parts, such as a write-ahead log beside a newer database: base is fetched anew.
        if case .isOlder = try meta.doubt()?.reason { try meta.set(.isBaseLost, 1) }
        try meta.setDoubt(nil)
        try dropStaged()
        for record in Set(above.flatMap { $0.changeSet.changes.map(\.record) }).sorted() {
            try rebuild(record, lineage: lineage)
        }
        return above.count
    }

    /// Who the replica is once its first change-set after a fork has this digest; the same where it has its name.
    func named(_ identity: ReplicaIdentity, first digest: [UInt8]) throws -> ReplicaIdentity {
        guard let fork = identity.fork, !fork.isNamed else { return identity }
        var named = identity
        named.actor = .forked(at: fork.point, in: try meta.exchangeFacts().epoch, first: digest)
        // What was read under the name that stood for none may rest an edit still.
        named.lineage = Lineage(
            ancestors: identity.lineage.ancestors + [ForkPoint(actor: identity.actor, counter: 0)])
        named.fork?.isNamed = true
        try meta.setIdentity(named)
        return named
    }

    /// The digest of this replica's line up to a point; empty where nothing lies before it.
    private func digest(at point: ForkPoint, _ identity: ReplicaIdentity) throws -> [UInt8]? {
        if point == identity.fork?.point { return identity.fork?.digest }
        guard point.counter > 0 else { return point.actor == identity.actor ? identity.fork?.digest ?? [] : nil }
        return try ownDigest(of: Dot(point.actor, point.counter))
    }
}
