package import SatchelSync

extension EditLineChange {
    /// Resolves names to numbers and JSON to values, by the kind of each field.
    ///
    /// A text stands for text, enum, timestamp and reference; a whole number, or the text of one, for int; `null` empties; in
    /// `set`, a list of texts is added to a set field. Bounds and required fields are left to the schema's validation, which
    /// every change-set goes through.
    /// - Parameters:
    ///   - schema: What the names mean.
    ///   - life: How the record stands. Decides what `put` is, and what is refused.
    ///   - newRecord: The id of a record that is made without one.
    ///   - readAt: What ``readAt`` means, to whoever knows the replica that was read.
    /// - Returns: The change, ready for a draft.
    /// - Throws: ``SatchelError`` `unknown_type`, `unknown_field`, `invalid_value`, `record_exists`, `unknown_record` or
    ///   `invalid_request`, naming the line.
    package func draftChange(
        schema: Schema, life: LifeStatus, newRecord: RecordID? = nil, readAt: VersionVector? = nil
    ) throws(SatchelError) -> DraftChange {
        do throws(SatchelError) {
            let type = try schema.requireType(named: typeName)
            guard let record = record ?? newRecord else {
                throw SatchelError(
                    .invalidRequest, "A \(type.name) without an \"id\" cannot be made here.",
                    remedy: "Give it a UUID as its \"id\".")
            }
            let lifeWrite = try lifeWrite(of: record, type: type, life: life)
            return DraftChange(
                type: type.id, record: record, life: lifeWrite, writes: try writes(for: type), readAt: readAt)
        } catch {
            throw error.located(inLine: line)
        }
    }

    private func lifeWrite(
        of record: RecordID, type: EntityType, life: LifeStatus
    ) throws(SatchelError) -> LifeWrite? {
        switch (operation, life.isVisible) {
        case (.revive, _) where life == .absent:
            throw SatchelError(
                .unknownRecord, "There is no \(type.name) \(record) to revive.",
                remedy: "Check the id, or create the record first.")
        case (.revive, _) where life == .alive:
            throw SatchelError(
                .recordExists, "The \(type.name) \(record) is not deleted.", remedy: "Update it.")
        case (.revive, _): return .revive
        case (.create, true):
            throw SatchelError(
                .recordExists, "The \(type.name) \(record) exists already.",
                remedy: "Update it, or give the new one another id.")
        case (.update, false), (.delete, false):
            throw SatchelError(
                .unknownRecord, "There is no \(type.name) \(record) to \(operation.rawValue).",
                remedy: "Check the id, or create the record first.")
        case (.create, false), (.put, false): return .create
        case (.delete, true): return .delete
        case (.update, true), (.put, true): return nil
        }
    }

    private func writes(for type: EntityType) throws(SatchelError) -> [FieldChange] {
        var writes: [FieldChange] = []
        for counter in increment {
            let field = try type.requireField(named: counter.name)
            guard case .counter = field.kind else {
                throw SatchelError(
                    .invalidValue, "Field \"\(field.name)\" is not a counter, and only a counter takes an increment.",
                    remedy: "Use \"set\" to give it a value.")
            }
            writes.append(FieldChange(field.id, .counter(counter.content)))
        }
        var added: [FieldID: Set<UTF8Text>] = [:]
        var removed: [FieldID: Set<UTF8Text>] = [:]
        for entry in set {
            let field = try type.requireField(named: entry.name)
            if case .map = field.kind {
                writes.append(FieldChange(field.id, .map(try field.keys(from: entry.content))))
            } else if field.kind.isSet {
                added[field.id, default: []].formUnion(try field.elements(from: entry.content))
            } else {
                writes.append(FieldChange(field.id, .register(try field.value(from: entry.content))))
            }
        }
        for entry in add { added[try type.requireSet(named: entry.name), default: []].formUnion(entry.content) }
        for entry in remove { removed[try type.requireSet(named: entry.name), default: []].formUnion(entry.content) }
        for field in Set(added.keys).union(removed.keys).sorted() {
            let (add, remove) = (added[field, default: []].sorted(), removed[field, default: []].sorted())
            guard !add.isEmpty || !remove.isEmpty else { continue }
            writes.append(FieldChange(field, .set(add: add, remove: remove)))
        }
        return writes.sorted { $0.field < $1.field }
    }
}

