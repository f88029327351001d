import SatchelStorage
import SatchelSync
import SatchelWire

/// Joins states that devices have from an earlier life of the store with what stands (causality.md §7).
struct StateIntake<Transaction: ServerTransaction> {
    let transaction: Transaction
    let schema: Schema
    let identity: StoreIdentity
    let device: DeviceAccount
    let now: Timestamp
    /// Where a join may throw what nobody foresaw: that record is left out.
    let guardian: MergeGuard<Transaction>

    /// Joins them, as one entry of the log; nothing where none says anything new.
    ///
    /// A state of a type that the schema lacks, or of a record that is of another type here, is left out.
    func take(_ states: OfferedStates) throws {
        for entry in states.actors where try transaction.snapshot.name(of: entry.actor) == nil {
            try transaction.setName(ActorName(user: entry.user, device: entry.device), of: entry.actor)
        }
        let frontier = try transaction.snapshot.frontier(of: identity.actor)
        var joinedCount = 0
        var seen: Set<RecordID> = []
        let dot = Dot(identity.actor, frontier.counter + 1)
        for offered in states.records where seen.insert(offered.record).inserted {
            if try guardian.run(dot, { try join(offered) }) == true { joinedCount += 1 }
        }
        guard joinedCount > 0 else { return }
        let changeSet = ChangeSet(
            dot: dot, label: "recovered \(joinedCount) records",
            author: device.user, time: now, schemaVersion: schema.version, fixes: nil, changes: [])
        let bytes = changeSet.canonicalBytes
        let merger = Merger(transaction: transaction, schema: schema)
        _ = try merger.take(
            changeSet, bytes: bytes,
            digest: Hashing.changeSetDigest(canonicalBytes: bytes, previous: frontier.digest),
            at: try transaction.snapshot.placement(of: changeSet.dot, changeSet), parked: nil,
            origin: Origin(device: device.name, clock: nil, now: now))
    }

    /// Joins one; whether it said anything new.
    private func join(_ offered: RecordDelta) throws -> Bool {
        guard schema.type(offered.type) != nil,
            try transaction.type(of: offered.record).map({ $0 == offered.type }) ?? true
        else { return false }
        var record = try transaction.recordOrNew(offered.record, type: offered.type)
        let before = record.state
        try transaction.join(offered.state, to: &record)
        guard record.state != before else { return false }
        try transaction.save(record)
        try transaction.flush()
        try transaction.keepJoined(offered.state, of: record, device: device.key)
        return true
    }
}

extension ServerTransaction {
    /// Joins a state, its pairs under the late rule: what somebody wrote who had seen them stays alone.
    ///
    /// Pairs that are here under another name are left out, and the `x*` of an x that was fixed here.
    func join(_ offered: RecordState, to record: inout StoredRecord) throws {
        let new = Set(offered.dots).filter { !record.state.context.covers($0) }
        var out: Set<Dot> = []
        var covered: [Dot: LateRule] = [:]
        for dot in new {
            if try isHereOtherwise(dot) { out.insert(dot) }
        }
        let own = new.subtracting(out)
        if !own.isEmpty {
            try snapshot.forEachPart(of: record, after: 0) { entry in
                guard let changeSet = try entry.changeSet(),
                    let change = changeSet.changes.first(where: { $0.record == record.id })
                else { return true }
                let author = try snapshot.placement(of: entry.dot, changeSet)
                for dot in own where author.hadSeen(Placement(of: dot), context: change.context) {
                    covered[dot, default: LateRule()].insert(change, dot: entry.dot)
                }
                return true
            }
        }
        record.state.formJoin(offered, leavingOut: out, late: covered)
    }

    private func isHereOtherwise(_ dot: Dot) throws -> Bool {
        if let released = dot.actor.releasedDot {
            // Its place is taken: released here, or fixed.
            return try snapshot.parkedWork(released)?.reissuedAs != nil
        }
        if let entry = try snapshot.logEntry(dot) {
            return entry.verdict.rejection?.isDuplicate == true
        }
        return false
    }
}

extension Placement {
    /// A change-set of which nothing is known but its dot.
    fileprivate init(of dot: Dot) {
        let own = dot.actor.releasedDot ?? dot
        self.init(dot: dot, own: own, place: own, line: VersionVector(), ownLine: VersionVector())
    }
}

extension RecordState {
    /// Every dot that stands in it.
    var dots: [Dot] { life.map(\.dot) + fields.flatMap(\.state.dots) }
}
