import SatchelStorage
package import SatchelSync

/// One field's edit as people type it: `name=Aster`, `phone=` to empty it, `tags+=vip`, `tags-=old`.
package struct Assignment: Hashable, Sendable {
    /// What is done with the value.
    package enum Operation: Hashable, Sendable {
        /// Gives a register its value.
        case assign
        /// Adds an element to a set.
        case add
        /// Removes an element from a set.
        case remove
    }

    /// The field's name.
    package let field: String
    /// What is done.
    package let operation: Operation
    /// The value as typed.
    package let value: String

    package init(field: String, operation: Operation, value: String) {
        self.field = field
        self.operation = operation
        self.value = value
    }

    /// Reads an argument.
    ///
    /// - Throws: ``SatchelError`` `invalid_request` when it has no `=`, or nothing before it.
    package init(argument: String) throws(SatchelError) {
        guard let equals = argument.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            throw SatchelError(
                .invalidRequest, "\"\(argument)\" is not an assignment.",
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
            throw SatchelError(
                .invalidRequest, "\"\(argument)\" names no field.",
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
    /// References are named by an id or an ending of it.
    /// - Throws: ``SatchelError`` `unknown_field`, `invalid_value`, `invalid_request`, `unknown_record`, `ambiguous_id`.
    package func writes(_ assignments: [Assignment], type: EntityType) throws -> [FieldChange] {
        var registers: [FieldID: FieldValue] = [:]
        var adds: [FieldID: Set<UTF8Text>] = [:]
        var removes: [FieldID: Set<UTF8Text>] = [:]
        for assignment in assignments {
            let field = try type.requireField(named: assignment.field)
            switch assignment.operation {
            case .assign:
                guard registers.updateValue(try value(assignment.value, field: field), forKey: field.id) == nil else {
                    throw SatchelError(
                        .invalidRequest, "Field \"\(field.name)\" is assigned twice.", remedy: "Assign it once.")
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
        return registers.map { FieldChange($0.key, .register($0.value)) } + sets
    }

    private func value(_ text: String, field: Field) throws -> FieldValue {
        if text.isEmpty, !field.kind.isSet { return .null }
        if case .reference(let target, _) = field.kind {
            return .reference(try records.resolve(text, type: target))
        }
        return try field.parse(text)
    }
}
