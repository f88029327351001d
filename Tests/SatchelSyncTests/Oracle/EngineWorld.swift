import SatchelSync
import SatchelTestSupport

/// Devices and one server over `RecordState`, as causality.md §2 to §5 say: the engine's side of the comparison.
struct EngineWorld {
    /// A change-set of one record.
    struct Entry {
        let name: Int
        let record: Int
        let dot: Dot
        /// Its own dot, or that of the change-set in whose place a fix stands.
        let place: Dot
        let change: RecordChange
        let time: Timestamp
        var isParked = false
        var isInBase = false

        var effectiveDot: Dot { isParked ? dot.released : dot }
        var isOutOfTurn: Bool { effectiveDot != place }
    }

    /// Base, own change-sets in the order of their places, and the context tokens of open forms.
    struct Device {
        let actor: ActorID
        var counter: UInt64 = 0
        var base: [Int: RecordState] = [:]
        var own: [Entry] = []
        var unconfirmed: [Int] = []
        var sentCount = 0
        var forms: [Int: VersionVector] = [:]
    }

    private(set) var server: [Int: RecordState] = [:]
    private(set) var devices: [Device]
    /// The oracle's name of the edit that a dot names.
    private(set) var names: [Dot: Int] = [:]
    private var log: [Entry] = []
    private var parked: [Entry] = []
    private var fixed: Set<Int> = []
    private let fault: PlantedFault?
    let type: EntityType

    init(devices count: Int, type: EntityType, fault: PlantedFault? = nil) {
        devices = (0..<count).map { Device(actor: .sample($0)) }
        self.type = type
        self.fault = fault
    }

    /// The record as a device shows it: base, then its own unconfirmed and parked edits, less those it has fixed.
    func effective(_ device: Int, record: Int) -> RecordState {
        let base = devices[device].base[record] ?? RecordState()
        let own = devices[device].own.filter { $0.record == record && !fixed.contains($0.name) }
        guard own.contains(where: { !$0.isInBase }) else { return base }
        let isInTurn = !own.contains { $0.isOutOfTurn }
        let entries = own.filter { !$0.isInBase || !isInTurn }.map { entry in
            OverlayEntry(
                changes: [entry.change], dot: entry.dot, place: entry.place, time: entry.time,
                isParked: entry.isParked, isInBase: entry.isInBase)
        }
        return base.overlaid(with: entries, lineage: Lineage())
    }

    /// Takes one step; `name` is what the oracle calls the edit, `nil` where it makes none.
    mutating func take(_ step: HistoryStep, name: Int?) {
        switch step {
        case .edit(let device, let record, let edit, let fromForm):
            guard let name else { return }
            makeEdit(device: device, record: record, edit, fromForm: fromForm, name: name)
        case .read(let device, let record): devices[device].forms[record] = context(device, record: record)
        case .push(let device, let atMost, let isParked): push(device, atMost: atMost, isParked: isParked)
        case .pull(let device): pull(device)
        case .release(let number):
            let ready = parked.filter { !fixed.contains($0.name) }
            guard !ready.isEmpty else { return }
            var entry = ready[number % ready.count]
            parked.removeAll { $0.name == entry.name }
            entry.isParked = fault != .parkedDotReused
            enter(entry)
        case .fix(let device, let number, let edit):
            guard let name else { return }
            makeFix(device: device, number, edit, name: name)
        }
    }

    private mutating func push(_ device: Int, atMost: Int, isParked: Bool) {
        let waiting = devices[device].unconfirmed.dropFirst(devices[device].sentCount).prefix(atMost)
        devices[device].sentCount += waiting.count
        for (place, name) in waiting.enumerated() {
            guard let entry = devices[device].own.first(where: { $0.name == name }) else { continue }
            if isParked, place == 0 { parked.append(entry) } else { enter(entry) }
        }
    }

    private mutating func pull(_ device: Int) {
        devices[device].base =
            fault == .countersAdded ? server.merging(devices[device].base, uniquingKeysWith: adding) : server
        let sent = Set(devices[device].unconfirmed.prefix(devices[device].sentCount))
        devices[device].unconfirmed.removeFirst(devices[device].sentCount)
        devices[device].sentCount = 0
        let applied = Dictionary(log.map { ($0.name, $0.isParked) }) { first, _ in first }
        for index in devices[device].own.indices {
            let name = devices[device].own[index].name
            if let wasParked = applied[name] {
                devices[device].own[index].isParked = wasParked
                devices[device].own[index].isInBase = true
            } else if sent.contains(name) {
                devices[device].own[index].isParked = true
            }
        }
    }

