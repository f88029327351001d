import SatchelInspection
import SatchelStorage
package import SatchelSync

// The verbs of a rep's day. Each is one change-set.
extension Replica {
    /// Makes a record.
    ///
    /// - Throws: `SatchelError` as an edit does; `record_exists` when `id` names a record that is there; `invalid_request` where the verdict of a
    ///   check-in is typed.
    package func new(typeName: String, assignments: [Assignment], id: RecordID? = nil) throws -> EditOutcome {
        try edit(purpose: "new") { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            try type.requireNotComputed(assignments)
            let change = DraftChange(
                type: type.id, record: id ?? RecordID.random(at: clock.now()), life: .create,
                writes: try transaction.writes(assignments, type: type, at: clock.now()))
            return Draft(label: "new \(typeName)", changes: [change])
        }
    }

    /// Edits fields of a record.
    ///
    /// - Throws: `SatchelError` as an edit does; `field_in_conflict` unless `settles`; `invalid_request` for a record that is written once.
    package func set(
        typeName: String, _ text: String, assignments: [Assignment], settles: Bool, readAt: ReadToken? = nil
    ) throws -> EditOutcome {
        try edit(purpose: "set", options: EditOptions(settles: settles)) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            try type.requireRewritable()
            let writes = try transaction.writes(assignments, type: type, at: clock.now())
            guard !writes.isEmpty else {
                throw SatchelError.wrongUsage(
                    "The edit of \(typeName) \(id) changes nothing.",
                    remedy: "Write field=value, set+=element or set-=element.")
            }
            let change = DraftChange(
                type: type.id, record: id, writes: writes, readAt: try transaction.context(of: readAt, forEditOf: id))
            return Draft(label: "edit", changes: [change])
        }
    }

    /// Deletes a record, or brings a deleted one back.
    ///
    /// - Throws: `SatchelError` as an edit does; `has_children` where living records refer to it; `invalid_request` to delete one that is written once.
    package func setLife(
        _ life: LifeWrite, typeName: String, _ text: String, settles: Bool, readAt: ReadToken? = nil
    ) throws -> EditOutcome {
        let label = life == .delete ? "delete" : "revive"
        return try edit(purpose: label, options: EditOptions(settles: settles)) { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            let id = try transaction.resolve(text, type: type)
            if life == .delete { try type.requireRewritable() }
            let change = DraftChange(
                type: type.id, record: id, life: life, readAt: try transaction.context(of: readAt, forEditOf: id))
            return Draft(label: label, changes: try transaction.withReturning(change))
        }
    }

    /// Writes a note about a record: about a visit, it is also about the visit's account.
    ///
    /// Where none is named it is about the visit under way.
    /// - Throws: `SatchelError` `unknown_field` where a note of this schema cannot refer to such a record, `invalid_request` where
    ///   nothing is written in it, or no record is named and not just one visit is under way.
    package func note(about subject: String?, body: String) throws -> EditOutcome {
        guard body.contains(where: { !$0.isWhitespace }) else {
            throw SatchelError.wrongUsage("The note is empty.", remedy: "Write its text behind the id, in quotes.")
        }
        return try edit(purpose: "note") { transaction in
            let id =
                try subject.map { try transaction.records.resolve($0, type: nil) }
                ?? transaction.visitUnderWay(ifNot: body)
            return Draft(label: "note", changes: [try transaction.note(body, about: id, at: clock.now())])
        }
    }
}

extension EntityType {
    /// Refuses to edit or delete what is written once.
    ///
    /// A verb that a person typed is refused; what plain SQL wrote is judged as ever, so that nothing waits for it.
    fileprivate func requireRewritable() throws(SatchelError) {
        guard isWrittenOnce else { return }
        let names = field(named: "corrects") == nil ? "" : ", which names this one in `corrects`"
        throw SatchelError(
            .invalidRequest, "A \(name) is written once: it is neither edited nor deleted.",
            remedy: "Record a new one\(names).")
    }
}

extension ReplicaTransaction {
    /// A row that is a note about a record.
    ///
    /// - Throws: `SatchelError` `unknown_field` where a note of this schema cannot refer to such a record.
    func note(_ body: String, about subject: RecordID, at now: Timestamp) throws -> DraftChange {
        let type = try schema.requireType(named: "note")
        let text = FieldChange(try type.requireField(named: "body").id, .register(.text(UTF8Text(body))))
        return DraftChange(
            type: type.id, record: .random(at: now), life: .create,
            writes: try references(from: type, to: subject, named: subject.description) + [text])
    }

    /// The context that a token gives an edit of a record; `nil` without a token.
    ///
    /// - Throws: `SatchelError` `invalid_token`.
    func context(of token: ReadToken?, forEditOf record: RecordID) throws -> VersionVector? {
        let identity = try identity()
        return try token?.context(forEditOf: record, by: identity.actor, lineage: identity.lineage)
    }
}
