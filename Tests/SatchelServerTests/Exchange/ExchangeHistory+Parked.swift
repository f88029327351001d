import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// A rule that comes and goes, and parked work that comes back.
extension ExchangeHistory {
    func changeRule(using random: inout SeededRandom) throws {
        let isOn = !random.isOnce(in: 5)
        try server.store.refuseMarked(isOn)
        note("rule", isOn ? "marked texts are refused" : "no text is refused")
    }

    /// One parked change-set of a home is fixed with other values, with some of its writes left out, or discarded.
    func reissue(_ place: Int, using random: inout SeededRandom) throws {
        let home = homes[place]
        let parked = try home.replica.parkedWork()
        guard !parked.isEmpty else { return }
        let work = random.pick(from: parked)
        if random.isOnce(in: 3) {
            let dot = try home.replica.discard(work.dot).dot
            return note("discard", "\(home.name) discards \(work.dot.counter) by \(dot.counter)")
        }
        var changes: [DraftChange] = []
        for change in try home.replica.ownWork(work.dot).changeSet.changes {
            if !changes.isEmpty, random.isOnce(in: 4) { continue }
            var writes: [FieldChange] = []
            for write in change.writes {
                if case .register(.text) = write.write {
                    writes.append(FieldChange(write.field, .register(.text(UTF8Text(value(using: &random))))))
                } else {
                    writes.append(write)
                }
            }
            changes.append(DraftChange(type: change.type, record: change.record, life: change.life, writes: writes))
        }
        if random.isOnce(in: 5), let other = Self.items.first(where: { id in !changes.contains { $0.record == id } }) {
            let text = FieldValue.text(UTF8Text(value(using: &random)))
            changes.append(
                DraftChange(
                    type: ItemSchema.type, record: other, writes: [FieldChange(ItemSchema.name, .register(text))]))
        }
        do {
            let dot = try home.replica.fix(work.dot, changes: changes).dot
            note("fix", "\(home.name) fixes \(work.dot.counter) by \(dot.counter): \(changes.map(\.story))")
        } catch let error as SatchelError {
            note("fix refused", "\(home.name) may not fix \(work.dot.counter): \(error.code.word)")
        }
    }

    /// The operator releases one parked change-set, sometimes twice.
    func release(using random: inout SeededRandom) async throws {
        let parked = try await server.service.perform(.parked(after: 0, limit: 100)).parkedPage().work
        guard !parked.isEmpty else { return }
        let dot = random.pick(from: parked).dot
        do {
            for _ in 0..<random.pick(from: [1, 1, 2]) { _ = try await server.service.perform(.release(dot: dot)) }
            note("release", "the operator releases \(Dot(dot)?.shortDescription ?? dot)")
        } catch let error as SatchelError {
            note("release refused", "the operator may not release \(dot): \(error.code.word)")
        }
    }
}