    private func context(_ device: Int, record: Int) -> VersionVector {
        let parked = devices[device].own.filter { $0.isParked && !$0.isInBase }.map(\.effectiveDot.actor)
        return effective(device, record: record).context.removing { parked.contains($0) }
    }

    private mutating func makeEdit(device: Int, record: Int, _ edit: HistoryStep.Edit, fromForm: Bool, name: Int) {
        let dot = Dot(devices[device].actor, devices[device].counter + 1)
        var seen = context(device, record: record)
        if fromForm, let token = devices[device].forms[record], fault != .formSeesThePresent { seen = token }
        if fault == .nothingSeen { seen = VersionVector() }
        queue(edit, record: record, context: seen.removing(line: Lineage().line(of: dot)), place: dot, device, name)
    }

    private mutating func makeFix(device: Int, _ number: Int, _ edit: HistoryStep.Edit, name: Int) {
        let ready = devices[device].own.filter { entry in
            entry.isParked && !entry.isInBase && !fixed.contains(entry.name)
                && parked.contains { $0.name == entry.name }
        }.sorted { $0.dot < $1.dot }
        guard !ready.isEmpty else { return }
        let old = ready[number % ready.count]
        fixed.insert(old.name)
        let place = fault == .fixOutOfPlace ? Dot(old.dot.actor, devices[device].counter + 1) : old.place
        queue(edit, record: old.record, context: old.change.context, place: place, device, name)
    }

    private mutating func queue(
        _ edit: HistoryStep.Edit, record: Int, context: VersionVector, place: Dot, _ device: Int, _ name: Int
    ) {
        devices[device].counter += 1
        let dot = Dot(devices[device].actor, devices[device].counter)
        let change = RecordChange(
            type: type.id, record: .sample(record), context: context, life: edit.lifeWrite, writes: edit.fieldChanges)
        let entry = Entry(
            name: name, record: record, dot: dot, place: place, change: change,
            time: Timestamp(milliseconds: Int64(SeenOracle.time(of: name, by: device))))
        let index = devices[device].own.firstIndex { $0.place > place } ?? devices[device].own.count
        devices[device].own.insert(entry, at: index)
        devices[device].unconfirmed.append(name)
        names[dot] = name
        names[dot.released] = name
    }

    /// Takes one change-set into the server's state, by the rules of causality.md §3.
    private mutating func enter(_ entry: Entry) {
        var state = server[entry.record] ?? RecordState()
        var line = Lineage().line(of: entry.place)
        if fault == .lineForgotten { line = VersionVector() }
        if fault == .lastWriterWins { line.formUnion(state.context) }
        let family = log.filter { $0.record == entry.record && $0.place.actor == entry.place.actor }
        var seenDots = family.filter { $0.isOutOfTurn && $0.place < entry.place }.map(\.effectiveDot)
        if fault == .releaseUnseen { seenDots = [] }
        var late = LateRule()
        if entry.isOutOfTurn, fault != .lateRuleForgotten {
            for later in family where later.place > entry.place {
                let hidesDelete = fault == .lateDotForgotten && later.change.life == .delete
                late.insert(hidesDelete ? later.change.reviving : later.change, dot: later.effectiveDot)
            }
        }
        let change = fault == .removeTakesAll ? entry.change.seeing(state) : entry.change
        state.apply(change, dot: entry.effectiveDot, time: entry.time, line: line, seenDots: seenDots, late: late)
        server[entry.record] = state
        log.append(entry)
    }

    /// Joins the parts of counters by adding: a planted fault.
    private func adding(_ new: RecordState, _ old: RecordState) -> RecordState {
        let fields = new.fields.map { entry in
            guard case .counter(let parts) = entry.state else { return entry }
            let before = old.field(entry.field)?.parts ?? []
            let added = parts.map { part in
                let sum = before.first { $0.dot.actor == part.dot.actor }?.sum ?? 0
                return CounterEntry(dot: part.dot, time: part.time, sum: part.sum &+ sum)
            }
            return FieldEntry(entry.field, .counter(added))
        }
        return RecordState(context: new.context, life: new.life, fields: fields)
    }
}
