import SatchelStorage
public import SatchelSync

// Parked work, as its author sees, fixes and discards it.
extension Replica {
    /// The own change-sets that are parked and that nothing stands in the place of, in own order.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    public func parkedWork() throws -> [QueuedWork] {
        try reading { try $0.ownChangeSets(.parked).map($0.queuedWork) }
    }

    /// The own change-sets that wait for a verdict or are parked, in own order.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    public func queuedWork() throws -> [QueuedWork] {
        try reading { try $0.ownChangeSets(.inOverlay).map($0.queuedWork) }
    }

    /// One own change-set with what it changes, whatever became of it.
    ///
    /// - Throws: `SatchelError` `invalid_request` where this device made none of this name.
    public func ownWork(_ dot: Dot) throws -> (work: QueuedWork, changeSet: ChangeSet) {
        try reading { transaction in
            guard let own = try transaction.ownChangeSet(dot) else {
                throw SatchelError(
                    .invalidRequest, "This device made no change-set \(dot).",
                    remedy: "Take the name from `queue list`.")
            }
            return (try transaction.queuedWork(own), own.changeSet)
        }
    }

    /// Puts new writes in the place of a parked change-set, as one atomic edit that is queued for the next exchange.
    ///
    /// It counts as made where the parked one was: its author's own later edits of the same field win over it. Where it creates no
    /// record that the parked one would have created, what waits for that record waits on.
    ///
    /// - Throws: `SatchelError` `already_reissued` where it came back before, `invalid_request`, and what the schema forbids.
    public func fix(_ dot: Dot, changes: [DraftChange], label: String = "fix") throws -> EditOutcome {
        guard !changes.isEmpty else {
            throw SatchelError(
                .invalidRequest, "The fix of \(dot) writes nothing.",
                remedy: "Name at least one field, or discard the change-set.")
        }
        return try reissue(dot, label: label) { _ in changes }
    }

    /// Gives up a parked change-set: its writes are gone from the tables, and the ledger keeps its line.
    ///
    /// What waits for a record that it would have created waits on.
    ///
    /// - Throws: `SatchelError` `already_reissued` where it came back before, `invalid_request`.
    public func discard(_ dot: Dot) throws -> EditOutcome {
        try reissue(dot, label: "discard") { _ in [] }
    }

    /// Gives up several parked change-sets at once, or none.
    ///
    /// - Throws: `SatchelError` as the discard of one does.
    /// - Returns: What each discard did, in their order.
    public func discard(_ dots: [Dot]) throws -> [EditOutcome] {
        try withTurn(purpose: "discard") { store in
            try store.write { transaction in
                let editor = Editor(transaction, clock: clock)
                return try dots.map { try editor.fix(editor.parkedWork($0), label: "discard", changes: []) }
            }
        }
    }

    /// Offers a parked change-set anew as it is, under a dot of its own: the rule that it broke may be another one today, or the record that it needs be there.
    ///
    /// It is a fix that writes the same.
    ///
    /// - Throws: `SatchelError` `already_reissued` where it came back before, `invalid_request`, and what the schema forbids.
    public func retry(_ dot: Dot) throws -> EditOutcome {
        try reissue(dot, label: "retry") { target in
            guard !target.changeSet.changes.isEmpty else {
                throw SatchelError(
                    .invalidRequest, "Change-set \(dot) discards another, and there is nothing to offer anew.",
                    remedy: "Discard what it would have discarded.")
            }
            return target.changeSet.changes.map { change in
                DraftChange(type: change.type, record: change.record, life: change.life, writes: change.writes)
            }
        }
    }

    /// The own change-sets, pending or parked, that need a record which a parked one would have made, and those that need what these
    /// make: in own order.
    ///
    /// - Throws: `SatchelError` `invalid_request` where this device made none of this name.
    /// - Complexity: O(change-sets that are pending or parked).
    public func workNeeding(_ dot: Dot) throws -> [QueuedWork] {
        let (_, changeSet) = try ownWork(dot)
        return try reading { transaction in
            var missing = Set(changeSet.changes.filter { $0.life == .create }.map(\.record))
            missing = try missing.filter { id in
                // What the server has under this name is there whatever becomes of this.
                try transaction.record(id)?.confirmed.life.isEmpty ?? true
            }
            guard !missing.isEmpty else { return [] }
            var needing: [QueuedWork] = []
            var isBehind = false
            for own in try transaction.ownChangeSets(.inOverlay) {
                if own.changeSet.dot == dot { isBehind = true }
                guard isBehind, own.changeSet.dot != dot, own.changeSet.needs(missing) else { continue }
                needing.append(try transaction.queuedWork(own))
                missing.formUnion(own.changeSet.changes.filter { $0.life == .create }.map(\.record))
            }
            return needing
        }
    }

    /// Fixes a parked change-set by its own writes, with some fields of one record given other values.
    ///
    /// `record` is an id, or an ending of one, of the records that it touches; `nil` where it touches one only.
    ///
    /// - Throws: `SatchelError` as ``fix(_:changes:label:)`` does, `ambiguous_id` and `unknown_record`.
    package func fix(_ dot: Dot, record text: String?, assignments: [Assignment]) throws -> EditOutcome {
        try withTurn(purpose: "fix") { store in
            try store.write { transaction in
                let editor = Editor(transaction, clock: clock)
                let target = try editor.parkedWork(dot)
                let record = try Self.record(text, of: target)
                let changes = try target.changeSet.changes.map { change in
                    var writes = change.writes
                    if change.record == record, let type = transaction.schema.type(change.type) {
                        try type.requireNotComputed(assignments)
                        let given = try transaction.writes(assignments, type: type, at: clock.now())
                        writes.removeAll { old in given.contains { $0.field == old.field } }
                        writes += given
                        if type.name == CheckInRow.typeName, change.life == .create {
                            writes = try transaction.judgedAnew(writes, type: type, at: clock.now())
                        }
                    }
                    return DraftChange(type: change.type, record: change.record, life: change.life, writes: writes)
                }
                return try editor.fix(target, label: "fix", changes: changes)
            }
        }
    }

    private static func record(_ text: String?, of target: OwnChangeSet) throws -> RecordID {
        let records = target.changeSet.changes.map(\.record)
        let named = text.map { text in records.filter { $0.description.hasSuffix(text.lowercased()) } } ?? records
        guard let first = named.first, named.count == 1 else {
            throw SatchelError(
                named.isEmpty ? .unknownRecord : .ambiguousID,
                "Change-set \(target.changeSet.dot) touches \(Counted.text(records.count, "record")), of which \(named.count) \(named.count == 1 ? "is" : "are") meant.",
                remedy: "Name one of them by its id, as `queue show` prints it.")
        }
        return first
    }

    private func reissue(
        _ dot: Dot, label: String, _ changes: (OwnChangeSet) throws -> [DraftChange]
    ) throws -> EditOutcome {
        try withTurn(purpose: label) { store in
            try store.write { transaction in
                let editor = Editor(transaction, clock: clock)
                let target = try editor.parkedWork(dot)
                return try editor.fix(target, label: label, changes: try changes(target))
            }
        }
    }
}

extension ChangeSet {
    /// Whether it touches one of these records without making it, or refers to one.
    fileprivate func needs(_ records: Set<RecordID>) -> Bool {
        let made = Set(changes.filter { $0.life == .create }.map(\.record))
        return changes.contains { change in
            let named = (change.life == .create ? [] : [change.record]) + change.references
            return named.contains { records.contains($0) && !made.contains($0) }
        }
    }
}
