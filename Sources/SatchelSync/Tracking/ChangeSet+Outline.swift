/// What is left of a change-set that its device keeps no more as a whole: who, when, which fields, and its digest beside it.
extension ChangeSet {
    /// The schema version that says so; no schema has it.
    private static let outlineVersion: UInt32 = 0

    /// Whether the values that it wrote into registers and maps are gone.
    ///
    /// What it did to lives, sets and counters is there, so that its state in the ledger can be told; its digest is that of the whole.
    public var isOutline: Bool { schemaVersion == Self.outlineVersion }

    /// The change-set without the values that it wrote into registers and maps.
    public var outline: ChangeSet {
        ChangeSet(
            dot: dot, label: label, author: author, time: time, schemaVersion: Self.outlineVersion, fixes: fixes,
            changes: changes.map { change in
                RecordChange(
                    type: change.type, record: change.record, context: change.context, life: change.life,
                    writes: change.writes.map { FieldChange($0.field, $0.write.outline) })
            })
    }
}

extension ChangeSet {
    /// Whether a write of it says what it wrote; an outline does not of registers and maps.
    public func keeps(_ write: FieldWrite) -> Bool {
        switch write {
        case .register, .map: !isOutline
        case .set, .counter: true
        }
    }
}

extension FieldWrite {
    fileprivate var outline: FieldWrite {
        switch self {
        case .register: .register(.null)
        case .map(let writes): .map(writes.map { MapWrite($0.key, .null) })
        case .set, .counter: self
        }
    }
}
