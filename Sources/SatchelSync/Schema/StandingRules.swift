/// Rules of the schema that need more than the change: how the record stands, who made it, and who writes.
extension EntityType {
    /// Who writes, for the rules that ask.
    public struct Writer: Sendable {
        /// The user who writes.
        public let user: String
        /// Whether the edit is one of the server's own.
        public let isServer: Bool
        /// The user who made the record; `nil` for a new record, and where it is not known.
        public let owner: String?

        /// Describes a writer.
        public init(user: String, isServer: Bool = false, owner: String? = nil) {
            self.user = user
            self.isServer = isServer
            self.owner = owner
        }
    }

    /// Checks a change against the record as it stands before it.
    ///
    /// - Parameters:
    ///   - change: The change; its values are valid by themselves.
    ///   - seen: All that its author had seen of the record, the line included.
    ///   - state: The record before the change.
    ///   - writer: Who writes.
    ///   - result: The record with the change applied; asked for only where a rule needs it.
    /// - Throws: ``Violation`` `server_field`, `immutable_field`, `not_owner` or `required_field`.
    /// - Complexity: O(writes × siblings).
    public func check(
        _ change: RecordChange, seen: VersionVector, on state: RecordState, by writer: Writer,
        result: () -> RecordState
    ) throws(Violation) {
        if ownership == .own, !writer.isServer, change.life != .create, let owner = writer.owner,
            UTF8Text(owner) != UTF8Text(writer.user)
        {
            throw Violation(
                .notOwner, record: change.record,
                "\(name) \(change.record) belongs to \(owner), who alone may change it.")
        }
        for entry in change.writes {
            guard let field = field(entry.field) else { continue }
            try checkPolicy(of: field, entry, change, seen: seen, on: state, by: writer)
        }
        try checkStatus(of: change, result: result)
    }

    private func checkPolicy(
        of field: Field, _ entry: FieldChange, _ change: RecordChange, seen: VersionVector, on state: RecordState,
        by writer: Writer
    ) throws(Violation) {
        switch field.policy {
        case .server where !writer.isServer:
            throw Violation(
                .serverField, record: change.record, field: field.id,
                "Field \"\(field.name)\" of \(name) \(change.record) is written by the server alone.")
        case .immutable:
            let standing = (state.field(field.id)?.siblings ?? []).filter { !$0.value.isNull }
            // Concurrent first values are a conflict, and whoever settles it writes one of them.
            guard let first = standing.first, !standing.areContending,
                standing.contains(where: { seen.covers($0.dot) }),
                entry.write != .register(first.value)
            else { return }
            throw Violation(
                .immutableField, record: change.record, field: field.id,
                "Field \"\(field.name)\" of \(name) \(change.record) keeps its first value, \"\(Excerpt.of(first.value.text))\"."
            )
        default: return
        }
    }

    /// What is required from a status on has to be there once the record has come so far.
    ///
    /// Only an edit of the status, or of what it requires, is asked: nobody is refused for what another left open.
    private func checkStatus(of change: RecordChange, result: () -> RecordState) throws(Violation) {
        guard let status, change.life != .delete, case .enumeration(let order) = field(status)?.kind,
            let statusField = field(status)
        else { return }
        let isMoved = change.writes.contains { $0.field == status }
        let asked = fields.filter { field in
            guard case .from = field.requirement else { return false }
            return isMoved || change.writes.contains { $0.field == field.id }
        }
        guard !asked.isEmpty else { return }
        let after = result()
        guard case .text(let reached) = after.winningValue(of: statusField), let rank = order.firstIndex(of: reached)
        else {
            return
        }
        for field in asked {
            guard case .from(let first) = field.requirement, let least = order.firstIndex(of: first), rank >= least,
                !after.hasValue(in: field)
            else { continue }
            throw Violation(
                .requiredField, record: change.record, field: field.id,
                "Field \"\(field.name)\" of \(name) \(change.record) is required from \(statusField.name) \"\(first)\" on; it is \"\(reached)\" and has none."
            )
        }
    }
}

extension RecordState {
    /// Whether the plain table shows something for a field.
    fileprivate func hasValue(in field: Field) -> Bool {
        switch field.kind {
        case .set: !winningElements(of: field).isEmpty
        case .map: !winningEntries(of: field).isEmpty
        case .counter: true
        default: !winningValue(of: field).isNull
        }
    }
}
