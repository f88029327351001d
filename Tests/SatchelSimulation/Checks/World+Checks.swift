import SatchelServer
import SatchelStorage
import SatchelSync

// What must hold after every event.
extension World {
    /// Looks at all that may have changed since the last look.
    func check() throws {
        // What was edited becomes known before what was judged, and that before what was served.
        let sights = try devices.filter(\.isTouched).map { ($0, try $0.look()) }
        for (device, sight) in sights { learnEdits(of: device, sight) }
        if server.isTouched { try checkServer() }
        for (device, sight) in sights where problems.isEmpty {
            device.isTouched = false
            try check(device, sight)
        }
    }

    private func learnEdits(of device: SimulatedDevice, _ sight: SimulatedDevice.Sight) {
        if device.mayLackLast, sight.own.count + 1 == model.devices[device.number].own.count {
            let undone = model.takeBack(of: device.number)
            // What a form showed of it is no claim any more: another may get its name.
            for form in device.forms.indices { device.forms[form].seen.events.remove(undone) }
        }
        device.mayLackLast = false
        let known = model.devices[device.number].own.count
        guard sight.own.count >= known else {
            return report(.lost, "\(device.name) has \(sight.own.count) change-sets and made \(known)")
        }
        guard sight.own.count <= device.madeMax else {
            return report(
                .doubled, "\(device.name) has \(sight.own.count) change-sets, and its people made \(device.madeMax)")
        }
        let missing = Set(device.acknowledged).subtracting(sight.own.map(\.changeSet.dot))
        for dot in missing.sorted() { report(.lost, "\(device.name) was told that \(dot.shortDescription) is kept") }
        device.acknowledged = []
        for own in sight.own.dropFirst(known) {
            model.add(
                own.changeSet, digest: own.digest, by: device.number, over: model.view(of: device.number),
                forms: device.pendingForms)
            note("\(device.name) made \(own.changeSet.dot.counter)")
        }
        for (event, own) in zip(model.devices[device.number].own, sight.own) {
            guard model.events[event].digest == own.digest else {
                return report(.lost, "\(device.name) has another change-set as \(own.changeSet.dot.shortDescription)")
            }
            model.devices[device.number].names[event] = own.changeSet.dot
        }
        device.pendingForms = [:]
    }

    // MARK: - Server

    /// Where the server's sequences stand.
    func serverHead() throws -> UInt64 {
        try finish { try await $0.server.process.store.inspect { try $0.head().sequence.number } }
    }

    private struct ServerSight: Sendable {
        var entries: [LogEntry] = []
        var position: Int64 = 0
        var end: Int64 = 0
        var sequence: UInt64 = 0
        var records: [StoredRecord] = []
        var digest = ""
        var parked: [ParkedWork] = []
    }

    private func lookAtServer() throws -> ServerSight {
        let start = logPosition
        return try finish { world in
            try await world.server.process.store.inspect { snapshot in
                var sight = ServerSight()
                sight.position = start
                try snapshot.forEachLogEntry(after: start) { entry, position, _ in
                    sight.entries.append(entry)
                    sight.position = position
                    return true
                }
                (sight.sequence, sight.end) = (try snapshot.head().sequence.number, try snapshot.head().position)
                guard !sight.entries.isEmpty else { return sight }
                var digest = StoreDigest(schema: snapshot.schema)
                try snapshot.forEachRecord {
                    sight.records.append($0)
                    digest.add($0.state, type: $0.type, record: $0.id)
                }
                sight.digest = digest.finalized()
                sight.parked = try snapshot.parkedWork(after: 0, limit: 10_000)
                return sight
            }
        }
    }

    private func checkServer() throws {
        server.isTouched = false
        let sight = try lookAtServer()
        guard sight.end >= logPosition else {
            return report(.lost, "the server's log ends at \(sight.end) and was longer: \(logPosition)")
        }
        logPosition = sight.position
        guard !sight.entries.isEmpty else { return }
        for entry in sight.entries { try learn(entry) }
        isReleasing = false
        serverDigests[model.books.epoch, default: [:]][sight.sequence] = sight.digest
        note("server at \(sight.sequence) is \(sight.digest.prefix(16))")
        compare(
            Dictionary(sight.records.map { ($0.id, $0) }) { one, _ in one }, view: model.server, base: model.server,
            at: "the server")
        let parked = Set(sight.parked.compactMap { model.number(of: $0.dot) })
        if parked != Set(model.parked.keys) {
            let names = { (events: Set<Int>) in
                events.map { self.model.name(of: $0).shortDescription }.sorted().joined(separator: " ")
            }
            report(.lost, "parked at the server are [\(names(parked))] and not [\(names(Set(model.parked.keys)))]")
        }
        for (event, verdict) in model.parked {
            guard case .held(let why) = verdict, model.need(of: event) == nil else { continue }
            if why.code == SatchelError.Code.inRecovery.word, model.books.isRecovering { continue }
            if why.code == SatchelError.Code.awaitsReturn.word, model.awaitsReturn(event) { continue }
            report(.stuck, "\(model.name(of: event).shortDescription) is held and waits for nothing")
        }
        try checkLedger(force: false)
        for problem in try server.inspect(Self.brokenReferences) { report(.torn, "the server: \(problem)") }
    }

