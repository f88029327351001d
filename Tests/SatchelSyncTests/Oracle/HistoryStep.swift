import SatchelTestSupport

/// One step of a history that several devices write through one server.
///
/// A step that makes no sense where it stands does nothing, so that any part of a history is a history.
enum HistoryStep: Hashable {
    /// A device edits a record; `fromForm` rests the edit on what the device read there last, not on what it has now.
    case edit(device: Int, record: Int, Edit, fromForm: Bool)
    /// A device opens a form: it keeps what it has seen of the record.
    case read(device: Int, record: Int)
    /// A device sends the first of what waits, at most so many.
    case push(device: Int, atMost: Int)
    /// A device takes what the server has.
    case pull(device: Int)

    /// What an edit writes.
    enum Edit: Hashable {
        case create, delete, revive
        case write(field: Int, value: Int)
        case add(Int)
        case remove(Int)
        case writeAndTag(field: Int, value: Int, tag: Int)
    }

    /// The device that the step is about.
    var device: Int {
        switch self {
        case .edit(let device, _, _, _), .read(let device, _), .push(let device, _), .pull(let device): device
        }
    }

    /// Draws a step; edits are half of all, and those of a life few.
    static func random(devices: Int, records: Int, using source: inout some ChoiceSource) -> HistoryStep {
        let device = source.pick(below: devices)
        let record = source.pick(below: records)
        switch source.pick(below: 10) {
        case 0: return .read(device: device, record: record)
        case 1, 2: return .push(device: device, atMost: source.pick(from: [1, 2, 100]))
        case 3, 4: return .pull(device: device)
        default: break
        }
        let value = source.pick(below: 3)
        let field = source.pick(below: 2)
        let edit: Edit =
            switch source.pick(below: 16) {
            case 0: .create
            case 1: .delete
            case 2: .revive
            case 3, 4: .add(value)
            case 5, 6: .remove(value)
            case 7: .writeAndTag(field: field, value: value, tag: source.pick(below: 3))
            default: .write(field: field, value: value)
            }
        return .edit(device: device, record: record, edit, fromForm: source.isOnce(in: 4))
    }

    /// Simpler steps to put in the place of this one when a history is shrunk.
    var simpler: [HistoryStep] {
        switch self {
        case .edit(let device, let record, let edit, let fromForm):
            var steps: [HistoryStep] = []
            if fromForm { steps.append(.edit(device: device, record: record, edit, fromForm: false)) }
            if record > 0 { steps.append(.edit(device: device, record: 0, edit, fromForm: fromForm)) }
            if case .writeAndTag(let field, let value, let tag) = edit {
                let halves: [Edit] = [.write(field: field, value: value), .add(tag)]
                steps += halves.map { .edit(device: device, record: record, $0, fromForm: fromForm) }
            }
            return steps
        case .push(let device, let count): return simplerNumbers(count).map { .push(device: device, atMost: $0) }
        case .read, .pull: return []
        }
    }

    /// The history as a test would write it down.
    static func pasteable(_ steps: [HistoryStep]) -> String {
        let lines = steps.map { step in
            switch step {
            case .edit(let device, let record, let edit, let fromForm):
                ".edit(device: \(device), record: \(record), .\(edit), fromForm: \(fromForm)),"
            default: ".\(step),"
            }
        }
        return "let steps: [HistoryStep] = [\n    " + lines.joined(separator: "\n    ") + "\n]"
    }
}

/// What stands of one record: said by the oracle and by the engine, and compared.
struct RecordOutcome: Equatable {
    /// `absent`, `alive`, `deleted` or `contested`.
    var life = "absent"
    /// For each register, the edits whose values stand.
    var siblings: [Int: Set<Int>] = [:]
    /// For each element, the edits that added it and stand.
    var elements: [Int: Set<Int>] = [:]
    /// The registers in conflict.
    var conflicts: Set<Int> = []
    /// Whether the life is in conflict.
    var isLifeInConflict = false
}
