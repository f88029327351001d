/// Says what must stand, from nothing but "who had seen what": every edit keeps the set of all edits its author had seen.
///
/// There are no dots here, no vectors and no contexts, and of the module under test only the names of policies. Parked work that comes back is the
/// same edit, only later; a fix is an edit that had seen what the one in whose place it stands had seen, and all that had seen
/// that one have seen the fix.
struct SeenOracle {
    /// One edit, named by its place.
    struct Event {
        let device: Int
        let record: Int
        let edit: HistoryStep.Edit
        /// Every edit that its author had seen, of whatever record.
        fileprivate(set) var seen: EditSet
    }

    /// What one device has.
    struct Device {
        var base = EditSet()
        var unconfirmed: [Int] = []
        var sentCount = 0
        var parked: [Int] = []
        var own = EditSet()
        var forms: [Int: EditSet] = [:]
    }

    private(set) var events: [Event] = []
    /// What is applied at the server.
    private(set) var server = EditSet()
    private var parked: [Int] = []
    private var fixed = EditSet()
    /// What the server has parked at some time.
    private(set) var everParked = EditSet()
    private(set) var devices: [Device]
    /// How much came back by release and by fix.
    private(set) var releasedCount = 0, fixedCount = 0

    init(devices count: Int) { devices = Array(repeating: Device(), count: count) }

    /// What a device shows: base, and its own edits that are not confirmed or are parked, less those it has fixed.
    func view(of device: Int) -> EditSet {
        let own = EditSet((devices[device].unconfirmed + devices[device].parked).filter { !fixed.contains($0) })
        return devices[device].base.union(own)
    }

    /// Takes one step; an edit answers with its name, or `nil` where none is made.
    mutating func take(_ step: HistoryStep) -> Int? {
        switch step {
        case .edit(let device, let record, let edit, let fromForm):
            return makeEdit(device: device, record: record, edit, fromForm: fromForm)
        case .read(let device, let record): devices[device].forms[record] = view(of: device)
        case .push(let device, let atMost, let isParked):
            let waiting = devices[device].unconfirmed.dropFirst(devices[device].sentCount).prefix(atMost)
            devices[device].sentCount += waiting.count
            for (place, name) in waiting.enumerated() {
                guard isParked, place == 0 else {
                    server.insert(name)
                    continue
                }
                parked.append(name)
                everParked.insert(name)
            }
        case .pull(let device):
            devices[device].base = server
            devices[device].parked += devices[device].unconfirmed.prefix(devices[device].sentCount)
            devices[device].parked.removeAll { server.contains($0) || fixed.contains($0) }
            devices[device].unconfirmed.removeFirst(devices[device].sentCount)
            devices[device].sentCount = 0
        case .release(let number):
            let ready = parked.filter { !fixed.contains($0) }
            guard !ready.isEmpty else { return nil }
            let name = ready[number % ready.count]
            parked.removeAll { $0 == name }
            server.insert(name)
            releasedCount += 1
        case .fix(let device, let number, let edit): return makeFix(device: device, number, edit)
        }
        return nil
    }

    private mutating func makeEdit(device: Int, record: Int, _ edit: HistoryStep.Edit, fromForm: Bool) -> Int? {
        let view = view(of: device)
        guard edit == .create || view.contains(where: { events[$0].record == record && events[$0].edit == .create })
        else { return nil }
        let form = fromForm ? devices[device].forms[record] : nil
        return append(
            Event(device: device, record: record, edit: edit, seen: (form ?? view).union(devices[device].own)))
    }

    private mutating func makeFix(device: Int, _ number: Int, _ edit: HistoryStep.Edit) -> Int? {
        let ready = devices[device].parked.filter { parked.contains($0) && !fixed.contains($0) }
        guard !ready.isEmpty else { return nil }
        let old = ready[number % ready.count]
        let fix = events.count
        let name = append(Event(device: device, record: events[old].record, edit: edit, seen: events[old].seen))
        guard name != nil else { return nil }
        fixed.insert(old)
        fixedCount += 1
        for later in events.indices where events[later].seen.contains(old) { events[later].seen.insert(fix) }
        return name
    }

    private mutating func append(_ event: Event) -> Int? {
        guard events.count < EditSet.countMax else { return nil }
        events.append(event)
        let name = events.count - 1
        devices[event.device].unconfirmed.append(name)
        devices[event.device].own.insert(name)
        return name
    }

    /// When an edit was made: two neighbours share one time, so that ties of the winner's order occur, and the first device's
    /// clock runs ahead, so that what arrives later may be earlier.
    static func time(of name: Int, by device: Int) -> Int { name / 2 + (device == 0 ? 4 : 0) }
}
