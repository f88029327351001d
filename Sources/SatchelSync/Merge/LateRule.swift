/// What change-sets that are applied already, and whose authors had seen this one, wrote before it came (causality.md §3).
///
/// A write does not enter where one of them wrote the same. This alone makes the order of arrival irrelevant for fixes,
/// releases, re-offers and joins; work that comes in order never meets it. Counters know no late rule.
public struct LateRule: Hashable, Sendable {
    private struct Place: Hashable, Sendable {
        let field: FieldID
        let element: UTF8Text?
    }

    private var places: Set<Place> = []
    /// Whether one of them wrote the life.
    public private(set) var isLifeWritten = false
    /// The deletes among them that stand: each keeps the late dot beside its context.
    public private(set) var deletes: Set<Dot> = []

    /// Nothing was written before.
    public init() {}

    /// Takes what one of them wrote of the record.
    public mutating func insert(_ change: RecordChange, dot: Dot) {
        if change.life != nil { isLifeWritten = true }
        if change.life == .delete { deletes.insert(dot) }
        for entry in change.writes {
            switch entry.write {
            case .register: places.insert(Place(field: entry.field, element: nil))
            case .set(let add, let remove):
                for element in add + remove { places.insert(Place(field: entry.field, element: element)) }
            case .map(let writes):
                for write in writes { places.insert(Place(field: entry.field, element: write.key)) }
            case .counter: break
            }
        }
    }

    func covers(_ field: FieldID, _ element: UTF8Text? = nil) -> Bool {
        !places.isEmpty && places.contains(Place(field: field, element: element)) && !Mutant.lateRuleOff.isPlanted
    }
}
