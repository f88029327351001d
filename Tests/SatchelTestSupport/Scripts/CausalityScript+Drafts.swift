package import SatchelSync

extension RecordID {
    /// The record that scripts call by this name: `r1`, `r2` and so on.
    package init?(scriptName name: String) {
        guard name.hasPrefix("r"), let number = Int(name.dropFirst()) else { return nil }
        self = .sample(number)
    }

    /// What scripts call the record; `nil` where none has such a name.
    package var scriptName: String? { (1...99).first { .sample($0) == self }.map { "r\($0)" } }
}

extension [CausalityScript.Change] {
    /// The edits as one change a record, in the order in which the records are named.
    /// - Throws: ``ScriptFailure``.
    package func draftChanges() throws -> [DraftChange] {
        var order: [RecordID] = []
        var parts:
            [RecordID: (life: LifeWrite?, writes: [FieldChange], add: [UTF8Text], remove: [UTF8Text], by: Int64)] = [:]
        for edit in self {
            guard let id = RecordID(scriptName: edit.record) else {
                throw ScriptFailure("a record called \(edit.record)")
            }
            if parts[id] == nil { order.append(id) }
            var part = parts[id] ?? (nil, [], [], [], 0)
            let value = UTF8Text(edit.value ?? "")
            switch edit.do {
            case "new":
                part.life = .create
                part.writes += try (edit.set ?? [:]).map { try Self.write($0.key, $0.value) }
            case "delete": part.life = .delete
            case "revive": part.life = .revive
            case "set": part.writes.append(try Self.write(edit.field ?? "", edit.value))
            case "add": part.add.append(value)
            case "remove": part.remove.append(value)
            case "increment": part.by += edit.by ?? 0
            default: throw ScriptFailure("an edit called \(edit.do)")
            }
            parts[id] = part
        }
        return order.map { id in
            let part = parts[id] ?? (nil, [], [], [], 0)
            let tags = FieldChange(ItemSchema.tags, .set(add: part.add.sorted(), remove: part.remove.sorted()))
            let hasTags = !part.add.isEmpty || !part.remove.isEmpty
            let count = part.by == 0 ? [] : [FieldChange(ItemSchema.visits, .counter(part.by))]
            return DraftChange(
                type: ItemSchema.type, record: id, life: part.life,
                writes: part.writes + (hasTags ? [tags] : []) + count)
        }
    }

    private static func write(_ field: String, _ value: String?) throws -> FieldChange {
        let text = value.map { FieldValue.text(UTF8Text($0)) } ?? .null
        switch field {
        case "name": return FieldChange(ItemSchema.name, .register(text))
        case "phone": return FieldChange(ItemSchema.phone, .register(text))
        case "parent":
            let parent = value.flatMap { RecordID(scriptName: $0) }
            return FieldChange(ItemSchema.parent, .register(parent.map { .reference($0) } ?? .null))
        default: throw ScriptFailure("a field called \(field)")
        }
    }
}
