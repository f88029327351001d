package import SatchelInspection
import SatchelStorage
package import SatchelSync

extension Replica {
    /// A page of what this device knows of a change-set, where `text` has a colon, or of a record, of any type where none is named.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`, `ambiguous_id`, `invalid_request`.
    /// - Complexity: O(records) for others' change-sets, which have no index; O(the record's past) else.
    package func explain(typeName: String?, _ text: String) throws -> Explanation {
        try reading { transaction in
            let reader = try ReplicaExplanations(replica: self, transaction: transaction)
            if typeName == nil, DotName.isMeant(by: text) { return .changeSet(try reader.changeSet(named: text)) }
            let type = try typeName.map { try transaction.schema.requireType(named: $0) }
            let id =
                if let type { try transaction.resolve(text, type: type) } else {
                    try transaction.records.resolve(text, type: nil)
                }
            guard let record = try transaction.record(id), type == nil || record.type == type?.id,
                let type = transaction.schema.type(record.type)
            else { throw Self.unknownRecord(id.description) }
            return .record(try reader.explain(record, type: type))
        }
    }
}

extension Replica {
    /// The change-set that a person names, whole or by the first digits of its actor.
    ///
    /// - Throws: `SatchelError` `invalid_request` where it is no name or nobody is called so, `ambiguous_id`.
    package func dot(named text: String) throws -> Dot {
        try reading { try DotName(text).resolved(among: $0.metActors()) }
    }
}

/// Makes pages of what one replica knows.
private struct ReplicaExplanations {
    let replica: Replica
    let transaction: ReplicaTransaction
    let identity: ReplicaIdentity
    /// Up to where base is complete, in words.
    let reach: String

    init(replica: Replica, transaction: ReplicaTransaction) throws {
        self.replica = replica
        self.transaction = transaction
        identity = try transaction.identity()
        let sequence = try transaction.exchangeFacts().checkpoint?.sequence
        reach = sequence.map { "complete up to sequence \($0)" } ?? "never synced"
    }

    func changeSet(named text: String) throws -> ChangeSetExplanation {
        let dot = try DotName(text).resolved(among: try transaction.metActors())
        if let own = try transaction.ownChangeSet(dot.actor.releasedDot ?? dot) {
            guard !dot.actor.isRelease else { return try explainRelease(of: own, named: text) }
            return try explain(own, as: own.effectiveDot, state: try replica.state(of: own, transaction))
        }
        return try explainWorkOfOthers(dot, named: text)
    }

    private func holder(_ hasIt: Bool?, _ sentence: String) -> HolderExplanation {
        HolderExplanation(place: "server", hasIt: hasIt, sentence: sentence)
    }

    private func here(_ sentence: String) -> HolderExplanation {
        HolderExplanation(place: identity.device, user: identity.user, hasIt: true, sentence: sentence)
    }
}

// Own change-sets.
extension ReplicaExplanations {
    /// Own work that came back: base holds it under its `x*`.
    private func explainRelease(of own: OwnChangeSet, named text: String) throws -> ChangeSetExplanation {
        let dot = own.changeSet.dot.released
        let records = try own.changeSet.changes.compactMap { change in
            try transaction.record(change.record).map { (change: change, record: $0) }
        }
        guard own.state == .reissued, records.contains(where: { $0.record.confirmed.context.covers(dot) }) else {
            throw DotName.unknown(text)
        }
        let states = records.map {
            $0.record.confirmed.standing(of: $0.change, dot: dot, life: $0.record.confirmedStatus)
        }
        return try explain(own, as: dot, state: states.max() ?? .superseded)
    }

