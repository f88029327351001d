import SatchelClient
import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelTestSupport

// What reps do at their devices.
extension World {
    /// One edit through the library, of so many records.
    func edit(_ device: SimulatedDevice, size: Int, _ random: inout SeededRandom) throws {
        var changes: [DraftChange] = []
        for _ in 0..<size {
            let change = try withNewField(try change(on: device, &random), on: device, &random)
            if !changes.contains(where: { $0.record == change.record }) { changes.append(change) }
        }
        let settles = !random.isOnce(in: 4)
        note("\(device.name) \(changes.map(\.story).joined(separator: "; "))")
        let usesForm = changes.contains { $0.readAt != nil }
        device.pendingForms = [:]
        for change in changes {
            if let last = try device.lastForm(of: change.record), change.readAt == last.context {
                device.pendingForms[change.record] = last.form.seen
            }
        }
        device.keep(
            try device.replica.edit(Draft(label: "edit", changes: changes), options: EditOptions(settles: settles)))
        if usesForm { counters.note("edit by an old form") }
    }

    private func change(on device: SimulatedDevice, _ random: inout SeededRandom) throws -> DraftChange {
        if random.isOnce(in: 6) { return remark(&random) }
        let record = random.isOnce(in: 12) ? SimulationSchema.contested : random.pick(from: SimulationSchema.items)
        let isKnown = try device.replica.reading { try $0.record(record)?.state.life.isEmpty == false }
        let form = random.isOnce(in: 3) ? try device.lastForm(of: record)?.context : nil
        switch isKnown ? random.pick(in: 1...10) : 0 {
        case 0:
            return DraftChange(
                type: SimulationSchema.item, record: record, life: .create, writes: writes(atLeast: 0, &random))
        case 1: return DraftChange(type: SimulationSchema.item, record: record, life: .delete, readAt: form)
        case 2:
            return DraftChange(
                type: SimulationSchema.item, record: record, life: .revive, writes: writes(atLeast: 0, &random),
                readAt: form)
        default:
            return DraftChange(
                type: SimulationSchema.item, record: record, writes: writes(atLeast: 1, &random), readAt: form)
        }
    }

    /// The change with a write of a field that an upgrade has brought, where the device knows one.
    private func withNewField(
        _ change: DraftChange, on device: SimulatedDevice, _ random: inout SeededRandom
    ) throws -> DraftChange {
        let version = try device.replica.reading { $0.schema.version }
        guard version > 1, change.type == SimulationSchema.item, change.life != .delete, random.isOnce(in: 3) else {
            return change
        }
        let field = FieldID(SimulationSchema.firstMore.number + UInt32(random.pick(below: Int(version) - 1)))
        counters.note("a new field written")
        return DraftChange(
            type: change.type, record: change.record, life: change.life,
            writes: change.writes + [FieldChange(field, .register(.text(UTF8Text(value(&random)))))],
            readAt: change.readAt)
    }

    private func remark(_ random: inout SeededRandom) -> DraftChange {
        let record = random.isOnce(in: 6) ? SimulationSchema.contested : random.pick(from: SimulationSchema.remarks)
        let life = random.pick(from: [LifeWrite.create, .create, .delete, .revive, nil])
        let writes = [
            FieldChange(SimulationSchema.body, .register(.text(UTF8Text(value(&random))))),
            FieldChange(SimulationSchema.about, .register(.reference(random.pick(from: SimulationSchema.items)))),
        ]
        return DraftChange(
            type: SimulationSchema.remark, record: record, life: life, writes: life == .delete ? [] : writes)
    }

    private func writes(atLeast: Int, _ random: inout SeededRandom) -> [FieldChange] {
        var writes: [FieldChange] = []
        for number in 1...9 where random.isOnce(in: 4) {
            writes.append(write(FieldID(UInt32(number)), &random))
        }
        if writes.count < atLeast {
            writes.append(write(random.pick(from: [SimulationSchema.name, SimulationSchema.phone]), &random))
        }
        return writes
    }