extension SatchelError {
    /// The failure with the number of the line that it is about, from 1.
    package func located(inLine line: Int) -> SatchelError {
        var located = self
        located.message = "Line \(line): \(message)"
        return located
    }
}

extension EntityType {
    fileprivate func requireSet(named name: String) throws(SatchelError) -> FieldID {
        let field = try requireField(named: name)
        guard field.kind.isSet else {
            throw SatchelError(
                .invalidValue, "Field \"\(field.name)\" is not a set: it has no elements to add or remove.",
                remedy: "Use \"set\" to give it a value.")
        }
        return field.id
    }
}

extension Field {
    /// Reads a JSON value as the value of a register.
    fileprivate func value(from json: JSONValue) throws(SatchelError) -> FieldValue {
        switch (json, kind) {
        case (.null, _): return .null
        case (_, .json): return .json(UTF8Text(json.canonicalText))
        case (.integer(let number), .integer): return .integer(number)
        case (.integer(let number), .decimal): return try parse(String(number))
        case (.number(let written), .decimal): return try parse(written)
        case (.bool(let flag), .boolean): return .boolean(flag)
        case (.object(let members), .location): return try place(members, json)
        case (.string(let text), .integer):
            // Int64 itself would also take a plus sign.
            guard text.string.utf8.first != UInt8(ascii: "+") else { throw unfit(json) }
            return try parse(text.string)
        case (_, .counter):
            throw SatchelError(
                .invalidValue, "Field \"\(name)\" is a counter, which takes no value.",
                remedy: "Use \"increment\" to add to it.")
        case (.string(let text), _): return try parse(text.string)
        default: throw unfit(json)
        }
    }

    /// Reads `{"lat": …, "lon": …, "accuracy": …}`, degrees and metres.
    private func place(_ members: [JSONMember], _ json: JSONValue) throws(SatchelError) -> FieldValue {
        let known = ["lat", "lon", "accuracy"]
        guard members.allSatisfy({ known.contains($0.key) }) else { throw unfit(json) }
        let parts = known.compactMap { key -> String? in
            switch json[key] {
            case .integer(let number)?: String(number)
            case .number(let written)?: written
            default: nil
            }
        }
        guard parts.count == members.count, json["lat"] != nil, json["lon"] != nil else { throw unfit(json) }
        return try parse(parts.joined(separator: ","))
    }

    /// Reads a JSON object as keys that a map is given; `null` takes a key away.
    fileprivate func keys(from json: JSONValue) throws(SatchelError) -> [MapWrite] {
        guard case .object(let members) = json else { throw unfit(json) }
        return members.map { MapWrite(UTF8Text($0.key), $0.value.fieldValue) }.sorted { $0.key < $1.key }
    }

    /// Reads a JSON list as elements that a set gains.
    fileprivate func elements(from json: JSONValue) throws(SatchelError) -> [UTF8Text] {
        guard case .array(let list) = json else { throw unfit(json) }
        var elements: [UTF8Text] = []
        for element in list {
            guard case .string(let text) = element else {
                throw SatchelError(
                    .invalidValue, "Field \"\(name)\" takes a list of texts, got \(element.shape) in it.",
                    remedy: "Correct the value.")
            }
            elements.append(text)
        }
        return elements
    }

    private func unfit(_ json: JSONValue) -> SatchelError {
        let wanted = kind.isSet ? "a list of texts" : kind.valueDescription
        let got = if case .number = json { "a number that is not whole or too large" } else { json.shape }
        return SatchelError(
            .invalidValue, "Field \"\(name)\" takes \(wanted), got \(got).", remedy: "Correct the value.")
    }
}