    /// The server's log has one entry more.
    private func learn(_ entry: LogEntry) throws {
        let changeSet = try entry.changeSet()
        let isKnown = model.number(of: entry.digest) != nil
        if !isKnown, entry.dot.actor == server.process.store.identity.actor, let changeSet {
            model.add(changeSet, digest: entry.digest, by: SeenModel.office, over: model.server)
        }
        var violation: String?
        if let changeSet {
            do throws(Violation) {
                try changeSet.validate(against: server.process.store.schema)
            } catch {
                violation = error.code.word
            }
        }
        for problem in model.take(entry, violation: violation, schema: server.schema) { report(.lost, problem) }
        let why = entry.verdict.rejection.map { "\($0.code): \($0.sentence)" } ?? ""
        note("log: \(entry.dot.shortDescription) \(entry.verdict.word) \(why)")
        switch entry.verdict {
        case .held: counters.note("parked: held")
        case .rejected(let why) where why.code == SatchelError.Code.alreadyReissued.word:
            counters.note("fix too late")
        case .rejected: counters.note("parked: rejected")
        default: break
        }
        // An operator's release is counted where it is asked for.
        if entry.dot.actor.isRelease, !isReleasing { counters.note("released by itself") }
    }

    // MARK: - Devices

    private func check(_ device: SimulatedDevice, _ sight: SimulatedDevice.Sight) throws {
        device.hasStaged = sight.staged != nil
        let known = model.devices[device.number]
        if sight.epoch != known.epoch {
            // Its base stays that of the life that is over until the first whole reply of this one.
            model.devices[device.number].epoch = sight.epoch
            model.devices[device.number].isReturning = true
            model.devices[device.number].judgedBefore = known.judged
            model.devices[device.number].baseSequence = 0
        } else if sight.checkpoint < known.baseSequence {
            report(.divergent, "the checkpoint of \(device.name) went back to \(sight.checkpoint)")
        }
        let isReturned = model.devices[device.number].isReturning && !sight.isReturning
        if isReturned || sight.checkpoint != model.devices[device.number].baseSequence {
            model.devices[device.number].isReturning = false
            model.setBase(of: device.number, to: sight.checkpoint)
        }
        let digest = serverDigests[sight.epoch]?[sight.checkpoint]
        if sight.checkpoint > 0, digest != sight.digest {
            report(.divergent, "base of \(device.name) at \(sight.checkpoint) has another digest than the server had")
        }
        checkQueue(of: device, sight)
        let records = Dictionary(sight.records.map { ($0.id, $0) }) { one, _ in one }
        let state = model.devices[device.number]
        compare(records, view: model.view(of: device.number), base: state.base, at: device.name)
        try checkPurses(of: device)
        for problem in try device.inspect(Self.brokenReferences) { report(.torn, "\(device.name): \(problem)") }
    }

    /// Every own change-set is in exactly one state, and in the one that the server's answers put it in.
    private func checkQueue(of device: SimulatedDevice, _ sight: SimulatedDevice.Sight) {
        let state = model.devices[device.number]
        var (parked, judged) = (EventSet(), EventSet())
        var last: Dot?
        for (event, own) in zip(state.own, sight.own) {
            let (dot, name) = (own.changeSet.dot, "\(device.name):\(own.changeSet.dot.counter)")
            if dot.counter != (last?.actor == dot.actor ? last?.counter ?? 0 : 0) + 1 {
                report(
                    .lost, "\(device.name) has \(dot.shortDescription) behind \(last?.shortDescription ?? "nothing")")
            }
            last = dot
            // Over the base of a life that is over its work lies as it did, whatever the next one says of it.
            let isAsBefore = state.isReturning && state.judgedBefore.contains(event)
            let isParked = isAsBefore ? state.parked.contains(event) : own.isParked || own.state == .reissued
            if isParked { parked.insert(event) }
            let isInBase = state.base.events.contains(event)
            // What was released behind its verdict, while the records of the same reply were read, stands twice under one dot until
            // the next reply that told of it is closed.
            let isReleasedUntold = own.isInOverlay && !own.state.isApplied && state.base.released.contains(event)
            // So does what a restored server took again behind the line that it told of.
            let isReturnUntold = own.isInOverlay && isInBase && state.judgedBefore.contains(event)
            let isElsewhere = model.isIn(state.base, event) || state.fixed.contains(event)
            if !isReleasedUntold, !isReturnUntold, own.isInOverlay == isElsewhere {
                report(.lost, "\(name) is \(own.isInOverlay ? "" : "not ")in the overlay")
            }
            if isInBase, !own.state.hasVerdict { report(.lost, "\(name) is in base and has no verdict") }
            guard own.state.hasVerdict else { continue }
            judged.insert(event)
            if model.verdicts[event]?.contains(own.state.word) != true {
                report(.lost, "\(name) is \(own.state.word), and the server said \(model.verdicts[event] ?? [])")
            }
        }
        model.devices[device.number].parked = parked
        model.devices[device.number].judged = judged
    }

