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
        /// The name that it was made under.
        let dot: Dot
        let digest: [UInt8]
        /// Whose it is; `office` for the server's own.
        let device: Int
        let parts: [RecordID: Part]
        /// The change-set in whose place it stands.
        let fixes: Int?
        /// What its author cannot but have seen: his own line, and what stands in the places of it.
        fileprivate(set) var line: EventSet
        /// What its author had read of each record.
        fileprivate(set) var seen: [RecordID: Reading]
    }

    /// What somebody had read, and what that was called when he did.
    struct Reading {
        var events = EventSet()
        var names: [Int: Dot] = [:]
        /// What of it stood under the name of a release.
        var released = EventSet()
    }

    /// What stands somewhere, and what of it under the name of a release.
    struct View {
        var events = EventSet()
        var released = EventSet()
        /// What each is called: by the server, and by a device its own, which the server may call otherwise or not at all.
        var names: [Int: Dot] = [:]
        /// What the server has applied, and of each such change-set the later ones whose authors had seen it under a name that the
        /// store did not know when both met: since it was restored they are not known to have seen it (causality.md §7).
        var applied = EventSet()
        var unseen: [Int: EventSet] = [:]

        /// What somebody has read who looks at it.
        var reading: Reading { Reading(events: events, names: names, released: released) }
        /// Parked work that a device lays over base, and what waits to be taken again by a restored store; and what is of its own line: nobody
        /// else is known to have seen the former.
        var laidApart = EventSet()
        var ownLine = EventSet()
    }

    /// What the server has: a restore from a backup puts all of it back.
    struct Books {
        /// The life of the store.
        var epoch = StoreEpoch(high: 1, low: 1)
        /// What the server calls each change-set that it has judged, and the other way round.
        fileprivate(set) var numbers: [Dot: Int] = [:]
        fileprivate(set) var names: [Int: Dot] = [:]
        /// What was applied.
        var server = View()
        /// Where each change-set stands in the order of commits.
        var order: [(sequence: UInt64, event: Int, isRelease: Bool)] = []
        /// What was judged in this life or before the backup.
        var judged = EventSet()
        /// What is parked now, by the verdict on it.
        var parked: [Int: Verdict] = [:]
        var reissued = EventSet()
        /// What an earlier life had applied and this one held for nothing but the record that it writes: nobody can have read that
        /// meanwhile, so who names it had seen it.
        var returned = EventSet()
        /// Whether the store gets back what a restore has cost it.
        var isRecovering = false
        /// Names under which change-sets came that are there under another, and all names of each.
        var doubles: Set<Dot> = []
        var aliases: [Int: Set<Dot>] = [:]
    }

    /// What one device has.
    struct Device {
        /// The life of the store that it belongs to, and whether its base is still that of an earlier one.
        var epoch = StoreEpoch(high: 1, low: 1)
        var isReturning = false
        var own: [Int] = []
        var base = View()
        var baseSequence: UInt64 = 0
        /// Own change-sets in whose place an own later one stands.
        var fixed = EventSet()
        /// Own change-sets that stand under the name of their release, as far as the device knows.
        var parked = EventSet()
        /// Own change-sets with a verdict, and those that had one when the device went over to a restored server.
        var judged = EventSet()
        var judgedBefore = EventSet()
        /// What the device calls its own: a fork gives them new names.
        var names: [Int: Dot] = [:]
    }

    static let office = -1

    var events: [Event] = []
    private var byDigest: [[UInt8]: Int] = [:]
    /// The change-sets that stand in the place of each.
    private var fixers: [Int: EventSet] = [:]
    /// The change-sets that touch a record, in the order in which they became known.
    private(set) var touching: [RecordID: [Int]] = [:]
    var devices: [Device]
    /// What the server has, and what it had in lives that are over.
    var books = Books()
    private var pastBooks: [StoreEpoch: Books] = [:]
    /// The verdicts that each change-set was ever given, and the names that the server ever gave it.
    var verdicts: [Int: Set<String>] = [:]
    var everNamed: [Int: Set<Dot>] = [:]

    /// What was applied at the server.
    var server: View { books.server }
    var parked: [Int: Verdict] { books.parked }
    var reissued: EventSet { books.reissued }

    init(devices count: Int) { devices = Array(repeating: Device(), count: count) }

    /// The number of the change-set that stands at the server under a dot, its release included.
    func number(of dot: Dot) -> Int? { books.numbers[dot.actor.releasedDot ?? dot] }
    /// The number of the change-set with this digest: a digest is over all of its line, so no two have the same.
    func number(of digest: [UInt8]) -> Int? { byDigest[digest] }
    /// What the server calls a change-set, or until it gets there the name that it was made under.
    func name(of event: Int) -> Dot { books.names[event] ?? events[event].dot }

    /// The server calls a change-set by this dot; answers whether it is the first of that name, and has no other.
    func name(_ event: Int, _ dot: Dot) -> Bool {
        books.names[event] = dot
        everNamed[event, default: []].insert(dot)
        books.aliases[event, default: []].insert(dot)
        return books.numbers.updateValue(event, forKey: dot) == nil
    }

    /// The store was put back to what it had when `books` were kept, and begins another life; what the office made in the one
    /// that is over is no line of the new one.
    func restore(_ kept: Books, as epoch: StoreEpoch) {
        pastBooks[books.epoch] = books
        books = kept
        books.epoch = epoch
        books.isRecovering = true
        officeEvents = []
    }

    /// Whether the author of `event` had seen `other`, of a record, as far as it shows in a view.
    ///
    /// Work that is parked, or waits for a record before a restored store takes it again, stays on the screen of its author, whatever
    /// others wrote over it meanwhile, and beside what a copy of his home fixed before it: his replica lays its own over base, in own
    /// order, and knows of no line but its own (causality.md §2).
    func hadSeen(_ event: Int, _ other: Int, of record: RecordID, in view: View) -> Bool {
        if view.laidApart.contains(other), !view.ownLine.contains(event) { return false }
        let isFixOfCopy = view.laidApart.contains(event) && !view.ownLine.contains(other)
        if events[event].line.contains(other), !isFixOfCopy { return true }
        guard let reading = events[event].seen[record], reading.events.contains(other) else { return false }
        guard view.applied.contains(event), view.applied.contains(other) else {
            if view.released.contains(other), !reading.released.contains(other) { return false }
            return reading.names[other].map { $0 == view.names[other] ?? name(of: other) } ?? true
        }
        return view.unseen[other]?.contains(event) != true
    }

    /// A change-set was applied: what was seen of it, and what its author had seen, counts as far as the store knows the names.
    func noteSights(of event: Int) {
        for record in events[event].parts.keys {
            for other in touching[record] ?? [] where other != event && server.events.contains(other) {
                for (author, seen) in [(event, other), (other, event)] where !events[author].line.contains(seen) {
                    guard let reading = events[author].seen[record], reading.events.contains(seen) else { continue }
                    let isNameKnown = reading.names[seen].map { books.aliases[seen]?.contains($0) == true } ?? true
                    // Who names x need not have seen x*; who had seen x in a life that is over cannot prove it.
                    let isRelease = server.released.contains(seen) && !reading.released.contains(seen)
                    if isNameKnown, !isRelease || books.returned.contains(seen) { continue }
                    books.server.unseen[seen, default: EventSet()].insert(author)
                }
            }
        }
    }

    /// What a device shows: base, and its own change-sets, less those in whose place others stand.
    func view(of device: Int) -> View {
        let state = devices[device]
        var view = state.base
        view.applied = state.base.events
        view.ownLine = EventSet(state.own)
        for event in state.own where !state.fixed.contains(event) && !isIn(state.base, event) {
            view.events.insert(event)
            view.names[event] = state.names[event]
            if state.parked.contains(event) { view.released.insert(event) }
            if state.parked.contains(event) || state.judgedBefore.contains(event) { view.laidApart.insert(event) }
        }
        return view
    }

    /// Whether a view holds a change-set, or one that stands in its place.
    func isIn(_ view: View, _ event: Int) -> Bool {
        view.events.contains(event) || fixers[event]?.contains { view.events.contains($0) } == true
    }

    /// The dot under which a change-set stands.
    func effectiveDot(_ event: Int, in view: View) -> Dot {
        let dot = view.names[event] ?? name(of: event)
        return view.released.contains(event) ? dot.released : dot
    }

    /// A device's home was copied: the copy has all that the device has.
    func copyDevice(_ number: Int) { devices.append(devices[number]) }

    /// What the server had applied up to a sequence in a life of its store.
    private func served(upTo sequence: UInt64, in epoch: StoreEpoch) -> View {
        let books = epoch == books.epoch ? books : pastBooks[epoch] ?? Books()
        var view = View()
        for entry in books.order where entry.sequence <= sequence {
            view.events.insert(entry.event)
            view.names[entry.event] = books.names[entry.event]
            if entry.isRelease { view.released.insert(entry.event) }
        }
        (view.applied, view.unseen) = (view.events, books.server.unseen)
        return view
    }

    // MARK: - Edits

    /// A change-set becomes known that a device or the office has sealed over what `view` shows.
    ///
    /// `forms` says what its author had read of a record where that was not all that stood.
    func add(
        _ changeSet: ChangeSet, digest: [UInt8], by device: Int, over view: View,
        forms: [RecordID: Reading] = [:]
    ) {
        if let known = byDigest[digest] {
            // The same edit at the same instant on two copies of a home is one change-set.
            devices[device].own.append(known)
            if let fixes = events[known].fixes { devices[device].fixed.insert(fixes) }
            return
        }
        let number = events.count
        let own = device == Self.office ? officeEvents : devices[device].own
        let fixes = changeSet.fixes.flatMap { wanted in own.last { events[$0].digest == wanted } }
        var line = EventSet(own)
        var seen: [RecordID: Reading] = [:]
        for change in changeSet.changes {
            var reading = forms[change.record] ?? view.reading
            reading.events.formUnion(line)
            seen[change.record] = reading
        }
        if let fixes {
            // It stands where the first of those stood, and knows of what it stands in the place of.
            line = events[fixes].line
            line.insert(fixes)
            for change in changeSet.changes { seen[change.record] = events[fixes].seen[change.record] ?? Reading() }
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

    /// A device has taken back what was made on it last; a copy of its home may have it still.
    ///
    /// - Returns: The number of that change-set.
    func takeBack(of device: Int) -> Int {
        let event = devices[device].own.removeLast()
        devices[device].names[event] = nil
        if let fixes = events[event].fixes { devices[device].fixed.remove(fixes) }
        return event
    }

    private var officeEvents: [Int] = []

    /// Whether another stands in the place of a change-set.
    func isReplaced(_ event: Int) -> Bool { fixers[event] != nil }

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

    /// A device's base is now what the server had at a sequence, in the life that the device belongs to.
    func setBase(of device: Int, to sequence: UInt64) {
        devices[device].baseSequence = sequence
        devices[device].base = served(upTo: sequence, in: devices[device].epoch)
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