    /// Explains own work whose writes stand under `dot`, or would.
    private func explain(_ own: OwnChangeSet, as dot: Dot, state: LedgerState) throws -> ChangeSetExplanation {
        let origin = own.changeSet.dot
        let changes = own.changeSet.changes
        // Weaker states are those of work in the store; a device shows what is pending or parked all the same.
        let fate = state < .duplicate ? nil : state
        let isShown = fate == nil || (own.isInOverlay && (state == .pending || state == .parked))
        let parts = try changes.prefix(Explanation.partsMax).map { change in
            try part(change, of: own, as: dot, fate: fate, isShown: isShown)
        }
        let isRelease = dot.actor.isRelease && fate == nil
        var relations = ChangeSetExplanation.Relations()
        relations.releases = isRelease ? origin.description : nil
        relations.fixes = try own.changeSet.fixes.flatMap { try transaction.ownChangeSet(withDigest: $0) }?
            .changeSet.dot.description
        if let position = own.fixedBy {
            relations.reissuedAs = try transaction.ownChangeSet(at: position)?.changeSet.dot.description
        } else if own.state == .reissued, !isRelease {
            relations.reissuedAs = origin.released.description
        }
        return ChangeSetExplanation(
            facts: WriterFacts(
                dot: isRelease ? dot : origin, user: own.changeSet.author, device: identity.device,
                deviceTime: own.changeSet.time, correctedTime: own.correctedTime, label: own.changeSet.label, seen: nil,
                timeErrorMilliseconds: own.timeErrorMilliseconds),
            changeSet: own.digest.hexString, judgedAt: nil,
            standing: ChangeSetExplanation.Standing(
                state: state,
                verdict: own.isParked && !own.state.isParked
                    ? "invalid" : isRelease ? Verdict.applied.word : own.state.word,
                rejection: own.rejection, sequence: nil),
            relations: relations, isWhole: !own.changeSet.isOutline, parts: parts,
            partsOmitted: max(0, changes.count - Explanation.partsMax),
            holders: [
                here(own.changeSet.isOutline ? "made it, and keeps no more than an outline" : "made it"),
                server(of: own),
            ])
    }

    private func server(of own: OwnChangeSet) -> HolderExplanation {
        switch own.state {
        case .queued: holder(false, "not sent yet")
        case .sent: holder(nil, "sent, and no answer came yet")
        case .applied, .appliedWithConflicts:
            holder(true, own.isInOverlay ? "has it; the next sync brings it into base" : "has it; base is \(reach)")
        case .held, .rejected: holder(true, "keeps it parked")
        case .reissued: holder(true, "has it, come back under another name")
        }
    }

    private func part(
        _ change: RecordChange, of own: OwnChangeSet, as dot: Dot, fate: LedgerState?, isShown: Bool
    ) throws -> PartExplanation {
        let line = identity.lineage.line(of: own.place)
        guard let record = try transaction.record(change.record), let type = transaction.schema.type(record.type),
            type.id == change.type
        else {
            let touch = RecordTouch(dot: dot, change: change, seen: nil)
            return PartExplanation(missing: touch, schema: transaction.schema, line: line, fate: fate ?? .superseded)
        }
        let ownWork = try transaction.ownChangeSets(touching: record)
        let context = try Provenances(of: record, transaction).inspectionContext()
        let isEffective = fate != nil && isShown
        return try PartExplanation(
            of: touch(change, of: own, as: dot, among: ownWork), line: line,
            in: ExplainedRecord(
                record: record.id, type: type, state: isEffective ? record.state : record.confirmed,
                life: isEffective ? record.status : record.confirmedStatus,
                past: try past(of: record, ownWork: ownWork, context: context), isPastWhole: false, context: context),
            fate: fate, isShown: isShown)
    }

    /// What is known of a record's past: what base holds of others, then own work in own order.
    private func past(
        of record: StoredRecord, ownWork: [OwnChangeSet], context: InspectionContext
    ) throws -> [RecordTouch] {
        let own = Set(ownWork.flatMap { [$0.changeSet.dot, $0.changeSet.dot.released] })
        let others = try record.confirmed.standingTouches(type: record.type, record: record.id) { dot in
            try context.writer(dot)?.seen.map { SeenContext(vector: $0) }
        }.filter { !own.contains($0.dot) }
        return others
            + ownWork.compactMap { work in
                work.changeSet.changes.first { $0.record == record.id }.map {
                    touch($0, of: work, as: work.effectiveDot, among: ownWork)
                }
            }
    }

