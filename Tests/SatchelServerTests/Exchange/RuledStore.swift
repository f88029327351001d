import SatchelServer
import SatchelStorage
import SatchelSync
import Synchronization

/// A real store whose engine judges by a schema that a test can narrow: a rule of the house that comes and goes.
///
/// Only the judging sees it. Records are stored, read and handed out with the store's own schema, which devices have too.
final class RuledStore: ServerStore {
    private let store: SQLiteServerStore
    private let narrowed = Mutex<Schema?>(nil)

    init(_ store: SQLiteServerStore) { self.store = store }

    var schema: Schema { narrowed.withLock { $0 } ?? store.schema }
    var schemaWithoutRules: Schema { store.schema }
    var identity: StoreIdentity { store.identity }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerTransaction) throws -> Result
    ) async throws -> Result { try await store.write(body) }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteServerSnapshot) throws -> Result
    ) async throws -> Result { try await store.read(body) }

    func records(numbered keys: [UInt64]) throws(SatchelError) -> [RecordID?] { try store.records(numbered: keys) }

    func backUp(
        to path: String, clock: any WallClock, progress: @escaping @Sendable (BackupProgress) throws -> Void
    ) async throws -> BackupNote { try await store.backUp(to: path, clock: clock, progress: progress) }

    func close() throws { try store.close() }

    /// Judges by the rules of another store from now on.
    func takeRules(of other: RuledStore) {
        let rule = other.narrowed.withLock { $0 }
        narrowed.withLock { $0 = rule }
    }

    /// From now on text fields take no text that begins with `~`, or take such again.
    func refuseMarked(_ isOn: Bool) throws {
        guard isOn else { return narrowed.withLock { $0 = nil } }
        let pattern = try TextPattern("([^~].*)?")
        try narrow { field in
            guard case .text = field.kind else { return field }
            return Field(
                id: field.id, name: field.name, kind: field.kind, policy: field.policy, requirement: field.requirement,
                pattern: pattern)
        }
    }

    /// From now on text fields take these texts only; with `nil`, all again.
    func allowOnly(_ texts: [UTF8Text]?) throws {
        guard let texts else { return narrowed.withLock { $0 = nil } }
        try narrow { field in
            guard case .text = field.kind else { return field }
            return Field(
                id: field.id, name: field.name, kind: .enumeration(texts), policy: field.policy,
                requirement: field.requirement)
        }
    }

    private func narrow(_ change: (Field) -> Field) throws {
        let schema = store.schema
        let types = schema.types.map { type in
            EntityType(
                id: type.id, name: type.name, fields: type.fields.map(change), ownership: type.ownership,
                status: type.status)
        }
        let rule = try Schema(version: schema.version, types: types)
        narrowed.withLock { $0 = rule }
    }
}
