import SatchelStorage
import SatchelSync

/// Says what must stand, from nothing but dots and "who had seen what": every change-set keeps the explicit sets of all
/// change-sets that its author had seen.
///
/// There are no vectors here and no contexts. It learns what was written from the devices' own queues, what was judged from the
/// server's log, and what a device was served from its checkpoint; what its author had seen it works out by itself.
final class SeenModel {
    /// What a change-set does to one record.
    struct Part {
        let type: EntityTypeID
        let life: LifeWrite?
        let writes: [FieldChange]
    }

    /// One change-set, named by its number.
    struct Event {
        /// Its name at the server, or until it gets there the one that it was made under.
        fileprivate(set) var dot: Dot
        let digest: [UInt8]
        /// Whose it is; `office` for the server's own.
        let device: Int
        let parts: [RecordID: Part]
        /// The change-set in whose place it stands.
        let fixes: Int?
        /// What its author cannot but have seen: his own line, and what stands in the places of it.
        fileprivate(set) var line: EventSet
        /// What its author had read of each record.
        fileprivate(set) var seen: [RecordID: EventSet]
    }

    /// What stands somewhere, and what of it under the name of a release.
    struct View {
        var events = EventSet()
        var released = EventSet()
        /// What a device calls its own that the server may call otherwise, or not at all.
        var names: [Int: Dot] = [:]
        /// Parked work that a device lays over base, and what is of its own line: nobody else is known to have seen the former.
        var laidParked = EventSet()
        var ownLine = EventSet()
    }

    /// What one device has.
    struct Device {
        var own: [Int] = []
        var base = View()
        var baseSequence: UInt64 = 0
        /// Own change-sets in whose place an own later one stands.
        var fixed = EventSet()
        /// Own change-sets that stand under the name of their release, as far as the device knows.
        var parked = EventSet()
        /// What the device calls its own: a fork gives them new names.
        var names: [Int: Dot] = [:]
    }

    static let office = -1

    var events: [Event] = []
    /// What the server calls each change-set that it has judged.
    private var numbers: [Dot: Int] = [:]
    private var byDigest: [[UInt8]: Int] = [:]
    /// The change-sets that stand in the place of each.
    private var fixers: [Int: EventSet] = [:]
    /// The change-sets that touch a record, in the order in which they became known.
    private(set) var touching: [RecordID: [Int]] = [:]
    var devices: [Device]
    /// What was applied at the server.
    var server = View()
    /// Where each change-set stands in the order of commits.
    var order: [(sequence: UInt64, event: Int, isRelease: Bool)] = []
    /// The verdicts that each change-set was ever given.
    var verdicts: [Int: Set<String>] = [:]
    /// What is parked at the server now, by the code of the reason.
    var parked: [Int: Verdict] = [:]
    var reissued = EventSet()

    init(devices count: Int) { devices = Array(repeating: Device(), count: count) }

    /// The number of the change-set that stands at the server under a dot, its release included.
    func number(of dot: Dot) -> Int? { numbers[dot.actor.releasedDot ?? dot] }
    /// The number of the change-set with this digest: a digest is over all of its line, so no two have the same.
    func number(of digest: [UInt8]) -> Int? { byDigest[digest] }

    /// The server calls a change-set by this dot; answers whether it is the first of that name, and has no other.
    func name(_ event: Int, _ dot: Dot) -> Bool {
        events[event].dot = dot
        return numbers.updateValue(event, forKey: dot) == nil
    }

    /// Whether the author of `event` had seen `other`, of a record, as far as it shows in a view.
    ///
    /// Work that is parked stays on the screen of its author, whatever a copy of his home wrote over it meanwhile: his replica lays
    /// its own over base, in own order, and knows of no line but its own (causality.md §2).
    func hadSeen(_ event: Int, _ other: Int, of record: RecordID, in view: View) -> Bool {
        if view.laidParked.contains(other), !view.ownLine.contains(event) { return false }
        return events[event].line.contains(other) || events[event].seen[record]?.contains(other) == true
    }

    /// What a device shows: base, and its own change-sets, less those in whose place others stand.
    func view(of device: Int) -> View {
        let state = devices[device]
        var view = state.base
        view.ownLine = EventSet(state.own)
        for event in state.own where !state.fixed.contains(event) && !isIn(state.base, event) {
            view.events.insert(event)
            view.names[event] = state.names[event]
            guard state.parked.contains(event) else { continue }
            view.released.insert(event)
            view.laidParked.insert(event)
        }
        return view
    }

