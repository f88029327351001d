import SatchelInspection
import SatchelStorage
import SatchelSync

// Which visits there are, and what may become of one.
extension ReplicaTransaction {
    /// The visit that is meant, where it is one.
    func plannedVisit(_ text: String, type: EntityType) throws -> RecordID? {
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
            throw SatchelError(
                .invalidRequest, "The note is empty.", remedy: "Write its text behind the id, in quotes.")
        }
        return try visitUnderWay(try schema.requireType(named: "visit"))
    }

    /// The one visit of this user that has begun and not ended.
    ///
    /// - Throws: `SatchelError` `invalid_request` where there is none, or more than one.
    func visitUnderWay(_ type: EntityType) throws -> RecordID {
        let ids = try visitsUnderWay(type)
        guard ids.count == 1, let only = ids.first else {
            throw SatchelError(
                .invalidRequest, ids.isEmpty ? "No visit is under way." : "\(ids.count) visits are under way.",
                remedy: "Name the visit; `visit list` has their ids.")
        }
        return only
    }

    /// The visits whose `rep` is this user and that have begun and not ended; all such where the schema has no `rep`.
    private func visitsUnderWay(_ type: EntityType) throws -> [RecordID] {
        let status = try type.requireField(named: "status")
        var filters = [ListFilter(field: status, value: .text(UTF8Text(VisitStatus.onSite.rawValue)))]
        if let rep = type.field(named: "rep") {
            filters.append(ListFilter(field: rep, value: .text(UTF8Text(try identity().user))))
        }
        return try records.visible(type, where: filters, limit: 1_000)
    }

    /// Whether a visit says who makes it, as far as the schema has that.
    func hasRep(_ visit: RecordID, type: EntityType) throws -> Bool {
        guard let rep = type.field(named: "rep"), let record = try record(visit) else { return false }
        return !record.state.winningValue(of: rep).isNull
    }

    /// Refuses to begin a visit while another one of this user is under way, wherever that is.
    ///
    /// - Throws: `SatchelError` `already_done`.
    func requireNoneUnderWay(_ type: EntityType) throws {
        guard let visit = try visitsUnderWay(type).first else { return }
        let name = try records.shortestEnding(of: visit)
        let place = try reference(of: visit, "account", type: type).flatMap(shownName)
        let start = try time(of: visit, "started_at", type: type).map { LocalTime.minute($0) }
        let sentence =
            if let place, let start {
                "Visit \(name) at \(place) is under way since \(start)."
            } else {
                "Visit \(name) is under way."
            }
        throw SatchelError(
            .alreadyDone, sentence,
            remedy: "End it with `visit end \(name)`, or say `visit cancel \(name)`, before you begin another one.")
    }

    /// Refuses a verb that does not take a visit from where it stands (`VisitStatus`).
    ///
    /// A status that is no word of ours counts as planned: an organisation may have others.
    /// - Throws: `SatchelError` `already_done`.
    func requireMayBecome(_ status: VisitStatus, _ id: RecordID, type: EntityType) throws {
        guard let record = try record(id), let field = type.field(named: "status") else { return }
        let present = VisitStatus(rawValue: record.state.winningValue(of: field).text) ?? .planned
        guard !present.next.contains(status) else { return }
        let name = try records.shortestEnding(of: id)
        let (sentence, remedy): (String, String)
        switch present {
        case .planned, .enRoute:
            sentence = "Visit \(name) is on its way already."
            remedy = "Begin it with `visit start \(name)`."
        case .onSite:
            let start = try time(of: id, "started_at", type: type).map { LocalTime.minute($0) }
            sentence = start.map { "Visit \(name) began at \($0)." } ?? "Visit \(name) is under way."
            remedy = "End it with `visit end \(name)`, or say `visit cancel \(name)`."
        case .done:
            let end = try time(of: id, "ended_at", type: type).map { LocalTime.minute($0) }
            sentence = end.map { "Visit \(name) ended at \($0)." } ?? "Visit \(name) is done."
            remedy = "Edit it with `set visit`, such as `ended_at=` with another instant."
        case .missed, .cancelled:
            sentence = present == .missed ? "Visit \(name) was missed." : "Visit \(name) was cancelled."
            remedy =
                "Plan or begin a new one; where that was a mistake, say `set visit \(name) status=planned` first."
        }
        throw SatchelError(.alreadyDone, sentence, remedy: remedy)
    }

    private func time(of id: RecordID, _ field: String, type: EntityType) throws -> Timestamp? {
        guard let field = type.field(named: field), let record = try record(id),
            case .timestamp(let instant) = record.state.winningValue(of: field)
        else { return nil }
        return instant
    }

    /// What a field of a record refers to.
    func reference(of id: RecordID, _ field: String, type: EntityType) throws -> RecordID? {
        guard let field = type.field(named: field), let record = try record(id),
            case .reference(let target) = record.state.winningValue(of: field)
        else { return nil }
        return target
    }
}
