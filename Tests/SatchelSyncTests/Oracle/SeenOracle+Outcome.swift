import SatchelSync

extension SeenOracle {
    /// What stands of a record where all of `known` has arrived.
    func outcome(of record: Int, known: EditSet) -> RecordOutcome {
        let events = known.filter { self.events[$0].record == record }
        var outcome = RecordOutcome()
        for place in Self.places {
            let writes = events.filter { self.events[$0].edit.value(at: place) != nil }
            let standing = unseen(writes, byAnyOf: writes)
            guard !standing.isEmpty else { continue }
            outcome.siblings[place] = EditSet(standing)
            if place.isConflicting, Set(standing.map { self.events[$0].edit.value(at: place) }).count > 1 {
                outcome.conflicts.insert(place)
            }
            if case .register(let number) = place { outcome.winners[number] = winner(among: standing, of: number) }
        }
        for element in 0..<HistorySchema.valueCount {
            let adds = events.filter { self.events[$0].edit.adds(element) }
            guard !adds.isEmpty else { continue }
            let touches = events.filter {
                self.events[$0].edit.adds(element) || self.events[$0].edit == .remove(element)
            }
            let standing = unseen(adds, byAnyOf: touches)
            if !standing.isEmpty { outcome.elements[element] = EditSet(standing) }
        }
        let increments = events.filter { self.events[$0].edit.increment != nil }
        outcome.total = increments.reduce(0) { $0 + (self.events[$1].edit.increment ?? 0) }
        setLife(&outcome, events, lastIncrements(of: increments))
        return outcome
    }

    /// Every register and every key.
    static let places: [RecordOutcome.Place] =
        (0..<HistorySchema.registers.count).map { .register($0) } + (0..<HistorySchema.keyCount).map { .key($0) }

    /// The increments that tell of a counter's parts: each author's last one, and what came back from being parked.
    ///
    /// A part is known by its last increment (causality.md §1). So a fix that its author's delete had seen hides an increment
    /// that he made after the delete; a device does not make one, since it shows the record as deleted.
    private func lastIncrements(of increments: [Int]) -> [Int] {
        increments.filter { one in
            let later = increments.filter { $0 > one && events[$0].device == events[one].device }
            return everParked.contains(one) || later.allSatisfy(everParked.contains)
        }
    }

    private func setLife(_ outcome: inout RecordOutcome, _ events: [Int], _ increments: [Int]) {
        let marks = events.filter { [.create, .delete, .revive].contains(self.events[$0].edit) }
        let standing = unseen(marks, byAnyOf: marks)
        let deletes = standing.filter { self.events[$0].edit == .delete }
        guard !standing.isEmpty else { return }
        if deletes.isEmpty {
            outcome.life = "alive"
        } else {
            let seen = deletes.reduce(EditSet()) { $0.union(self.events[$1].seen) }
            let values = Array(outcome.siblings.values) + Array(outcome.elements.values) + [EditSet(increments)]
            let isSettled = deletes == standing && values.allSatisfy(seen.isSuperset)
            outcome.life = isSettled ? "deleted" : "contested"
        }
        outcome.isLifeInConflict = outcome.life == "contested"
        if outcome.life == "deleted" { outcome.conflicts = [] }
    }

    private func unseen(_ edits: [Int], byAnyOf others: [Int]) -> [Int] {
        edits.filter { edit in !others.contains { events[$0].seen.contains(edit) } }
    }

    /// The edit whose value the tables show, by the field's policy; ties go to the later, then to the higher device.
    private func winner(among standing: [Int], of register: Int) -> Int? {
        let policy = HistorySchema.registers[register]
        func rank(_ edit: Int) -> [Int] {
            let value = events[edit].edit.value(at: .register(register)) ?? 0
            let device = events[edit].device
            let age = [Self.time(of: edit, by: device), device]
            return switch policy {
            case .max: [value] + age
            case .min: [-value] + age
            case .precedence(let order): [order.firstIndex { $0.string == String(value) } ?? -1] + age
            case .immutable: age.map { -$0 }
            default: age
            }
        }
        return standing.max { rank($0).lexicographicallyPrecedes(rank($1)) }
    }
}

extension RecordOutcome.Place {
    /// Whether two values at the place ask something of people.
    var isConflicting: Bool {
        guard case .register(let number) = self else { return true }
        return HistorySchema.registers[number] != .max && HistorySchema.registers[number] != .min
    }
}

extension HistoryStep.Edit {
    /// What the edit writes at a place; `nil` when it does not.
    func value(at place: RecordOutcome.Place) -> Int? {
        switch (self, place) {
        case (.write(let one, let value), .register(let other)),
            (.writeAndTag(let one, let value, _), .register(let other)),
            (.put(let one, let value), .key(let other)):
            one == other ? value : nil
        default: nil
        }
    }

    /// Whether the edit adds the element.
    func adds(_ element: Int) -> Bool {
        switch self {
        case .add(element), .writeAndTag(_, _, element): true
        default: false
        }
    }

    /// By how much it counts on; `nil` when it does not.
    var increment: Int? { if case .increment(let delta) = self { delta } else { nil } }
}
