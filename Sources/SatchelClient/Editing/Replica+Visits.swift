import SatchelInspection
import SatchelStorage
package import SatchelSync

// The visits of a rep's day. Each verb is one change-set, and asks for nothing that is not known on the spot.
extension Replica {
    /// Plans a visit at an account.
    ///
    /// - Throws: `SatchelError` as an edit does; `unknown_type` or `unknown_field` where the organisation's schema knows no such visits.
    package func planVisit(
        account: String, at start: Timestamp, until end: Timestamp?, contacts: [String] = [], assignments: [Assignment]
    ) throws -> EditOutcome {
        let now = clock.now()
        if let end, end < start {
            throw SatchelError.wrongUsage(
                "The visit would end at \(LocalTime.minute(end)), before it begins at \(LocalTime.minute(start)).",
                remedy: "Give --until a time after --at.")
        }
        var facts = [
            Assignment(field: "status", value: "planned"), Assignment(field: "planned", value: "true"),
            Assignment(field: "planned_start", value: start.description),
        ]
        if let end { facts.append(Assignment(field: "planned_end", value: end.description)) }
        return try edit(purpose: "visit plan") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let id = RecordID.random(at: now)
            let owner = Assignment(field: "rep", value: try transaction.identity().user)
            let place = Assignment(field: "account", value: account)
            let writes = try transaction.writes(
                type.known(facts + [owner], besides: assignments) + [place] + assignments, type: type, at: now)
            let visit = DraftChange(type: type.id, record: id, life: .create, writes: writes)
            return Draft(
                label: "visit plan", changes: [visit] + (try transaction.attendees(contacts, of: id, at: now)))
        }
    }

    /// Begins a visit: on site from now.
    ///
    /// `subject` is an account, or a visit that was planned or is on its way.
    /// With a check-in, that goes into the same change-set.
    ///
    /// - Throws: `SatchelError` as an edit does; `already_done` for a visit that has begun.
    package func startVisit(
        at subject: String, checkIn: CheckInFacts? = nil, contacts: [String] = [], assignments: [Assignment]
    ) throws -> CheckInOutcome {
        let now = clock.now()
        var verdict: CheckInVerdict?
        let outcome = try edit(purpose: "visit start") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let facts = [
                Assignment(field: "status", value: "on_site"), Assignment(field: "started_at", value: now.description),
            ].besides(assignments)
            var changes: [DraftChange] = []
            let visit: RecordID
            let account: RecordID?
            if let planned = try transaction.plannedVisit(subject, type: type) {
                try transaction.requireNotBegun(planned, type: type)
                visit = planned
                account = try transaction.reference(of: planned, "account", type: type)
                let writes = try transaction.writes(facts + assignments, type: type, at: now)
                changes.append(DraftChange(type: type.id, record: visit, writes: writes))
            } else {
                visit = RecordID.random(at: now)
                let place = Assignment(field: "account", value: subject)
                let own = [
                    Assignment(field: "planned", value: "false"),
                    Assignment(field: "rep", value: try transaction.identity().user),
                ]
                let writes = try transaction.writes(
                    type.known(own, besides: assignments) + [place] + facts + assignments, type: type, at: now)
                account =
                    writes.lazy.compactMap { write in
                        write.field == type.field(named: "account")?.id ? write.write.reference : nil
                    }.first
                if let account { try transaction.requireNoneUnderWay(at: account, type: type) }
                changes.append(DraftChange(type: type.id, record: visit, life: .create, writes: writes))
            }
            if let checkIn {
                changes.append(
                    try transaction.checkIn(checkIn, visit: visit, account: account, at: now, judged: &verdict))
            }
            changes += try transaction.attendees(contacts, of: visit, at: now)
            return Draft(label: "visit start", changes: changes)
        }
        return CheckInOutcome(edit: outcome, verdict: verdict)
    }

    /// Ends a visit: done from now; the one that is under way where none is named.
    ///
    /// A note goes into the same change-set.
    /// - Throws: `SatchelError` as an edit does; `already_done` where the visit is done and says when it ended; `invalid_request` where none is
    ///   named and not just one of this user's is under way.
    package func endVisit(_ text: String?, note: String? = nil, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        let facts = [
            Assignment(field: "status", value: "done"), Assignment(field: "ended_at", value: now.description),
        ].besides(assignments)
        return try edit(purpose: "visit end") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let id = try text.map { try transaction.resolve($0, type: type) } ?? transaction.visitUnderWay(type)
            let writes = try transaction.writes(facts + assignments, type: type, at: now)
            try transaction.requireOpenVisit(id, type: type)
            var changes = [DraftChange(type: type.id, record: id, writes: writes)]
            if let note { changes.append(try transaction.note(note, about: id, at: now)) }
            return Draft(label: "visit end", changes: changes)
        }
    }

    /// Says that a visit is on its way, was missed, or will not be.
    ///
    /// - Throws: `SatchelError` as an edit does; `already_done` for a visit that is done.
    package func markVisit(_ text: String, as status: String, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        return try edit(purpose: "visit \(status)") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let id = try transaction.resolve(text, type: type)
            try transaction.requireOpenVisit(id, type: type)
            let writes = try transaction.writes(
                [Assignment(field: "status", value: status)] + assignments, type: type, at: now)
            return Draft(label: "visit \(status)", changes: [DraftChange(type: type.id, record: id, writes: writes)])
        }
    }
}

extension Replica {
    /// The one visit of this user that has begun and not ended.
    ///
    /// - Throws: `SatchelError` `invalid_request` where there is none, or more than one.
    package func visitUnderWay() throws -> RecordID {
        try reading { try $0.visitUnderWay($0.schema.requireType(named: "visit")) }
    }
}

