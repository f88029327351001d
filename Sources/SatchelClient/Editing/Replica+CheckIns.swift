import SatchelStorage
package import SatchelSync

/// What a device says of where it was.
package struct CheckInFacts: Hashable, Sendable {
    /// The position as typed; `nil` where there is none.
    package var position: String?
    /// How old the position is, in seconds.
    package var fixAge: Int?
    /// What found it, such as `gps` or `network`.
    package var provider: String?
    /// Whether a program made it up.
    package var isMock = false
    /// Why, in the rep's words.
    package var reason: String?
    /// The check-in that this one corrects.
    package var corrects: String?

    package init(
        position: String? = nil, fixAge: Int? = nil, provider: String? = nil, isMock: Bool = false,
        reason: String? = nil, corrects: String? = nil
    ) {
        self.position = position
        self.fixAge = fixAge
        self.provider = provider
        self.isMock = isMock
        self.reason = reason
        self.corrects = corrects
    }

    /// The same as assignments of the fields that hold them.
    fileprivate var assignments: [Assignment] {
        let facts = [
            ("position", position), ("fix_age", fixAge.map(String.init)), ("provider", provider),
            ("is_mock", isMock ? "true" : nil), ("reason", reason), ("corrects", corrects),
        ]
        return facts.compactMap { field, value in value.map { Assignment(field: field, value: $0) } }
    }
}

/// An edit that may check in, and what the check-in says.
package struct CheckInOutcome: Hashable, Sendable {
    /// What the edit did.
    package let edit: EditOutcome
    /// The verdict; `nil` where the schema keeps none, and where the edit does not check in.
    package let verdict: CheckInVerdict?

    /// The records that the edit touched.
    package var records: [RecordID] { edit.records }
}

extension Replica {
    /// Records a check-in at a visit or an account: a row that is never changed; a correction is a new one, and names the one it corrects.
    ///
    /// - Throws: `SatchelError` as an edit does; `unknown_field` where a check-in of this schema cannot refer to such a record;
    ///   `invalid_request` where the verdict is typed.
    package func checkIn(
        at text: String, _ facts: CheckInFacts, assignments: [Assignment]
    ) throws -> CheckInOutcome {
        let now = clock.now()
        var verdict: CheckInVerdict?
        let outcome = try edit(purpose: "check-in") { transaction in
            let id = try transaction.records.resolve(text, type: nil)
            let row = try transaction.schema.requireType(named: CheckInRow.typeName)
            let type = try transaction.subject(id, of: row, named: text).type
            let visit = type.name == "visit" ? id : nil
            let account = try visit == nil ? id : transaction.reference(of: id, "account", type: type)
            let change = try transaction.checkIn(
                facts, visit: visit, account: account, at: now, assignments: assignments, judged: &verdict)
            return Draft(label: "check-in", changes: [change])
        }
        return CheckInOutcome(edit: outcome, verdict: verdict)
    }
}

extension ReplicaTransaction {
    /// The row of a check-in, with the device's own verdict.
    func checkIn(
        _ facts: CheckInFacts, visit: RecordID?, account: RecordID?, at now: Timestamp, assignments: [Assignment] = [],
        judged verdict: inout CheckInVerdict?
    ) throws -> DraftChange {
        let type = try schema.requireType(named: CheckInRow.typeName)
        try type.requireNotComputed(assignments)
        var writes: [FieldChange] = []
        if let visit {
            writes.append(FieldChange(try type.requireField(named: "visit").id, .register(.reference(visit))))
        }
        if let account {
            writes.append(FieldChange(try type.requireField(named: "account").id, .register(.reference(account))))
        }
        let time = Assignment(field: "taken_at", value: now.description)
        writes += try self.writes(
            type.known([time], besides: assignments) + facts.assignments + assignments, type: type, at: now)
        verdict = try self.verdict(on: writes, type: type, account: account)
        writes += try judgement(verdict, type: type, at: now)
        return DraftChange(type: type.id, record: .random(at: now), life: .create, writes: writes)
    }

    /// The writes that keep a verdict; none where there is no verdict.
    private func judgement(_ verdict: CheckInVerdict?, type: EntityType, at now: Timestamp) throws -> [FieldChange] {
        guard let verdict else { return [] }
        let judgement =
            [
                Assignment(field: "verdict", value: verdict.word.rawValue),
                Assignment(field: "radius_m", value: String(verdict.radius)),
            ] + (verdict.distance.map { [Assignment(field: "distance_m", value: String($0))] } ?? [])
        return try writes(type.known(judgement, besides: []), type: type, at: now)
    }

    /// The writes of a check-in that was corrected before it was taken, judged anew by what it says now.
    func judgedAnew(_ writes: [FieldChange], type: EntityType, at now: Timestamp) throws -> [FieldChange] {
        func target(_ name: String) -> RecordID? {
            writes.last { $0.field == type.field(named: name)?.id }?.write.reference
        }
        let account =
            try target("account")
            ?? target("visit").flatMap { visit in
                try reference(of: visit, "account", type: schema.requireType(named: "visit"))
            }
        guard let verdict = try verdict(on: writes, type: type, account: account) else { return writes }
        let computed = Set(CheckInRow.computedFields.compactMap { type.field(named: $0)?.id })
        return try writes.filter { !computed.contains($0.field) } + judgement(verdict, type: type, at: now)
    }

    /// What the position that is written says, by what this device knows of the customer's place; `nil` where the schema keeps no verdict.
    private func verdict(on writes: [FieldChange], type: EntityType, account: RecordID?) throws -> CheckInVerdict? {
        guard type.field(named: "verdict") != nil else { return nil }
        let row = CheckInRow { field in
            guard let id = type.field(named: field)?.id,
                case .register(let value)? = writes.last(where: { $0.field == id })?.write
            else { return .null }
            return value
        }
        guard let account, let record = try record(account), let customer = schema.type(record.type) else {
            return row.verdict(at: CheckInSite())
        }
        return row.verdict(at: CheckInSite(of: record.state, customer))
    }
}

extension EntityType {
    /// Refuses what a device finds out itself, where the type is that of check-ins.
    ///
    /// - Throws: `SatchelError` `invalid_request`.
    func requireNotComputed(_ assignments: [Assignment]) throws(SatchelError) {
        guard name == CheckInRow.typeName,
            let typed = assignments.first(where: { CheckInRow.computedFields.contains($0.field) })
        else { return }
        throw .wrongUsage(
            "Field \"\(typed.field)\" of a check-in is not typed: the device finds it out by the position.",
            remedy: "Give the position with `checkin ID --at`, and what there is to say with `--reason`.")
    }
}
