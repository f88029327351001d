import SatchelStorage
import SatchelSync

// How parked work comes back by its author's hand (causality.md §4).
extension Editor {
    /// Seals an edit that stands in the place of a parked change-set, and puts it into the queue; one without changes discards it.
    ///
    /// Its author had seen then what he had seen when he made the parked one, and no more: of a record that it did not touch that is
    /// his own line.
    ///
    /// - Throws: `SatchelError`; nothing is changed then. `already_reissued` where it is a fix itself that came too late: whatever
    ///   stood in its place would be refused as it was.
    func fix(_ target: OwnChangeSet, label: String, changes: [DraftChange]) throws -> EditOutcome {
        if !changes.isEmpty, target.rejection?.code == SatchelError.Code.alreadyReissued.word {
            let name = target.changeSet.dot.shortDescription
            throw SatchelError(
                .alreadyReissued, "What change-set \(name) fixes has entered the store.",
                remedy: "Edit the record as it stands now, and discard the change-set.")
        }
        let identity = try transaction.identity()
        let seen = Dictionary(target.changeSet.changes.map { ($0.record, $0.context) }) { first, _ in first }
        let counter = (try transaction.newestOwn(of: identity.actor)?.counter ?? 0) + 1
        guard counter <= Limits.counterMax else {
            throw SatchelError(.tooLarge, "This device has used up its counters.", remedy: "Enrol it anew.")
        }
        let now = clock.now()
        let changeSet = Draft(label: label, fixes: target.digest, changes: changes).sealed(
            dot: Dot(identity.actor, counter), author: identity.user, time: now,
            schemaVersion: transaction.schema.version, line: identity.lineage.line(of: target.place)
        ) { seen[$0] ?? VersionVector() }
        do {
            try ChangeSet.validate(byteCount: changeSet.canonicalBytes.count)
            try changeSet.validate(against: transaction.schema)
        } catch {
            throw error.error
        }
        let offset = try transaction.exchangeFacts().clockOffsetMilliseconds
        let own = try transaction.append(
            changeSet, by: identity,
            estimatedTime: Timestamp(milliseconds: now.milliseconds + offset), rejection: nil, fixing: target)
        return EditOutcome(own.changeSet.dot, changes, in: transaction.schema)
    }

    /// The own change-set that may be fixed: it is parked, and nothing stands in its place.
    ///
    /// - Throws: `SatchelError` `invalid_request`, `already_reissued`.
    func parkedWork(_ dot: Dot) throws -> OwnChangeSet {
        guard let own = try transaction.ownChangeSet(dot) else {
            throw SatchelError(
                .invalidRequest, "This device made no change-set \(dot).", remedy: "Take the name from `queue list`.")
        }
        if own.state == .reissued || own.isParked && !own.isInOverlay {
            throw SatchelError(
                .alreadyReissued, "Change-set \(dot) was released, fixed or discarded before.",
                remedy: "Edit the record as it stands now, or fix the change-set that stands in its place.")
        }
        guard own.isParked else {
            throw SatchelError(
                .invalidRequest, "Change-set \(dot) is \(own.state.word), not parked.",
                remedy: "Only parked work is fixed or discarded; edit the record instead.")
        }
        return own
    }
}