extension EntityType {
    /// Of what a verb would say by itself, that which the type has a field for and nobody has typed.
    func known(_ facts: [Assignment], besides typed: [Assignment]) -> [Assignment] {
        facts.filter { field(named: $0.field) != nil }.besides(typed)
    }
}

extension [Assignment] {
    /// Of what a verb would say by itself, that which nobody has typed: who forgot to begin a visit says when he did.
    fileprivate func besides(_ typed: [Assignment]) -> [Assignment] {
        filter { fact in !typed.contains { $0.field == fact.field } }
    }
}

extension FieldWrite {
    /// The record that is referred to.
    fileprivate var reference: RecordID? {
        if case .register(.reference(let record)) = self { record } else { nil }
    }
}

extension ReplicaTransaction {
    /// The visit that is meant, where it is one.
    fileprivate func plannedVisit(_ text: String, type: EntityType) throws -> RecordID? {
        guard let id = try? records.resolve(text, type: nil), try records.standing(of: id)?.type == type.id else {
            return nil
        }
        return id
    }

    /// The visit under way that a text without an id is about.
    ///
    /// - Throws: `SatchelError` `invalid_request` where the text is an id, so that what it should say is missing.
    func visitUnderWay(ifNot text: String) throws -> RecordID {
        guard (try? records.resolve(text, type: nil)) == nil else {
            throw SatchelError.wrongUsage("The note is empty.", remedy: "Write its text behind the id, in quotes.")
        }
        return try visitUnderWay(try schema.requireType(named: "visit"))
    }

    /// The one visit of this user that has begun and not ended.
    fileprivate func visitUnderWay(_ type: EntityType) throws -> RecordID {
        let ids = try visitsUnderWay(type)
        guard ids.count == 1, let only = ids.first else {
            throw SatchelError.wrongUsage(
                ids.isEmpty ? "No visit is under way." : "\(ids.count) visits are under way.",
                remedy: "Name the visit; `visit list` has their ids.")
        }
        return only
    }

    /// The visits of this user that have begun and not ended, all or those at an account.
    private func visitsUnderWay(_ type: EntityType, at account: RecordID? = nil) throws -> [RecordID] {
        let status = try type.requireField(named: "status")
        var filters = [ListFilter(field: status, value: .text("on_site"))]
        if let account {
            filters.append(ListFilter(field: try type.requireField(named: "account"), value: .reference(account)))
        }
        let rep = type.field(named: "rep")
        let user = FieldValue.text(UTF8Text(try identity().user))
        return try records.visible(type, where: filters, limit: 1_000).filter { id in
            guard let rep, let record = try record(id) else { return true }
            let name = record.state.winningValue(of: rep)
            return name.isNull || name == user
        }
    }

    /// Refuses to begin a visit where one of this user is under way.
    ///
    /// - Throws: `SatchelError` `already_done`.
    fileprivate func requireNoneUnderWay(at account: RecordID, type: EntityType) throws {
        guard let visit = try visitsUnderWay(type, at: account).first else { return }
        let name = try records.shortestEnding(of: visit)
        var sentence = "Visit \(name) is under way there."
        if let start = type.field(named: "started_at"), let record = try record(visit),
            case .timestamp(let instant) = record.state.winningValue(of: start)
        {
            sentence = "Visit \(name) is under way there since \(LocalTime.minute(instant))."
        }
        throw SatchelError(
            .alreadyDone, sentence,
            remedy: "End it with `visit end \(name)`, or say `visit cancel \(name)`, before you begin another one.")
    }

    /// Refuses to begin a visit again.
    ///
    /// - Throws: `SatchelError` `already_done`.
    fileprivate func requireNotBegun(_ id: RecordID, type: EntityType) throws {
        try requireOpenVisit(id, type: type)
        guard let record = try record(id), let status = type.field(named: "status"),
            let start = type.field(named: "started_at"), record.state.winningValue(of: status) == .text("on_site"),
            case .timestamp(let instant) = record.state.winningValue(of: start)
        else { return }
        throw SatchelError(
            .alreadyDone, "Visit \(id) began at \(LocalTime.minute(instant)).",
            remedy: "End it with `visit end`, or begin another one.")
    }

    /// Refuses to end a visit again.
    ///
    /// - Throws: `SatchelError` `already_done`.
    fileprivate func requireOpenVisit(_ id: RecordID, type: EntityType) throws {
        guard let record = try record(id), let status = type.field(named: "status"),
            let end = type.field(named: "ended_at"), record.state.winningValue(of: status) == .text("done"),
            case .timestamp(let instant) = record.state.winningValue(of: end)
        else { return }
        throw SatchelError(
            .alreadyDone, "Visit \(id) ended at \(LocalTime.minute(instant)).",
            remedy: "Edit it with `set visit`, such as `ended_at=` with another instant.")
    }

    /// What a field of a record refers to.
    func reference(of id: RecordID, _ field: String, type: EntityType) throws -> RecordID? {
        guard let field = type.field(named: field), let record = try record(id),
            case .reference(let target) = record.state.winningValue(of: field)
        else { return nil }
        return target
    }

    /// The rows that say who was at a visit.
    fileprivate func attendees(_ contacts: [String], of visit: RecordID, at now: Timestamp) throws -> [DraftChange] {
        guard !contacts.isEmpty else { return [] }
        let type = try schema.requireType(named: "attendee")
        return try contacts.map { contact in
            let person = try writes([Assignment(field: "contact", value: contact)], type: type, at: now)
            let place = FieldChange(try type.requireField(named: "visit").id, .register(.reference(visit)))
            return DraftChange(type: type.id, record: .random(at: now), life: .create, writes: person + [place])
        }
    }
}
