import SatchelTestSupport

/// One step of a history that several devices write through one server.
///
/// A step that makes no sense where it stands does nothing, so that any part of a history is a history.
enum HistoryStep: Hashable {
    /// A device edits a record; `fromForm` rests the edit on what the device read there last, not on what it has now.
    case edit(device: Int, record: Int, Edit, fromForm: Bool)
    /// A device opens a form: it keeps what it has seen of the record.
    case read(device: Int, record: Int)
    /// A device sends the first of what waits, at most so many; the server parks the first of them where it is told to.
    case push(device: Int, atMost: Int, isParked: Bool)
    /// A device takes what the server has.
    case pull(device: Int)
    /// The server releases one of what is parked, counted round.
    case release(Int)
    /// A device writes anew in the place of one of its edits that it knows to be parked, counted round.
    case fix(device: Int, Int, Edit)

    /// What an edit writes.
    enum Edit: Hashable {
        /// Writes nothing: a fix with it is a discard.
        case nothing
        case create, delete, revive
        case write(register: Int, value: Int)
        case add(Int)
        case remove(Int)
        case writeAndTag(register: Int, value: Int, tag: Int)
        case increment(Int)
        case put(key: Int, value: Int)
    }

    /// The device that the step is about.
    var device: Int {
        switch self {
        case .edit(let device, _, _, _), .read(let device, _), .push(let device, _, _), .pull(let device),
            .fix(let device, _, _):
            device
        case .release: 0
        }
    }

    /// What the steps of one history are drawn from: few places, so that writes meet.
    struct Scope {
        let devices: Int
        let records: Int
        let registers: [Int]
    }

    /// Draws a step; edits are more than half of all, and those of a life few.
    static func random(in scope: Scope, using source: inout some ChoiceSource) -> HistoryStep {
        let device = source.pick(below: scope.devices)
        let record = source.pick(below: scope.records)
        switch source.pick(below: 24) {
        case 0: return .read(device: device, record: record)
        case 1...3:
            return .push(device: device, atMost: source.pick(from: [1, 2, 100]), isParked: source.isOnce(in: 4))
        case 4...6: return .pull(device: device)
        case 7: return .release(source.pick(below: 4))
        case 8:
            let edit = source.isOnce(in: 4) ? .nothing : randomEdit(in: scope, using: &source)
            return .fix(device: device, source.pick(below: 4), edit)
        default:
            return .edit(
                device: device, record: record, randomEdit(in: scope, using: &source),
                fromForm: source.isOnce(in: 4))
        }
    }

    private static func randomEdit(in scope: Scope, using source: inout some ChoiceSource) -> Edit {
        let value = source.pick(below: HistorySchema.valueCount)
        let register = source.pick(from: scope.registers)
        return switch source.pick(below: 24) {
        case 0: source.pick(from: [.create, .revive])
        case 1: .delete
        case 2: .add(value)
        case 3, 4: .remove(value)
        case 5: .writeAndTag(register: register, value: value, tag: source.pick(below: HistorySchema.valueCount))
        case 6: .increment(source.pick(from: [-2, 1, 5]))
        case 7...12: .put(key: source.pick(below: HistorySchema.keyCount), value: value)
        default: .write(register: register, value: value)
        }
    }

    /// Simpler steps to put in the place of this one when a history is shrunk.
    var simpler: [HistoryStep] {
        switch self {
        case .edit(let device, let record, let edit, let fromForm):
            var steps: [HistoryStep] = []
            if fromForm { steps.append(.edit(device: device, record: record, edit, fromForm: false)) }
            if record > 0 { steps.append(.edit(device: device, record: 0, edit, fromForm: fromForm)) }
            if case .writeAndTag(let register, let value, let tag) = edit {
                let halves: [Edit] = [.write(register: register, value: value), .add(tag)]
                steps += halves.map { .edit(device: device, record: record, $0, fromForm: fromForm) }
            }
            return steps
        case .push(let device, let count, let isParked):
            let plain: [HistoryStep] = isParked ? [.push(device: device, atMost: count, isParked: false)] : []
            return plain + simplerNumbers(count).map { .push(device: device, atMost: $0, isParked: isParked) }
        case .release(let number): return simplerNumbers(number).map { .release($0) }
        case .fix(let device, let number, let edit):
            let discard: [HistoryStep] = edit == .nothing ? [] : [.fix(device: device, number, .nothing)]
            return discard + simplerNumbers(number).map { .fix(device: device, $0, edit) }
        case .read, .pull: return []
        }
    }

    /// The history as a test would write it down.
    static func pasteable(_ steps: [HistoryStep]) -> String {
        let lines = steps.map { step in
            switch step {
            case .edit(let device, let record, let edit, let fromForm):
                ".edit(device: \(device), record: \(record), .\(edit), fromForm: \(fromForm)),"
            case .fix(let device, let number, let edit): ".fix(device: \(device), \(number), .\(edit)),"
            default: ".\(step),"
            }
        }
        return "let steps: [HistoryStep] = [\n    " + lines.joined(separator: "\n    ") + "\n]"
    }
}