    /// An own part with what its author had seen: parked work and fixes at earlier places of his line beside his context.
    private func touch(
        _ change: RecordChange, of own: OwnChangeSet, as dot: Dot, among ownWork: [OwnChangeSet]
    ) -> RecordTouch {
        let vector = change.context.union(identity.lineage.line(of: own.place))
        let exceptions = ownWork.filter { $0.placePosition < own.placePosition && !vector.covers($0.effectiveDot) }
        return RecordTouch(
            dot: dot, change: change, seen: SeenContext(vector: vector, exceptions: exceptions.map(\.effectiveDot)))
    }
}

// Others' change-sets, and records.
extension ReplicaExplanations {
    /// Of others' work a device holds what still stands.
    private func explainWorkOfOthers(_ dot: Dot, named text: String) throws -> ChangeSetExplanation {
        var parts: [PartExplanation] = []
        var strongest = LedgerState.superseded
        var (count, facts) = (0, WriterFacts?.none)
        try transaction.records.forEach { record in
            guard record.confirmed.context.covers(dot), let type = transaction.schema.type(record.type) else { return }
            let touches = record.confirmed.standingTouches(type: type.id, record: record.id) { _ in nil }
            guard let found = touches.first(where: { $0.dot == dot }) else { return }
            count += 1
            strongest = max(
                strongest, record.confirmed.standing(of: found.change, dot: dot, life: record.confirmedStatus))
            guard parts.count < Explanation.partsMax else { return }
            let context = try Provenances(of: record, transaction).inspectionContext()
            let known = try context.writer(dot)
            facts = facts ?? known
            let touch = RecordTouch(
                dot: dot, change: found.change, seen: known?.seen.map { SeenContext(vector: $0) }, isWhole: false)
            parts.append(
                try PartExplanation(
                    of: touch, line: Lineage().line(of: dot.actor.releasedDot ?? dot),
                    in: ExplainedRecord(
                        record: record.id, type: type, state: record.confirmed, life: record.confirmedStatus,
                        past: try past(
                            of: record, ownWork: try transaction.ownChangeSets(touching: record), context: context),
                        isPastWhole: false, context: context)))
        }
        guard count > 0 else {
            throw DotName.unknown(
                text, remedy: "A device knows own work and what of others' stands; ask with `satchel-server explain`.")
        }
        let nobody = WriterFacts(
            dot: dot, user: "", device: "", deviceTime: nil, correctedTime: Timestamp(milliseconds: 0), label: nil,
            seen: nil)
        var relations = ChangeSetExplanation.Relations()
        relations.releases = dot.actor.releasedDot?.description
        return ChangeSetExplanation(
            facts: facts ?? nobody, changeSet: "", judgedAt: nil,
            standing: ChangeSetExplanation.Standing(
                state: strongest, verdict: Verdict.applied.word, rejection: nil, sequence: nil),
            relations: relations, isWhole: false, parts: parts, partsOmitted: count - parts.count,
            holders: [here("holds what of it stands; base is \(reach)"), holder(true, "has it")])
    }

    func explain(_ record: StoredRecord, type: EntityType) throws -> RecordExplanation {
        let history = try replica.history(of: record, type: type, transaction).map { entry in
            PastExplanation(
                dot: entry.dot, user: entry.user, device: entry.device, time: entry.time, label: entry.label,
                state: entry.state, fields: entry.writes.map(\.field))
        }
        let outside = [LedgerState.pending, .parked].map(\.word)
        let waiting = history.filter { outside.contains($0.state) }
        let past = history.filter { !outside.contains($0.state) }
        return try RecordExplanation(
            record: record.id, type: type, state: record.state, life: record.status, sequence: record.sequence,
            past: Array(past.prefix(Explanation.historyMax)), isPastCut: past.count > Explanation.historyMax,
            waiting: Array(waiting.prefix(Explanation.historyMax)),
            holders: [
                here("base is \(reach)"),
                record.sequence == .zero
                    ? holder(false, "nothing of it is confirmed")
                    : holder(true, waiting.isEmpty ? "has it as base has it" : "has it without what waits"),
            ],
            context: try Provenances(of: record, transaction).inspectionContext())
    }
}
