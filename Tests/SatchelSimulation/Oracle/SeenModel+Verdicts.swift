import SatchelStorage
import SatchelSync

// What the server must answer, and what follows from what it answered.
extension SeenModel {
    /// The word of the verdict that a change-set must get next, with the code where it is parked.
    ///
    /// `violation` is the code of what its values break of the schema that the server judges by.
    func expectedVerdict(on event: Int, violation: String?, schema: Schema) -> String {
        if awaitsReturn(event) { return "held awaits_return" }
        if events[event].fixes != nil, !events[event].parts.isEmpty {
            guard chain(of: event).allSatisfy({ parked[$0] != nil }) else { return "rejected already_reissued" }
        }
        if need(of: event) != nil { return "held unknown_record" }
        if let violation { return "rejected \(violation)" }
        return isMisfit(event, schema) ? "rejected" : "applied"
    }

    /// Whether what it stands in the place of was lost with a restore and has not come back.
    func awaitsReturn(_ event: Int) -> Bool { chain(of: event).contains { !books.judged.contains($0) } }

    /// A record that the change-set needs and the server does not have.
    func need(of event: Int) -> RecordID? {
        let parts = events[event].parts
        let created = Set(parts.filter { $0.value.life == .create }.keys)
        for (record, part) in parts.sorted(by: { $0.key < $1.key }) {
            if part.life != .create, !created.contains(record), !isThere(record) { return record }
            for target in part.references where !created.contains(target) && !isThere(target) { return target }
        }
        return nil
    }

    private func isThere(_ record: RecordID) -> Bool { type(of: record, in: server, base: server) != nil }

    /// Whether it takes a record, or what a field refers to, for one of another type than it has.
    private func isMisfit(_ event: Int, _ schema: Schema) -> Bool {
        let parts = events[event].parts
        for (record, part) in parts {
            if let type = type(of: record, in: server, base: server), type != part.type { return true }
            for entry in part.writes {
                guard case .register(.reference(let target)) = entry.write,
                    case .reference(let wanted, _)? = schema.type(part.type)?.field(entry.field)?.kind
                else { continue }
                let found = type(of: target, in: server, base: server) ?? parts[target]?.type
                if let found, found != wanted { return true }
            }
        }
        return false
    }

    /// The server has judged a change-set: what its log says.
    func take(_ entry: LogEntry, violation: String?, schema: Schema) -> [String] {
        let name = entry.dot.shortDescription
        if entry.isRevision, books.doubles.contains(entry.dot) {
            if let event = number(of: entry.digest) { verdicts[event, default: []].insert(entry.verdict.word) }
            return []
        }
        let byName = entry.dot.actor.isRelease || entry.isRevision ? number(of: entry.dot) : nil
        guard let event = byName ?? number(of: entry.digest) else { return ["the log has \(name), which nobody made"] }
        if entry.isRevision {
            if entry.verdict.rejection?.code == SatchelError.Code.duplicate.word {
                books.parked[event] = nil
            } else if entry.verdict.rejection != nil {
                books.parked[event] = entry.verdict
            }
            verdicts[event, default: []].insert(entry.verdict.word)
            return []
        }
        if entry.dot.actor.isRelease { return release(event, entry) }
        if books.judged.contains(event) { return takeAgain(event, entry) }
        let isReoffered = everNamed[event]?.contains(entry.dot) == true
        guard self.name(event, entry.dot) else { return ["\(name) names two change-sets"] }
        let code = entry.verdict.rejection.map { " \($0.code)" } ?? ""
        let found = (entry.verdict.isApplied ? "applied" : entry.verdict.word) + code
        let expected = expectedVerdict(on: event, violation: violation, schema: schema)
        let isRight = isReoffered && isReturn(entry, of: event, schema) || found.hasPrefix(expected)
        // One that its author has replaced before he sent it is parked for that, where both come in one push.
        let isWithdrawn =
            entry.verdict.rejection?.code == SatchelError.Code.withdrawn.word && isReplaced(event)
        let mayWait = books.isRecovering && entry.verdict.rejection?.code == SatchelError.Code.inRecovery.word
        books.judged.insert(event)
        verdicts[event, default: []].insert(entry.verdict.word)
        if entry.verdict.isApplied {
            apply(event, entry)
            for target in chain(of: event) where parked[target] != nil { reissue(target) }
        } else {
            books.parked[event] = entry.verdict
            if isReoffered, isReturnAlone(event) { books.returned.insert(event) }
        }
        let isAllowed = isRight || isWithdrawn || mayWait && events[event].hasIncrements
        return isAllowed ? [] : ["\(name) is \(found) and not \(expected)"]
    }

