/// Says what must stand, from nothing but "who had seen what": every edit keeps the set of all edits its author had seen.
///
/// There are no dots here, no vectors and no contexts, and nothing of the module under test.
struct SeenOracle {
    /// One edit, named by its place.
    struct Event {
        let device: Int
        let record: Int
        let edit: HistoryStep.Edit
        /// Every edit that its author had seen, of whatever record.
        let seen: Set<Int>
    }

    /// What one device has.
    struct Device {
        var base: Set<Int> = []
        var unconfirmed: [Int] = []
        var sentCount = 0
        var own: Set<Int> = []
        var forms: [Int: Set<Int>] = [:]

        var view: Set<Int> { base.union(unconfirmed) }
    }

    private(set) var events: [Event] = []
    private(set) var server: Set<Int> = []
    private(set) var devices: [Device]

    init(devices count: Int) { devices = Array(repeating: Device(), count: count) }

    /// Takes one step; an edit answers with its name, or `nil` where the device does not know the record.
    mutating func take(_ step: HistoryStep) -> Int? {
        switch step {
        case .edit(let device, let record, let edit, let fromForm):
            return makeEdit(device: device, record: record, edit, fromForm: fromForm)
        case .read(let device, let record): devices[device].forms[record] = devices[device].view
        case .push(let device, let atMost):
            let waiting = devices[device].unconfirmed.dropFirst(devices[device].sentCount).prefix(atMost)
            server.formUnion(waiting)
            devices[device].sentCount += waiting.count
        case .pull(let device):
            devices[device].base = server
            devices[device].unconfirmed.removeFirst(devices[device].sentCount)
            devices[device].sentCount = 0
        }
        return nil
    }

    private mutating func makeEdit(device: Int, record: Int, _ edit: HistoryStep.Edit, fromForm: Bool) -> Int? {
        let view = devices[device].view
        guard edit == .create || view.contains(where: { events[$0].record == record && events[$0].edit == .create })
        else { return nil }
        let form = fromForm ? devices[device].forms[record] : nil
        let event = Event(
            device: device, record: record, edit: edit, seen: (form ?? view).union(devices[device].own))
        events.append(event)
        let name = events.count - 1
        devices[device].unconfirmed.append(name)
        devices[device].own.insert(name)
        return name
    }

    /// What stands of a record where all of `known` has arrived.
    func outcome(of record: Int, known: Set<Int>) -> RecordOutcome {
        let events = known.filter { self.events[$0].record == record }
        var outcome = RecordOutcome()
        for field in 0..<2 {
            let writes = events.filter { self.events[$0].writtenValue(of: field) != nil }
            let standing = unseen(writes, byAnyOf: writes)
            guard !standing.isEmpty else { continue }
            outcome.siblings[field] = standing
            if Set(standing.map { self.events[$0].writtenValue(of: field) }).count > 1 {
                outcome.conflicts.insert(field)
            }
        }
        for element in 0..<3 {
            let adds = events.filter { self.events[$0].adds(element) }
            let touches = events.filter { self.events[$0].adds(element) || self.events[$0].edit == .remove(element) }
            let standing = unseen(adds, byAnyOf: touches)
            if !standing.isEmpty { outcome.elements[element] = standing }
        }
        setLife(&outcome, events)
        return outcome
    }

    private func setLife(_ outcome: inout RecordOutcome, _ events: Set<Int>) {
        let marks = events.filter { [.create, .delete, .revive].contains(self.events[$0].edit) }
        let standing = unseen(marks, byAnyOf: marks)
        let deletes = standing.filter { self.events[$0].edit == .delete }
        guard !standing.isEmpty else { return }
        if deletes.isEmpty {
            outcome.life = "alive"
        } else {
            let seen = deletes.reduce(into: Set<Int>()) { $0.formUnion(self.events[$1].seen) }
            let values = Array(outcome.siblings.values.joined()) + outcome.elements.values.joined()
            let isSettled = deletes == standing && values.allSatisfy(seen.contains)
            outcome.life = isSettled ? "deleted" : "contested"
        }
        outcome.isLifeInConflict = outcome.life == "contested"
        if outcome.life == "deleted" { outcome.conflicts = [] }
    }

    private func unseen(_ edits: Set<Int>, byAnyOf others: Set<Int>) -> Set<Int> {
        edits.filter { edit in !others.contains { events[$0].seen.contains(edit) } }
    }
}

extension SeenOracle.Event {
    /// What the edit writes into a register; `nil` when it does not.
    func writtenValue(of field: Int) -> Int? {
        switch edit {
        case .write(field, let value), .writeAndTag(field, let value, _): value
        default: nil
        }
    }

    /// Whether the edit adds the element.
    func adds(_ element: Int) -> Bool {
        switch edit {
        case .add(element), .writeAndTag(_, _, element): true
        default: false
        }
    }
}
