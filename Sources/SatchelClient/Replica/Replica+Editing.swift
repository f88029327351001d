package import SatchelStorage
public import SatchelSync

extension Replica {
    /// Makes one atomic edit.
    ///
    /// It is on the disk, queued for the next exchange, when this returns.
    ///
    /// - Throws: `SatchelError`: what breaks a rule is refused here with nothing written; `database_in_use` when another
    ///   process kept the lease for five seconds; `disk_full`.
    public func edit(_ draft: Draft, options: EditOptions = EditOptions()) throws -> EditOutcome {
        try withTurn(purpose: draft.label) { store in
            try store.write { try Editor($0, clock: clock).commit(draft, options: options) }
        }
    }

    /// Makes one atomic edit out of what `build` finds in the same transaction: no other edit comes between.
    ///
    /// - Throws: `SatchelError` as ``edit(_:options:)`` does, and whatever `build` throws.
    package func edit(
        purpose: String, options: EditOptions = EditOptions(), _ build: (ReplicaTransaction) throws -> Draft
    ) throws -> EditOutcome {
        try withTurn(purpose: purpose) { store in
            try store.write { transaction in
                try Editor(transaction, clock: clock).commit(try build(transaction), options: options)
            }
        }
    }

    /// Runs plain SQL on the entity tables, as an application may; what it changes is sealed as one change-set in the same
    /// transaction.
    ///
    /// - Throws: `SatchelError`; nothing is changed then.
    public func execute(sql: String, arguments: [FieldValue] = [], label: String = "sql") throws {
        try withTurn(purpose: label, origin: .sql) { store in
            try store.write { transaction in
                try transaction.execute(sql: sql, arguments: arguments.map { .register($0) })
                try Editor(transaction, clock: clock).sealForeignWrites(label: label)
            }
        }
    }
}
