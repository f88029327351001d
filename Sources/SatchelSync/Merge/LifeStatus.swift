/// Whether a record lives, as its own state says.
///
/// A living child of a deleted parent makes the parent contested too; that needs the child, so the store decides it.
public enum LifeStatus: UInt8, Hashable, Sendable {
    /// Nothing here says that the record was ever made.
    case absent = 0
    /// It was made and nobody deleted it.
    case alive = 1
    /// It was deleted by someone who had seen all that stands.
    case deleted = 2
    /// It was deleted by someone who had not seen all that stands: a person must decide.
    case contested = 3

    /// Whether the plain table shows the record.
    public var isVisible: Bool { self == .alive || self == .contested }

    /// The word, as ledgers and `--json` print it.
    public var word: String {
        switch self {
        case .absent: "absent"
        case .alive: "alive"
        case .deleted: "deleted"
        case .contested: "contested"
        }
    }
}

extension RecordState {
    /// Whether the record lives (causality.md §1): deleted iff no alive pair is left and the deleting contexts cover every
    /// pair and element of every field; contested iff a deleted pair stands beside anything else.
    /// - Complexity: O(pairs × log actors) where a delete stands; O(life pairs) else.
    public var lifeStatus: LifeStatus {
        guard !life.isEmpty else { return .absent }
        var covered = DeletingContext(vector: VersionVector())
        var hasAlive = false
        var hasDelete = false
        for pair in life {
            switch pair.mark {
            case .alive: hasAlive = true
            case .deleted(let context):
                hasDelete = true
                covered = covered.union(context)
            }
        }
        guard hasDelete else { return .alive }
        if Mutant.deleteCoversAll.isPlanted { return .deleted }
        let isCovered = !hasAlive && fields.allSatisfy { entry in entry.state.dots.allSatisfy(covered.covers) }
        return isCovered ? .deleted : .contested
    }
}