    // MARK: - Both

    /// Holds records against what the oracle says of a view.
    private func compare(
        _ records: [RecordID: StoredRecord], view: SeenModel.View, base: SeenModel.View, at place: String
    ) {
        var expected: [RecordID: RecordExpectation] = [:]
        for id in model.touching.keys.sorted() {
            expected[id] = model.expectation(of: id, in: view, base: base)
            guard let expectation = expected[id] else {
                // Work on a record that a restored server has lost stands alone on the screen of its author, until it comes back.
                let isTouched = model.touching[id]?.contains(where: view.events.contains) == true
                if let record = records[id], !record.state.life.isEmpty, !isTouched {
                    report(.divergent, "\(place) has record \(SimulationSchema.number(of: id)), which nobody made")
                }
                continue
            }
            guard let record = records[id] else {
                report(.lost, "\(place) lacks record \(SimulationSchema.number(of: id))")
                continue
            }
            if record.type != expectation.type {
                report(.divergent, "\(place): record \(SimulationSchema.number(of: id)) has the wrong type")
                continue
            }
            let comparison = RecordComparison(record: id, expected: expectation, state: record.state)
            for difference in comparison.differences() { report(.divergent, "\(place): \(difference)") }
            countRareStates(expectation)
        }
        let statuses = statuses(expected, records)
        if place == "the server" { serverStatuses = statuses }
        for (id, expectation) in expected.sorted(by: { $0.key < $1.key }) {
            guard problems.isEmpty, let record = records[id], let type = server.schema.type(expectation.type) else {
                continue
            }
            checkConflicts(of: record, type: type, expectation, status: statuses[id] ?? .absent, at: place)
        }
    }

    private func countRareStates(_ expectation: RecordExpectation) {
        if expectation.values.values.contains(where: { Set($0.values).count > 2 }) { counters.note("three siblings") }
        if expectation.status == .contested { counters.note("contested delete") }
    }

    /// Whether each record lives once living children are counted in.
    private func statuses(
        _ expected: [RecordID: RecordExpectation], _ records: [RecordID: StoredRecord]
    ) -> [RecordID: LifeStatus] {
        var statuses = expected.mapValues(\.status)
        var isSettled = false
        while !isSettled {
            isSettled = true
            for (id, status) in statuses where status.isVisible {
                guard let record = records[id], let type = server.schema.type(record.type) else { continue }
                for field in type.fields {
                    // What is of another type than the field refers to is not kept in sight by it.
                    guard case .reference(let target, _) = field.kind,
                        case .reference(let parent) = record.state.winningValue(of: field),
                        statuses[parent] == .deleted, expected[parent]?.type == target
                    else { continue }
                    statuses[parent] = .contested
                    counters.note("contested parent")
                    isSettled = false
                }
            }
        }
        return statuses
    }

    private func checkConflicts(
        of record: StoredRecord, type: EntityType, _ expectation: RecordExpectation, status: LifeStatus,
        at place: String
    ) {
        let name = "\(place): record \(SimulationSchema.number(of: record.id))"
        if record.status != status {
            report(.divergent, "\(name) is \(record.status.word) and not \(status.word)")
        }
        let found = Set(record.state.conflicts(in: type, life: record.status).map(\.subject))
        var wanted: Set<ConflictSubject> = []
        if status.isVisible {
            if status == .contested { wanted.insert(.life) }
            for contending in expectation.contendingPlaces(in: type) {
                switch contending {
                case .register(let field): wanted.insert(.field(field))
                case .key(let field, let key): wanted.insert(.key(field, key))
                }
            }
        }
        if found != wanted { report(.inexact, "\(name) is in conflict at \(found) and not at \(wanted)") }
    }
}
