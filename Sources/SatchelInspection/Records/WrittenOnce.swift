package import SatchelSync

extension EntityType {
    /// Whether nobody but the server writes a record of it again once it is made, as with a check-in: what was wrong is told by a new one.
    package var isWrittenOnce: Bool {
        !fields.isEmpty && fields.allSatisfy { $0.policy == .immutable || $0.policy == .server }
    }
}
