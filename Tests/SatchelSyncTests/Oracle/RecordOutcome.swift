/// What stands of one record: said by the oracle and by the engine, and compared.
struct RecordOutcome: Equatable {
    /// A place of a record that holds concurrent values: a register, or a key of the map.
    enum Place: Hashable {
        case register(Int)
        case key(Int)
    }

    /// `absent`, `alive`, `deleted` or `contested`.
    var life = "absent"
    /// For each register and key, the edits whose values stand.
    var siblings: [Place: EditSet] = [:]
    /// For each register, the edit whose value the tables show.
    var winners: [Int: Int] = [:]
    /// For each element, the edits that added it and stand.
    var elements: [Int: EditSet] = [:]
    /// The sum of all increments.
    var total = 0
    /// The registers and keys in conflict.
    var conflicts: Set<Place> = []
    /// Whether the life is in conflict.
    var isLifeInConflict = false
}
