import SatchelInspection
package import SatchelStorage
package import SatchelSync

/// The rules under which an edit is taken on the replica where it is made, and its sealing (design §3, causality.md §2).
package struct Editor {
    let transaction: ReplicaTransaction
    let clock: any WallClock

    package init(_ transaction: ReplicaTransaction, clock: any WallClock) {
        self.transaction = transaction
        self.clock = clock
    }

    /// Checks an edit, gives it its dot and context, and puts it into the queue and the effective state.
    ///
    /// - Throws: `SatchelError`; nothing is changed then.
    package func commit(_ draft: Draft, options: EditOptions = EditOptions()) throws -> EditOutcome {
        guard !draft.changes.isEmpty else {
            throw SatchelError(.invalidRequest, "The edit changes nothing.", remedy: "Name at least one field.")
        }
        let changes = try withCascades(draft.changes)
        var settled: [SettledField] = []
        do {
            for change in changes {
                try checkLife(of: change)
                settled += try checkConflicts(of: change, settles: options.settles)
                try check(change, beside: changes)
            }
        } catch let violation as Violation {
            throw violation.error
        }
        let own = try seal(draft.replacing(changes: changes), rejection: nil)
        return EditOutcome(own.changeSet.dot, changes, in: transaction.schema, settled: settled)
    }

    /// Whether a record may be made, edited, deleted or revived as it stands here.
    private func checkLife(of change: DraftChange) throws {
        let status = try transaction.status(of: change.record)
        let type = transaction.schema.type(change.type)
        let name = "\(type?.name ?? "Record") \(change.record)"
        if let record = try transaction.record(change.record), record.type != change.type {
            let found = transaction.schema.type(record.type)
            if change.life != .create, let found, let type {
                throw SatchelError.otherType(change.record, is: found, not: type)
            }
            throw SatchelError(
                .recordExists, "Record \(change.record) exists already, of type \(found?.name ?? "unknown").",
                remedy: "Make it under another id.")
        }
        switch (change.life, status) {
        case (.create, .absent): return
        case (.create, .deleted):
            throw SatchelError(.recordExists, "\(name) was deleted.", remedy: "Revive it instead of making it anew.")
        case (.create, _):
            throw SatchelError(.recordExists, "\(name) exists already.", remedy: "Edit it with `set`.")
        case (_, .absent):
            throw SatchelError(
                .unknownRecord, "\(name) is not on this device.", remedy: "Take the id from `list`, or sync first.")
        case (nil, .deleted), (.delete, .deleted):
            throw SatchelError(
                .recordDeleted, "\(name) is deleted.", remedy: "Revive it first; its values are kept.")
        case (.revive, .alive):
            throw SatchelError(.recordExists, "\(name) is not deleted.", remedy: "Edit it with `set`.")
        default: return
        }
    }

    /// Refuses to write a field whose conflict a person must decide, unless the edit rests on a read of its values or says that
    /// it settles them; tells which values an edit covers.
    private func checkConflicts(of change: DraftChange, settles: Bool) throws -> [SettledField] {
        guard let record = try transaction.record(change.record), let type = transaction.schema.type(change.type) else {
            return []
        }
        let conflicts = record.state.conflicts(in: type, life: try transaction.status(of: change.record))
        if change.life == .delete, change.readAt == nil, !settles, conflicts.contains(where: { $0.severity == .decide })
        {
            throw SatchelError(
                .fieldInConflict, "\(type.name) \(record.id) is in a conflict that a person must decide.",
                remedy: "Look with `conflicts show`, then resolve it there, or say --settle to delete it all the same.")
        }
        return try conflicts.compactMap { conflict in
            guard let field = conflict.subject.field.flatMap({ type.field($0) }), change.writes(conflict.subject) else {
                return nil
            }
            let siblings = record.state.siblings(of: conflict.subject)
            if let readAt = change.readAt, !siblings.allSatisfy({ readAt.covers($0.dot) }) { return nil }
            let values = Winner.distinctValues(of: siblings, policy: field.policy).map(\.value)
            let name = conflict.subject.name(in: type)
            if conflict.severity == .decide, change.readAt == nil, !settles {
                let shown = values.map { "\"\(Excerpt.of($0.text))\"" }.joined(separator: ", ")
                throw SatchelError(
                    .fieldInConflict,
                    "Field \"\(name)\" of \(type.name) \(record.id) has several values that a person must decide: \(shown).",
                    remedy: "Look with `conflicts show`, then resolve it there, or say --settle to write over them all."
                )
            }
            // The value that is chosen stays.
            let chosen = change.value(of: conflict.subject)
            let others = values.filter { $0 != chosen }
            let shown = try others.map { value in
                if case .reference(let record) = value { try transaction.mention(record) } else { value.text }
            }
            return SettledField(
                record: record.id, field: name, severity: conflict.severity, values: others.map(\.text), shown: shown)
        }
    }

    /// Checks what would make the server reject the change: the schema, and that what it refers to is there.
    ///
    /// - Throws: ``Violation``.
    func check(_ change: DraftChange, beside others: [DraftChange]) throws {
        let schema = transaction.schema
        try schema.validate(change.unsealed)
        try checkStanding(change)
        for write in change.writes {
            guard case .register(.reference(let target)) = write.write,
                case .reference(let targetType, _) = schema.type(change.type)?.field(write.field)?.kind
            else { continue }
            let isNew = others.contains { $0.record == target && $0.type == targetType && $0.life == .create }
            let isThere = try transaction.record(target)?.type == targetType
            guard try isNew || isThere && transaction.status(of: target).isVisible else {
                let typeName = schema.type(targetType)?.name ?? "record"
                let name = schema.type(change.type)?.field(write.field)?.name ?? ""
                throw Violation(
                    .unknownRecord, record: change.record, field: write.field,
                    try isThere && transaction.status(of: target) == .deleted
                        ? "Field \"\(name)\" refers to \(typeName) \(target), which is deleted."
                        : "Field \"\(name)\" refers to \(typeName) \(target), which is not on this device.")
            }
        }
        if change.life == .delete { try checkChildren(of: change, beside: others) }
    }

    /// Checks the rules that ask how the record stands here, and who made it.
    private func checkStanding(_ change: DraftChange) throws {
        guard let type = transaction.schema.type(change.type), type.hasStandingRules else { return }
        let record = try transaction.record(change.record)
        let (state, unsealed) = (record?.state ?? RecordState(), change.unsealed)
        let identity = try transaction.identity()
        let owner = try type.ownership == .own ? owner(of: state, identity) : nil
        try type.check(
            unsealed, seen: change.readAt ?? state.context, on: state,
            by: EntityType.Writer(user: identity.user, owner: owner)
        ) {
            var result = state
            let next = Dot(identity.actor, Limits.counterMax)
            result.apply(unsealed, dot: next, time: clock.now(), line: change.readAt ?? state.context)
            return result
        }
    }

    /// The user who made a record, as far as this replica knows.
    private func owner(of state: RecordState, _ identity: ReplicaIdentity) throws -> String? {
        guard let first = state.life.first(where: { !$0.isDelete })?.dot else { return nil }
        let maker = first.actor.releasedDot?.actor ?? first.actor
        return identity.hasBeen(maker) ? identity.user : try transaction.name(of: maker)?.user
    }

    private func checkChildren(of change: DraftChange, beside others: [DraftChange]) throws {
        let staying = try transaction.visibleChildren(of: change.record, type: change.type).filter { child in
            child.rule == .restrict && !others.contains { $0.record == child.id && $0.life == .delete }
        }
        guard let first = staying.first else { return }
        let typeName = transaction.schema.type(change.type)?.name ?? "record"
        let count = Counted.text(staying.count, "living record that refers", "living records that refer")
        throw Violation(
            .hasChildren, record: change.record,
            "\(typeName) \(change.record) has \(count) to it, such as \(first.type.name) \(first.id)."
        )
    }

    /// Adds the deletes of the children that the replica sees, where a reference says `cascade`.
    func withCascades(_ changes: [DraftChange]) throws -> [DraftChange] {
        var result = changes
        var index = 0
        while index < result.count {
            let change = result[index]
            index += 1
            guard change.life == .delete else { continue }
            for child in try transaction.visibleChildren(of: change.record, type: change.type)
            where child.rule == .cascade && !result.contains(where: { $0.record == child.id }) {
                result.append(DraftChange(type: child.type.id, record: child.id, life: .delete))
            }
        }
        return result
    }

    /// Gives a draft its name and contexts and appends it to the queue.
    func seal(_ draft: Draft, rejection: Rejection?) throws -> OwnChangeSet {
        let identity = try transaction.identity()
        let facts = try transaction.exchangeFacts()
        let now = clock.now()
        let counter = (try transaction.newestOwn(of: identity.actor)?.counter ?? 0) + 1
        guard counter <= Limits.counterMax else {
            throw SatchelError(.tooLarge, "This device has used up its counters.", remedy: "Enrol it anew.")
        }
        // A context never names the `x*` of work that is still parked (causality.md §2). What was read of the own line lies in the
        // line, or was undone since: then another has its name, or none.
        let parked = try transaction.parkedReleases()
        let read = draft.changes.map { change in
            DraftChange(
                type: change.type, record: change.record, life: change.life, writes: change.writes,
                readAt: change.readAt?.removing { parked.contains($0) || $0 == identity.actor })
        }
        let dot = Dot(identity.actor, counter)
        let line = identity.lineage.line(of: dot)
        let changeSet = try draft.replacing(changes: read).sealed(
            dot: dot, author: identity.user, time: draft.madeAt ?? now,
            schemaVersion: transaction.schema.version, line: line
        ) { record in
            (try transaction.record(record)?.state.context ?? VersionVector()).removing { parked.contains($0) }
        }
        let byteCount = changeSet.canonicalBytes.count
        guard byteCount <= Limits.changeSetBytesMax else {
            throw SatchelError(
                .tooLarge, "The edit takes \(byteCount) bytes; a change-set takes at most \(Limits.changeSetBytesMax).",
                remedy: "Make it in several smaller edits; nothing was written.")
        }
        if rejection == nil {
            do {
                try changeSet.validate(against: transaction.schema)
            } catch {
                throw error.error
            }
        }
        // A time that somebody noted is no later than now, whatever its clock said.
        let made = min(changeSet.time, now)
        let estimate = Timestamp(milliseconds: made.milliseconds + facts.clockOffsetMilliseconds)
        return try transaction.append(
            changeSet, by: identity, estimatedTime: estimate, rejection: rejection)
    }
}

extension Editor {
    /// Makes what was sent last anew, under a new name: what the mutant `retry-under-new-name` does.
    func sealAgain() throws {
        guard let sent = try transaction.ownChangeSets(.unconfirmed).last(where: { $0.state == .sent }) else { return }
        let changes = sent.changeSet.changes.map {
            DraftChange(type: $0.type, record: $0.record, life: $0.life, writes: $0.writes)
        }
        _ = try seal(Draft(label: sent.changeSet.label, changes: changes), rejection: nil)
    }
}

extension DraftChange {
    /// The change as validation sees it; what its author had seen does not matter there.
    var unsealed: RecordChange {
        RecordChange(type: type, record: record, context: VersionVector(), life: life, writes: writes)
    }
}
