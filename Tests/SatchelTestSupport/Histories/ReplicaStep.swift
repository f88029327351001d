package import SatchelSync

/// One step of a history of replicas, small enough to be left out or made simpler when a history is shrunk.
package enum ReplicaStep: Hashable, Sendable {
    /// A replica edits the record.
    case edit(at: Int, Edit)
    /// A replica hears of all that another one has applied.
    case deliver(from: Int, to: Int)

    /// What an edit does.
    package enum Edit: Hashable, Sendable {
        case create(name: String)
        case delete, revive
        case add(String)
        case remove(String)
        case phone(String)
        case name(String)
        case count(Int)
        case put(key: String)
        /// Takes one key away and gives another a value.
        case exchange(value: String)
        /// Empties a register and adds an element, in one change.
        case emptyAndAdd(String)
    }

    /// Draws a step of a history of `replicas` replicas: a delivery once in three, where there is anybody to deliver to.
    package static func random(replicas: Int, using source: inout some ChoiceSource) -> ReplicaStep {
        let index = source.pick(below: replicas)
        if replicas > 1, source.isOnce(in: 3) {
            return .deliver(from: (index + 1 + source.pick(below: replicas - 1)) % replicas, to: index)
        }
        let value = source.pick(from: ["a", "b", "c"])
        let edit: Edit =
            switch source.pick(below: 11) {
            case 0: .create(name: value)
            case 1: .delete
            case 2: .revive
            case 3: .add(value)
            case 4: .remove(value)
            case 5: .phone(value)
            case 6: .name(value)
            case 7: .count(source.pick(from: [1, -2, 5]))
            case 8: .put(key: value)
            case 9: .exchange(value: value)
            default: .emptyAndAdd(value)
            }
        return .edit(at: index, edit)
    }

    /// Draws a history of `replicas` replicas with a number of steps out of `count`.
    package static func history(
        replicas: Int, steps count: ClosedRange<Int>, using source: inout some ChoiceSource
    ) -> [ReplicaStep] {
        (0..<source.pick(in: count)).map { _ in random(replicas: replicas, using: &source) }
    }

    /// Simpler steps to put in the place of this one when a history is shrunk.
    package var simpler: [ReplicaStep] {
        switch self {
        case .edit(let index, .emptyAndAdd(let value)): [.edit(at: index, .add(value))]
        case .edit(let index, .exchange(let value)): [.edit(at: index, .put(key: value))]
        case .edit(let index, let edit) where index > 0: [.edit(at: 0, edit)]
        case .edit, .deliver: []
        }
    }

    /// A history as a test would write it down.
    package static func pasteable(_ steps: [ReplicaStep]) -> String {
        let lines = steps.map { step in
            switch step {
            case .edit(let index, let edit): ".edit(at: \(index), .\(edit)),"
            case .deliver(let source, let target): ".deliver(from: \(source), to: \(target)),"
            }
        }
        return "let steps: [ReplicaStep] = [\n    " + lines.joined(separator: "\n    ") + "\n]"
    }
}

extension ReplicaStep.Edit {
    /// What the edit does to the record's life.
    package var life: LifeWrite? {
        switch self {
        case .create: .create
        case .delete: .delete
        case .revive: .revive
        default: nil
        }
    }

    /// The fields that the edit writes.
    package var writes: [FieldChange] {
        switch self {
        case .delete, .revive: []
        case .create(let text), .name(let text): [Self.register(ItemSchema.name, .text(UTF8Text(text)))]
        case .add(let element): [Self.tags(add: [element])]
        case .remove(let element): [Self.tags(remove: [element])]
        case .phone(let text): [Self.register(ItemSchema.phone, .text(UTF8Text(text)))]
        case .count(let amount): [FieldChange(ItemSchema.visits, .counter(Int64(amount)))]
        case .put(let key): [FieldChange(ItemSchema.facts, .map([MapWrite(UTF8Text(key), .integer(1))]))]
        case .exchange(let text):
            [FieldChange(ItemSchema.facts, .map([MapWrite("a", .null), MapWrite("b", .text(UTF8Text(text)))]))]
        case .emptyAndAdd(let element):
            [Self.register(ItemSchema.phone, .null), Self.tags(add: [element], remove: ["z"])]
        }
    }

    private static func register(_ field: FieldID, _ value: FieldValue) -> FieldChange {
        FieldChange(field, .register(value))
    }

    private static func tags(add: [String] = [], remove: [String] = []) -> FieldChange {
        FieldChange(ItemSchema.tags, .set(add: add.map { UTF8Text($0) }, remove: remove.map { UTF8Text($0) }))
    }
}