    private func write(_ field: FieldID, _ random: inout SeededRandom) -> FieldChange {
        switch field {
        case SimulationSchema.tags:
            let elements = Set((0..<random.pick(in: 1...2)).map { _ in random.pick(from: ["a", "b", "c"]) })
            let texts = elements.sorted().map { UTF8Text($0) }
            return FieldChange(
                field, random.isOnce(in: 2) ? .set(add: texts, remove: []) : .set(add: [], remove: texts))
        case SimulationSchema.visits: return FieldChange(field, .counter(Int64(random.pick(in: 1...9)) - 3))
        case SimulationSchema.facts:
            let key = UTF8Text(random.pick(from: ["hall", "yard"]))
            let value = random.isOnce(in: 5) ? FieldValue.null : .text(UTF8Text(value(&random)))
            return FieldChange(field, .map([MapWrite(key, value)]))
        case SimulationSchema.parent:
            let parent = random.isOnce(in: 8) ? SimulationSchema.contested : random.pick(from: SimulationSchema.items)
            return FieldChange(field, .register(random.isOnce(in: 5) ? .null : .reference(parent)))
        case SimulationSchema.best, SimulationSchema.least:
            return FieldChange(field, .register(random.isOnce(in: 8) ? .null : .integer(Int64(random.pick(below: 5)))))
        case SimulationSchema.stage:
            return FieldChange(field, .register(.text(UTF8Text(random.pick(from: ["new", "open", "won"])))))
        default:
            let value = value(&random)
            return FieldChange(field, .register(random.isOnce(in: 8) ? .null : .text(UTF8Text(value))))
        }
    }

    /// A text that nobody wrote before, or one that many write; some are what a rule of the house may refuse.
    func value(_ random: inout SeededRandom) -> String {
        valueCount += 1
        if random.pick(below: 100) < script.options.poisonPercent { return "~\(valueCount)" }
        return random.isOnce(in: 4) ? random.pick(from: ["same", "other"]) : "v\(valueCount)"
    }

    /// Opens a form: what is seen now is what an edit by it will have seen.
    func openForm(_ device: SimulatedDevice, _ random: inout SeededRandom) throws {
        let record = random.pick(from: SimulationSchema.items)
        let type = server.schema.type(SimulationSchema.item)?.name ?? ""
        guard let token = try? device.replica.record(record, ofType: type).readAt else { return }
        note("\(device.name) opens a form of \(SimulationSchema.number(of: record))")
        device.forms.append(
            SimulatedDevice.Form(record: record, token: token, seen: model.view(of: device.number).reading))
    }

    /// Moves an amount from one purse to the other, as one change-set.
    func move(_ device: SimulatedDevice, _ random: inout SeededRandom) throws {
        let amount = Int64(random.pick(in: 1...9))
        let isThere = try device.replica.reading {
            try $0.record(SimulationSchema.purses[0])?.state.life.isEmpty == false
        }
        let text = FieldValue.text(UTF8Text(value(&random)))
        note("\(device.name) moves \(amount), \(text.text)")
        let changes = zip(SimulationSchema.purses, [amount, -amount]).map { record, amount in
            DraftChange(
                type: SimulationSchema.purse, record: record, life: isThere ? nil : .create,
                writes: [
                    FieldChange(SimulationSchema.label, .register(text)),
                    FieldChange(SimulationSchema.amount, .register(.integer(amount))),
                    FieldChange(SimulationSchema.moved, .counter(amount)),
                ])
        }
        device.keep(
            try device.replica.edit(Draft(label: "move", changes: changes), options: EditOptions(settles: true)))
    }

    /// Settles one open conflict, as a person does who has just looked.
    func resolve(_ device: SimulatedDevice, _ random: inout SeededRandom) throws {
        let reports = try device.replica.conflicts(atLeast: .review, limit: 20)
            .filter { !SimulationSchema.purses.contains($0.record) }
        guard !reports.isEmpty else { return }
        let report = random.pick(from: reports)
        let item = random.pick(from: report.items)
        let choice: TypedChoice =
            switch item.subject {
            case "life": random.pick(from: [.keep, .delete])
            case "parent", "item", "stage": .take(1)
            default:
                random.isOnce(in: 3) ? .value(value(&random)) : .take(random.pick(in: 1...item.siblings.count))
            }
        note("\(device.name) settles \(item.subject) of \(SimulationSchema.number(of: report.record)) by \(choice)")
        device.keep(
            try device.replica.resolve(
                typeName: report.type, report.record.description, subject: item.subject, choice: choice,
                reason: "settled", token: report.token))
        counters.note("settled on a device")
    }
}

extension DraftChange {
    /// The change, for a story.
    var story: String {
        let writes = writes.map { write in
            switch write.write {
            case .register(.reference(let target)): "\(write.field.number)=#\(SimulationSchema.number(of: target))"
            case .register(let value): "\(write.field.number)=\(value.text)"
            case .set(let add, let remove): "\(write.field.number)+\(add)-\(remove)"
            case .counter(let delta): "\(write.field.number)+=\(delta)"
            case .map(let keys): "\(write.field.number){\(keys.map { "\($0.key)=\($0.value.text)" }.joined())}"
            }
        }
        let life = life.map { "\($0) " } ?? ""
        let form = readAt == nil ? "" : " by a form"
        return "\(life)\(SimulationSchema.number(of: record)) \(writes.joined(separator: " "))\(form)"
    }
}
