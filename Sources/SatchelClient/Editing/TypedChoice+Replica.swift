import SatchelInspection
import SatchelStorage
import SatchelSync

extension TypedChoice {
    /// The conflict that is meant: the one that is named, or the only one that is open.
    ///
    /// - Throws: `SatchelError` `no_conflict`, `unknown_field`, or `invalid_request` when several are open.
    func subject(named name: String?, record: StoredRecord, type: EntityType) throws -> ConflictSubject {
        if let name { return try type.conflictSubject(named: name) }
        let open = record.state.conflicts(in: type, life: record.status)
        guard let first = open.first else {
            throw SatchelError(
                .noConflict, "\(type.name) \(record.id) has no open conflict.", remedy: "There is nothing to settle.")
        }
        guard open.count == 1 else {
            let names = open.map { $0.subject.name(in: type) }
            throw SatchelError(
                .invalidRequest,
                "\(type.name) \(record.id) has \(open.count) open conflicts: \(names.joined(separator: ", ")).",
                remedy: "Name one of them after the id.")
        }
        return first.subject
    }

    /// The choice with its value read by the field's kind.
    func resolved(
        for subject: ConflictSubject, type: EntityType, _ transaction: ReplicaTransaction
    ) throws -> ResolutionChoice {
        switch self {
        case .take(let number): return .take(number)
        case .keep: return .keep
        case .delete: return .delete
        case .value(let text):
            guard let field = subject.field.flatMap({ type.field($0) }) else {
                throw SatchelError(
                    .invalidRequest, "A record whose life is contested is kept or deleted.",
                    remedy: "Say --keep or --delete.")
            }
            if text.isEmpty { return .value(.null) }
            if case .key = subject { return .value(.text(UTF8Text(text))) }
            if case .reference(let target, _) = field.kind {
                return .value(.reference(try transaction.resolve(text, type: target)))
            }
            return .value(try field.parse(text))
        }
    }
}
