import SatchelInspection
import SatchelStorage
import SatchelSync

extension OperatorService {
    /// A page about a change-set, where `text` has a colon, or about a record, of any type where none is named.
    func explain(type name: String?, _ text: String) async throws -> OperatorReply {
        let type = try name.map { try store.schema.requireType(named: $0) }
        let (identity, presence) = (store.identity, presence)
        return try await store.read { snapshot in
            let reader = ExplanationReader(
                snapshot: snapshot, identity: identity,
                holders: HolderReader(snapshot: snapshot, lastVisit: presence.lastVisit))
            if type == nil, DotName.isMeant(by: text) {
                return .explanation(.changeSet(try reader.changeSet(named: text)))
            }
            return .explanation(.record(try reader.record(named: text, type: type)))
        }
    }
}