    /// Whether a view holds a change-set, or one that stands in its place.
    func isIn(_ view: View, _ event: Int) -> Bool {
        view.events.contains(event) || fixers[event]?.contains { view.events.contains($0) } == true
    }

    /// The dot under which a change-set stands.
    func effectiveDot(_ event: Int, in view: View) -> Dot {
        let dot = view.names[event] ?? events[event].dot
        return view.released.contains(event) ? dot.released : dot
    }

    /// A device's home was copied: the copy has all that the device has.
    func copyDevice(_ number: Int) { devices.append(devices[number]) }

    /// What the server had applied up to a sequence.
    func served(upTo sequence: UInt64) -> View {
        var view = View()
        for entry in order where entry.sequence <= sequence {
            view.events.insert(entry.event)
            if entry.isRelease { view.released.insert(entry.event) }
        }
        return view
    }

    // MARK: - Edits

    /// A change-set becomes known that a device or the office has sealed over what `view` shows.
    ///
    /// `forms` says what its author had read of a record where that was not all that stood.
    func add(
        _ changeSet: ChangeSet, digest: [UInt8], by device: Int, over view: View,
        forms: [RecordID: EventSet] = [:]
    ) {
        if let known = byDigest[digest] {
            // The same edit at the same instant on two copies of a home is one change-set.
            return devices[device].own.append(known)
        }
        let number = events.count
        let own = device == Self.office ? officeEvents : devices[device].own
        let fixes = changeSet.fixes.flatMap { wanted in own.last { events[$0].digest == wanted } }
        var line = EventSet(own)
        var seen: [RecordID: EventSet] = [:]
        for change in changeSet.changes {
            seen[change.record] = (forms[change.record] ?? view.events).union(line)
        }
        if let fixes {
            // It stands where the first of those stood, and knows of what it stands in the place of.
            line = events[fixes].line
            line.insert(fixes)
            for change in changeSet.changes { seen[change.record] = events[fixes].seen[change.record] ?? EventSet() }
        }
        let parts = Dictionary(
            changeSet.changes.map { ($0.record, Part(type: $0.type, life: $0.life, writes: $0.writes)) },
            uniquingKeysWith: { first, _ in first })
        events.append(
            Event(
                dot: changeSet.dot, digest: digest, device: device, parts: parts, fixes: fixes, line: line, seen: seen))
        byDigest[digest] = number
        for change in changeSet.changes { touching[change.record, default: []].append(number) }
        if device == Self.office { officeEvents.append(number) } else { devices[device].own.append(number) }
        guard let fixes else { return }
        for target in chain(of: number) { fixers[target, default: EventSet()].insert(number) }
        if device != Self.office { devices[device].fixed.insert(fixes) }
        // All of the line that come behind the one in whose place it stands have seen it.
        for other in own where events[other].line.contains(fixes) { events[other].line.insert(number) }
    }

    private var officeEvents: [Int] = []

    /// The change-sets in whose place a fix stands: what it fixes, what that one fixes, and so on.
    func chain(of event: Int) -> [Int] {
        var chain: [Int] = []
        var next = events[event].fixes
        while let target = next {
            chain.append(target)
            next = events[target].fixes
        }
        return chain
    }

    /// A device's base is now what the server had at a sequence.
    func setBase(of device: Int, to sequence: UInt64) {
        devices[device].baseSequence = sequence
        devices[device].base = served(upTo: sequence)
    }

    // MARK: - Records

    /// The type of a record as a view shows it; `nil` where it does not.
    ///
    /// What the server confirmed goes before what the device made itself under the same id.
    func type(of record: RecordID, in view: View, base: View) -> EntityTypeID? {
        for candidates in [base.events, view.events] {
            for event in touching[record] ?? [] where candidates.contains(event) {
                if let part = events[event].parts[record], part.life == .create { return part.type }
            }
        }
        return nil
    }

    /// The change-sets of a view that write a record of a type.
    func parts(of record: RecordID, type: EntityTypeID, in view: View) -> [(event: Int, part: Part)] {
        (touching[record] ?? []).compactMap { event in
            guard view.events.contains(event), let part = events[event].parts[record], part.type == type else {
                return nil
            }
            return (event, part)
        }
    }
}