    /// Whether a change-set that an earlier life of the store judged comes back as it was judged then, or cannot.
    private func isReturn(_ entry: LogEntry, of event: Int, _ schema: Schema) -> Bool {
        let before = verdicts[event] ?? []
        guard let rejection = entry.verdict.rejection else {
            return !before.isDisjoint(with: ["applied", "applied_with_conflicts", "reissued", "rejected", "held"])
        }
        switch rejection.code {
        case SatchelError.Code.unknownRecord.word: return before.contains("held") || need(of: event) != nil
        case SatchelError.Code.awaitsReturn.word:
            return before.contains("reissued") || awaitsReturn(event) || isReturnAlone(event)
        default: return before.contains("rejected") || isMisfit(event, schema)
        }
    }

    /// Whether an earlier life of the store had applied a change-set that writes one record, and nothing but that is missing.
    private func isReturnAlone(_ event: Int) -> Bool {
        guard !verdicts[event, default: []].isDisjoint(with: ["applied", "applied_with_conflicts"]),
            events[event].parts.count == 1, let (record, part) = events[event].parts.first, part.life != .create
        else { return false }
        return !isThere(record) && part.references.allSatisfy { $0 == record || isThere($0) }
    }

    /// A change-set came that the server has under another name: it counts for nothing, unless that one still waits.
    private func takeAgain(_ event: Int, _ entry: LogEntry) -> [String] {
        let name = entry.dot.shortDescription
        everNamed[event, default: []].insert(entry.dot)
        books.aliases[event, default: []].insert(entry.dot)
        if entry.verdict.rejection?.code == SatchelError.Code.duplicate.word {
            books.doubles.insert(entry.dot)
            verdicts[event, default: []].insert(entry.verdict.word)
            return []
        }
        if entry.verdict.rejection != nil, parked[event] != nil {
            // Both wait, each on the screen of a copy; once one of them goes in, both have come back.
            books.doubles.insert(entry.dot)
            return []
        }
        guard entry.verdict.isApplied, parked[event] != nil, books.names[event] != entry.dot else {
            return ["\(name) is judged twice"]
        }
        books.doubles.insert(self.name(of: event))
        guard self.name(event, entry.dot) else { return ["\(name) names two change-sets"] }
        verdicts[event, default: []].formUnion([entry.verdict.word, "reissued"])
        books.parked[event] = nil
        apply(event, entry)
        for target in chain(of: event) where parked[target] != nil { reissue(target) }
        return []
    }

    private func release(_ event: Int, _ entry: LogEntry) -> [String] {
        guard parked[event] != nil else { return ["\(entry.dot.shortDescription) is released and was not parked"] }
        // Where it waited under several names the store has it under the one that was released.
        if let own = entry.dot.actor.releasedDot, own != books.names[event] {
            books.doubles.insert(name(of: event))
            books.doubles.remove(own)
            guard name(event, own) else { return ["\(own.shortDescription) names two change-sets"] }
        }
        apply(event, entry)
        reissue(event)
        for target in chain(of: event) where parked[target] != nil { reissue(target) }
        return []
    }

    private func apply(_ event: Int, _ entry: LogEntry) {
        books.server.events.insert(event)
        books.server.applied.insert(event)
        books.server.names[event] = name(of: event)
        if entry.dot.actor.isRelease { books.server.released.insert(event) }
        noteSights(of: event)
        books.order.append((entry.sequence.number, event, entry.dot.actor.isRelease))
    }

    private func reissue(_ event: Int) {
        books.parked[event] = nil
        books.reissued.insert(event)
        verdicts[event, default: []].insert("reissued")
    }
}

extension SeenModel.Event {
    /// Whether some write adds to a counter.
    var hasIncrements: Bool {
        parts.values.contains { part in part.writes.contains { if case .counter = $0.write { true } else { false } } }
    }
}

extension SeenModel.Part {
    /// The records that the writes refer to.
    var references: [RecordID] {
        writes.compactMap { if case .register(.reference(let target)) = $0.write { target } else { nil } }
    }
}
