import SatchelSync
import SatchelTestSupport

/// Plants a mistake, to prove that the oracle sees it.
enum PlantedFault: CaseIterable {
    /// A form edit claims to have seen what was pulled after the form was opened.
    case formSeesThePresent
    /// An edit claims to have seen nothing but its line.
    case nothingSeen
    /// The line does not count as seen.
    case lineForgotten
    /// A change counts as having seen all that it meets where it arrives.
    case lastWriterWins
}

/// Devices and one server over `RecordState`, as causality.md §2 and §5 say: the engine's side of the comparison.
struct EngineWorld {
    /// A change-set of one record on its way.
    struct Entry {
        let dot: Dot
        let change: RecordChange
        let time: Timestamp
    }

    /// Base, overlay, and the context tokens of open forms.
    struct Device {
        let actor: ActorID
        var counter: UInt64 = 0
        var base: [Int: RecordState] = [:]
        var unconfirmed: [Entry] = []
        var sentCount = 0
        var forms: [Int: VersionVector] = [:]
    }

    private(set) var server: [Int: RecordState] = [:]
    private(set) var devices: [Device]
    /// The oracle's name of the edit that a dot names.
    private(set) var names: [Dot: Int] = [:]
    private let fault: PlantedFault?
    private let type: EntityType

    init(devices count: Int, type: EntityType, fault: PlantedFault? = nil) {
        devices = (0..<count).map { Device(actor: .sample($0)) }
        self.type = type
        self.fault = fault
    }

    /// The record as a device shows it: base, then its own unconfirmed edits in order.
    func effective(_ device: Int, record: Int) -> RecordState {
        var state = devices[device].base[record] ?? RecordState()
        for entry in devices[device].unconfirmed where entry.change.record == .sample(record) {
            apply(entry, to: &state)
        }
        return state
    }

    /// Takes one step; `name` is what the oracle calls the edit, `nil` where it makes none.
    mutating func take(_ step: HistoryStep, name: Int?) {
        switch step {
        case .edit(let device, let record, let edit, let fromForm):
            guard let name else { return }
            makeEdit(device: device, record: record, edit, fromForm: fromForm, name: name)
        case .read(let device, let record):
            devices[device].forms[record] = effective(device, record: record).context
        case .push(let device, let atMost):
            let waiting = devices[device].unconfirmed.dropFirst(devices[device].sentCount).prefix(atMost)
            for entry in waiting {
                for record in 0..<2 where entry.change.record == .sample(record) {
                    apply(entry, to: &server[record, default: RecordState()])
                }
            }
            devices[device].sentCount += waiting.count
        case .pull(let device):
            devices[device].base = server
            devices[device].unconfirmed.removeFirst(devices[device].sentCount)
            devices[device].sentCount = 0
        }
    }

    private mutating func makeEdit(
        device: Int, record: Int, _ edit: HistoryStep.Edit, fromForm: Bool, name: Int
    ) {
        devices[device].counter += 1
        let dot = Dot(devices[device].actor, devices[device].counter)
        var context = effective(device, record: record).context
        if fromForm, let token = devices[device].forms[record], fault != .formSeesThePresent { context = token }
        if fault == .nothingSeen { context = VersionVector() }
        let change = RecordChange(
            type: type.id, record: .sample(record), context: context.removing(line: Lineage().line(of: dot)),
            life: edit.lifeWrite, writes: edit.fieldChanges)
        let entry = Entry(dot: dot, change: change, time: Timestamp(milliseconds: Int64(name / 2)))
        devices[device].unconfirmed.append(entry)
        names[dot] = name
    }

    private func apply(_ entry: Entry, to state: inout RecordState) {
        var line = Lineage().line(of: entry.dot)
        if fault == .lineForgotten { line = VersionVector() }
        if fault == .lastWriterWins { line.formUnion(state.context) }
        state.apply(entry.change, dot: entry.dot, time: entry.time, line: line)
    }

    /// What stands of a record, in the oracle's terms.
    func outcome(of state: RecordState?) -> RecordOutcome {
        var outcome = RecordOutcome()
        guard let state else { return outcome }
        outcome.life = state.lifeStatus.word
        for (number, field) in [ItemSchema.name, ItemSchema.phone].enumerated() {
            let standing = Set((state.field(field)?.siblings ?? []).compactMap { names[$0.dot] })
            if !standing.isEmpty { outcome.siblings[number] = standing }
        }
        for element in state.field(ItemSchema.tags)?.elements ?? [] {
            guard let number = Int(element.value.string) else { continue }
            outcome.elements[number] = Set(element.dots.compactMap { names[$0.dot] })
        }
        for conflict in state.conflicts(in: type) {
            switch conflict.subject {
            case .life: outcome.isLifeInConflict = true
            case .field(let field): outcome.conflicts.insert(field == ItemSchema.name ? 0 : 1)
            case .key: break
            }
        }
        return outcome
    }
}

extension HistoryStep.Edit {
    fileprivate var lifeWrite: LifeWrite? {
        switch self {
        case .create: .create
        case .delete: .delete
        case .revive: .revive
        default: nil
        }
    }

    fileprivate var fieldChanges: [FieldChange] {
        func write(_ field: Int, _ value: Int) -> FieldChange {
            FieldChange(field == 0 ? ItemSchema.name : ItemSchema.phone, .register(.integer(Int64(value))))
        }
        func tags(add: [Int] = [], remove: [Int] = []) -> FieldChange {
            let texts = { (numbers: [Int]) in numbers.map { UTF8Text(String($0)) } }
            return FieldChange(ItemSchema.tags, .set(add: texts(add), remove: texts(remove)))
        }
        return switch self {
        case .create, .delete, .revive: []
        case .write(let field, let value): [write(field, value)]
        case .add(let tag): [tags(add: [tag])]
        case .remove(let tag): [tags(remove: [tag])]
        case .writeAndTag(let field, let value, let tag): [write(field, value), tags(add: [tag])]
        }
    }
}
