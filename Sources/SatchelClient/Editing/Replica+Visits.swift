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
            Assignment(field: "status", value: VisitStatus.planned.rawValue),
            Assignment(field: "planned", value: "true"),
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
    /// `subject` is an account, or a visit that was planned or is on its way. One that nobody was to make becomes this user's.
    /// With a check-in, that goes into the same change-set.
    ///
    /// - Throws: `SatchelError` as an edit does; `already_done` for a visit that has begun or is over, and while another one of this user is
    ///   under way.
    package func startVisit(
        at subject: String, checkIn: CheckInFacts? = nil, contacts: [String] = [], assignments: [Assignment]
    ) throws -> CheckInOutcome {
        let now = clock.now()
        var verdict: CheckInVerdict?
        let outcome = try edit(purpose: "visit start") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let facts = [
                Assignment(field: "status", value: VisitStatus.onSite.rawValue),
                Assignment(field: "started_at", value: now.description),
            ].besides(assignments)
            var changes: [DraftChange] = []
            let visit: RecordID
            let account: RecordID?
            let user = Assignment(field: "rep", value: try transaction.identity().user)
            if let planned = try transaction.plannedVisit(subject, type: type) {
                try transaction.requireMayBecome(.onSite, planned, type: type)
                visit = planned
                account = try transaction.reference(of: planned, "account", type: type)
                let own = try transaction.hasRep(planned, type: type) ? [] : type.known([user], besides: assignments)
                let writes = try transaction.writes(own + facts + assignments, type: type, at: now)
                changes.append(DraftChange(type: type.id, record: visit, writes: writes))
            } else {
                visit = RecordID.random(at: now)
                let place = Assignment(field: "account", value: subject)
                let own = [Assignment(field: "planned", value: "false"), user]
                let writes = try transaction.writes(
                    type.known(own, besides: assignments) + [place] + facts + assignments, type: type, at: now)
                account =
                    writes.lazy.compactMap { write in
                        write.field == type.field(named: "account")?.id ? write.write.reference : nil
                    }.first
                changes.append(DraftChange(type: type.id, record: visit, life: .create, writes: writes))
            }
            // Who says another status tells of a visit that is over.
            if facts.contains(where: { $0.field == "status" }) { try transaction.requireNoneUnderWay(type) }
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
    /// - Throws: `SatchelError` as an edit does; `already_done` where the visit is over; `invalid_request` where none is named and not just
    ///   one of this user's is under way.
    package func endVisit(_ text: String?, note: String? = nil, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        let facts = [
            Assignment(field: "status", value: VisitStatus.done.rawValue),
            Assignment(field: "ended_at", value: now.description),
        ].besides(assignments)
        return try edit(purpose: "visit end") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let id = try text.map { try transaction.resolve($0, type: type) } ?? transaction.visitUnderWay(type)
            let writes = try transaction.writes(facts + assignments, type: type, at: now)
            try transaction.requireMayBecome(.done, id, type: type)
            var changes = [DraftChange(type: type.id, record: id, writes: writes)]
            if let note { changes.append(try transaction.note(note, about: id, at: now)) }
            return Draft(label: "visit end", changes: changes)
        }
    }

    /// Says that a visit is on its way, was missed, or will not be.
    ///
    /// - Throws: `SatchelError` as an edit does; `already_done` for a visit that does not come to that any more (`VisitStatus`).
    package func markVisit(
        _ text: String, as status: VisitStatus, assignments: [Assignment]
    ) throws -> EditOutcome {
        let now = clock.now()
        return try edit(purpose: "visit \(status.rawValue)") { transaction in
            let type = try transaction.schema.requireType(named: "visit")
            let id = try transaction.resolve(text, type: type)
            try transaction.requireMayBecome(status, id, type: type)
            let writes = try transaction.writes(
                [Assignment(field: "status", value: status.rawValue)] + assignments, type: type, at: now)
            return Draft(
                label: "visit \(status.rawValue)",
                changes: [DraftChange(type: type.id, record: id, writes: writes)])
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
    var reference: RecordID? {
        if case .register(.reference(let record)) = self { record } else { nil }
    }
}

extension ReplicaTransaction {
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
