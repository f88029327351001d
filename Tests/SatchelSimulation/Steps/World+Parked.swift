import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

// Parked work that comes back, and plain SQL.
extension World {
    /// One parked change-set of a device is fixed with other values, with some of its writes left out, or discarded.
    func reissue(_ device: SimulatedDevice, _ random: inout SeededRandom) throws {
        let parked = try device.replica.parkedWork()
        guard !parked.isEmpty else { return }
        let work = random.pick(from: parked)
        if random.isOnce(in: 3) {
            note("\(device.name) discards \(work.dot.counter)")
            device.keep(try device.replica.discard(work.dot))
            return counters.note("discarded")
        }
        var changes: [DraftChange] = []
        let original = try device.replica.ownWork(work.dot).changeSet.changes
        let isMove = original.contains { SimulationSchema.purses.contains($0.record) }
        let text = FieldValue.text(UTF8Text(value(&random)))
        for change in original {
            if !changes.isEmpty, !isMove, random.isOnce(in: 4) { continue }
            let writes = change.writes.map { write in
                guard case .register(.text) = write.write, write.field != SimulationSchema.stage || isMove else {
                    return write
                }
                return FieldChange(write.field, .register(isMove ? text : .text(UTF8Text(value(&random)))))
            }
            changes.append(DraftChange(type: change.type, record: change.record, life: change.life, writes: writes))
        }
        if !isMove, random.isOnce(in: 5),
            let other = SimulationSchema.items.first(where: { id in !changes.contains { $0.record == id } })
        {
            let text = FieldValue.text(UTF8Text(value(&random)))
            changes.append(
                DraftChange(
                    type: SimulationSchema.item, record: other,
                    writes: [FieldChange(SimulationSchema.name, .register(text))]))
        }
        note("\(device.name) fixes \(work.dot.counter): \(changes.map(\.story).joined(separator: "; "))")
        device.keep(try device.replica.fix(work.dot, changes: changes))
        counters.note("fixed")
    }

    /// What was made last is taken back, while nobody else can know of it.
    func undo(_ device: SimulatedDevice) {
        // What plain SQL has left is sealed first, so that what is taken back is known.
        attempt(device) { _ = try device.replica.parkedWork() }
        do {
            try check()
        } catch {
            return report(.failed, "looking before \(device.name) takes something back: \(error)")
        }
        guard problems.isEmpty else { return }
        device.mayLackLast = true
        let isFix = model.devices[device.number].own.last.map { model.events[$0].fixes != nil } ?? false
        attempt(device) {
            let undone = try device.replica.undo()
            note("\(device.name) takes \(undone.work.dot.counter) back")
            // Neither it nor this step made anything.
            device.madeMax -= 2
            counters.note("undone")
            if isFix { counters.note("a fix undone") }
        }
    }

    /// Statements that an application runs on its own tables, in one transaction; the next turn seals what they changed.
    func writeSQL(_ device: SimulatedDevice, _ random: inout SeededRandom) throws {
        let statements = (0..<random.pick(from: [1, 1, 2])).map { _ in statement(&random) }
        note("\(device.name) runs \(statements.joined(separator: "; "))")
        // What the schema forbids is sealed apart from what it allows.
        device.madeMax += statements.count - 1
        do {
            try device.shell(statements.joined(separator: "; "))
        } catch {
            note("which SQLite refuses")
            return
        }
        counters.note("written by plain SQL")
        // The next turn, whatever it is for, seals it.
        _ = try device.replica.parkedWork()
    }

    private func statement(_ random: inout SeededRandom) -> String {
        let (item, other) = (random.pick(from: SimulationSchema.items), random.pick(from: SimulationSchema.items))
        switch random.pick(below: 10) {
        case 0: return "INSERT OR IGNORE INTO item (id, name) VALUES ('\(item)', '\(value(&random))')"
        case 1: return "INSERT OR REPLACE INTO item (id, name, phone) VALUES ('\(item)', '\(value(&random))', '7')"
        case 2: return "DELETE FROM item WHERE id = '\(item)'"
        case 3: return "UPDATE item SET visits = visits + \(random.pick(in: 1...3))"
        case 4: return "UPDATE item SET parent = '\(other)' WHERE id = '\(item)'"
        case 5: return "UPDATE item SET tags = '[\"a\",\"\(random.pick(from: ["d", "e"]))\"]' WHERE id = '\(item)'"
        case 6: return "UPDATE item SET phone = '\(String(repeating: "5", count: 41))' WHERE id = '\(item)'"
        case 7: return "UPDATE item SET facts = '{\"hall\":\"\(value(&random))\"}' WHERE id = '\(item)'"
        case 8:
            let remark = random.pick(from: SimulationSchema.remarks)
            return "INSERT OR IGNORE INTO remark (id, body, item) VALUES ('\(remark)', '\(value(&random))', '\(item)')"
        default: return "UPDATE item SET name = '\(value(&random))' WHERE id = '\(item)'"
        }
    }
}
