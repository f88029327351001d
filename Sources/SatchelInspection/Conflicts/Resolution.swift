package import SatchelSync

/// What a person chose for one conflict.
package enum ResolutionChoice: Hashable, Sendable {
    /// The sibling with this number, from 1.
    case take(Int)
    /// A value of the person's own.
    case value(FieldValue)
    /// Keep a record whose life is contested.
    case keep
    /// Delete a record whose life is contested.
    case delete
}

/// How a conflict is settled: an ordinary edit whose context covers every sibling.
package enum Resolution {
    /// Makes the edit that settles one conflict of a record.
    ///
    /// It rests on `readAt`, by default all that the state covers. The effective state of a device with parked work
    /// covers released dots that no context may name: such a caller passes the context without them (causality.md §2).
    /// Whether the value fits the field is for sealing to check. Where a record is contested because living records
    /// refer to it, a delete settles it only with those deleted too.
    /// - Throws: ``SatchelSync/SatchelError`` `no_conflict`, or `invalid_request` naming the choices.
    package static func draft(
        settling subject: ConflictSubject, by choice: ResolutionChoice, record: RecordID, type: EntityType,
        state: RecordState, life: LifeStatus, readAt: VersionVector? = nil
    ) throws(SatchelError) -> DraftChange {
        let open = state.conflicts(in: type, life: life)
        guard open.contains(where: { $0.subject == subject }) else {
            throw noConflict(of: subject, record: record, type: type, open: open)
        }
        let context = readAt ?? state.context
        switch subject {
        case .life:
            let write = try lifeWrite(choice)
            return DraftChange(type: type.id, record: record, life: write, readAt: context)
        case .field(let id):
            let value = try fieldValue(choice, subject: subject, type: type, state: state)
            return DraftChange(
                type: type.id, record: record, writes: [FieldChange(id, .register(value))], readAt: context)
        case .key(let id, let key):
            let value = try fieldValue(choice, subject: subject, type: type, state: state)
            return DraftChange(
                type: type.id, record: record, writes: [FieldChange(id, .map([MapWrite(key, value)]))], readAt: context)
        }
    }

    private static func lifeWrite(_ choice: ResolutionChoice) throws(SatchelError) -> LifeWrite {
        switch choice {
        case .keep, .take(1): return .revive
        case .delete, .take(2): return .delete
        case .take, .value:
            throw SatchelError(
                .invalidRequest, "A record whose life is contested is kept or deleted.",
                remedy: "Choose keep (the same as 1) or delete (the same as 2).")
        }
    }

    private static func fieldValue(
        _ choice: ResolutionChoice, subject: ConflictSubject, type: EntityType, state: RecordState
    ) throws(SatchelError) -> FieldValue {
        let field = subject.field.flatMap { type.field($0) }
        let name = subject.name(in: field)
        let values = Winner.distinctValues(of: state.siblings(of: subject), policy: field?.policy ?? .latest)
        let choices = "Take one of the values 1 to \(values.count), or give a value."
        switch choice {
        case .value(let value): return value
        case .take(let number):
            guard number >= 1, number <= values.count else {
                throw SatchelError(
                    .invalidRequest, "Field \"\(name)\" has no value number \(number).", remedy: choices)
            }
            return values[number - 1].value
        case .keep, .delete:
            throw SatchelError(
                .invalidRequest, "Keep and delete settle the life of a record, not field \"\(name)\".",
                remedy: choices)
        }
    }

    private static func noConflict(
        of subject: ConflictSubject, record: RecordID, type: EntityType, open: [ConflictItem]
    ) -> SatchelError {
        let names = open.map { $0.subject.name(in: type) }
        let what =
            switch subject {
            case .life: "The life of \(type.name) \(record)"
            case .field, .key: "Field \"\(subject.name(in: type))\" of \(type.name) \(record)"
            }
        return SatchelError(
            .noConflict, "\(what) has no open conflict.",
            remedy: names.isEmpty
                ? "The record has none at all." : "Open are: \(names.joined(separator: ", ")).")
    }
}

extension ConflictSubject {
    /// The name by which people and commands call it.
    package func name(in type: EntityType) -> String { name(in: field.flatMap { type.field($0) }) }
}

extension EntityType {
    /// What a conflict named `life`, by a field's name, or as `field.key`, is about.
    ///
    /// A field of that very name hides the record's life, which then is settled by keep and delete alone.
    /// - Throws: ``SatchelSync/SatchelError`` `unknown_field`.
    package func conflictSubject(named name: String) throws(SatchelError) -> ConflictSubject {
        if name == "life", field(named: name) == nil { return .life }
        if let point = name.firstIndex(of: "."), let field = field(named: String(name[..<point])),
            case .map = field.kind
        {
            return .key(field.id, UTF8Text(String(name[name.index(after: point)...])))
        }
        return .field(try requireField(named: name).id)
    }
}
