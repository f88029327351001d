import SatchelStorage
package import SatchelSync

/// One field's edit as people type it: `name=Aster`, `phone=` to empty it, `tags+=vip`, `tags-=old`.
package struct Assignment: Hashable, Sendable {
    /// What is done with the value.
    package enum Operation: Hashable, Sendable {
        /// Gives a register its value.
        case assign
        /// Adds an element to a set, or a number to a counter.
        case add
        /// Removes an element from a set, or takes a number from a counter.
        case remove
    }

    /// The field's name.
    package let field: String
    /// What is done.
    package let operation: Operation
    /// The value as typed.
    package let value: String

    package init(field: String, operation: Operation = .assign, value: String) {
        self.field = field
        self.operation = operation
        self.value = value
    }

    /// Reads an argument.
    ///
    /// - Throws: `SatchelError` `invalid_request` when it has no `=`, or nothing before it.
    package init(argument: String) throws(SatchelError) {
        guard let equals = argument.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            throw .wrongUsage(
                "\"\(Excerpt.of(argument))\" is not an assignment.",
                remedy: "Write field=value, set+=element or set-=element.")
        }
        var name = argument[..<equals]
        value = String(argument[argument.utf8.index(after: equals)...])
        switch name.last {
        case "+": operation = .add
        case "-": operation = .remove
        default: operation = .assign
        }
        if operation != .assign { name = name.dropLast() }
        guard !name.isEmpty else {
            throw .wrongUsage(
                "\"\(Excerpt.of(argument))\" names no field.",
                remedy: "Write field=value, set+=element or set-=element.")
        }
        field = String(name)
    }
}

extension ReplicaTransaction {
    /// The writes that assignments amount to.
    ///
    /// Several of one set's become one; a register may be assigned once.
    ///
    /// References are named by an id or an ending of it; times that do not say their time zone are those of this device, and days may be
    /// named by their distance from `now`.
    /// - Throws: `SatchelError` `unknown_field`, `invalid_value`, `invalid_request`, `unknown_record`, `ambiguous_id`.
    package func writes(_ assignments: [Assignment], type: EntityType, at now: Timestamp) throws -> [FieldChange] {
        let times = TypedTime(now: now)
        var registers: [FieldID: FieldValue] = [:]
        var increments: [FieldID: Int64] = [:]
        var keys: [FieldID: [UTF8Text: FieldValue]] = [:]
        var adds: [FieldID: Set<UTF8Text>] = [:]
        var removes: [FieldID: Set<UTF8Text>] = [:]
        for assignment in assignments {
            if let (field, key) = mapKey(assignment, type: type) {
                let value = Self.keyValue(assignment.value)
                guard keys[field.id, default: [:]].updateValue(value, forKey: key) == nil else {
                    throw SatchelError.wrongUsage(
                        "Key \"\(Excerpt.of(key.string))\" of field \"\(field.name)\" is assigned twice.",
                        remedy: "Assign it once.")
                }
                continue
            }
            let field = try type.requireField(named: assignment.field)
            if field.kind == .counter, assignment.operation != .assign {
                let amount = try Self.amount(assignment, field: field)
                guard increments.updateValue(amount, forKey: field.id) == nil else {
                    throw SatchelError.wrongUsage(
                        "Field \"\(field.name)\" is incremented twice.", remedy: "Increment it once.")
                }
                continue
            }
            switch assignment.operation {
            case .assign:
                guard registers.updateValue(try value(assignment.value, field: field, times), forKey: field.id) == nil
                else {
                    throw SatchelError.wrongUsage(
                        "Field \"\(field.name)\" is assigned twice.", remedy: "Assign it once.")
                }
            case .add, .remove:
                guard field.kind.isSet else {
                    throw SatchelError(
                        .invalidValue, "Field \"\(field.name)\" is not a set.",
                        remedy: "Write \(field.name)=value to assign it.")
                }
                let element = UTF8Text(assignment.value)
                if assignment.operation == .add {
                    adds[field.id, default: []].insert(element)
                } else {
                    removes[field.id, default: []].insert(element)
                }
            }
        }
        let sets = Set(adds.keys).union(removes.keys).map { id in
            FieldChange(id, .set(add: (adds[id] ?? []).sorted(), remove: (removes[id] ?? []).sorted()))
        }
        let maps = keys.map { id, entries in
            FieldChange(id, .map(entries.map { MapWrite($0.key, $0.value) }.sorted { $0.key < $1.key }))
        }
        return registers.map { FieldChange($0.key, .register($0.value)) } + sets
            + increments.map { FieldChange($0.key, .counter($0.value)) } + maps
    }

    /// The key of a map that `field.key=value` names; `nil` for every other assignment.
    private func mapKey(_ assignment: Assignment, type: EntityType) -> (Field, UTF8Text)? {
        guard assignment.operation == .assign, let point = assignment.field.firstIndex(of: "."),
            let field = type.field(named: String(assignment.field[..<point])), case .map = field.kind
        else { return nil }
        return (field, UTF8Text(String(assignment.field[assignment.field.index(after: point)...])))
    }

    /// A key's value as typed: whole numbers, `true` and `false` are themselves, the empty text takes the key away.
    private static func keyValue(_ text: String) -> FieldValue {
        switch text {
        case "": .null
        case "true": .boolean(true)
        case "false": .boolean(false)
        default: Int64(text).flatMap { String($0) == text ? .integer($0) : nil } ?? .text(UTF8Text(text))
        }
    }

    private static func amount(_ assignment: Assignment, field: Field) throws(SatchelError) -> Int64 {
        guard let amount = UInt64(decimalDigits: assignment.value.utf8), amount <= Limits.counterMax else {
            throw SatchelError(
                .invalidValue,
                "Field \"\(field.name)\" counts by whole numbers up to \(Limits.counterMax), got \"\(Excerpt.of(assignment.value))\".",
                remedy: "Write \(field.name)+=3 to add and \(field.name)-=3 to take away.")
        }
        return assignment.operation == .add ? Int64(amount) : -Int64(amount)
    }

    private func value(_ text: String, field: Field, _ times: TypedTime) throws -> FieldValue {
        if text.isEmpty, field.kind.isRegister { return .null }
        if case .reference(let target, _) = field.kind {
            return .reference(try resolve(text, type: target))
        }
        return try times.value(text, field: field)
    }
}
