import SatchelInspection
import SatchelStorage
import SatchelSync

/// Puts together what stands in a rep's day, from the plain tables.
///
/// It looks for the types and fields of the CRM schema by name; what an organisation's own schema lacks is left out.
struct DayReader {
    let transaction: ReplicaTransaction
    let user: String
    let day: LocalDay
    /// The present instant: what is under way is so on the day in which that lies.
    let now: Timestamp

    /// How far back something that was not done is still named.
    private static let daysBack = 30
    private static let entriesMax = 200

    /// The whole day.
    /// - Complexity: O(rows of each type that is looked at).
    func report() throws -> DayReport {
        let parts = try [
            visitsUnderWay(), plannedVisits(), tasks(), nextSteps(), followUps(),
            closings(), doneVisits(),
        ]
        return DayReport(day: day, entries: parts.flatMap(\.self))
    }

    // MARK: - Visits

    /// Of another day than the present one, those alone that began on it.
    private func visitsUnderWay() throws -> [DayReport.Entry] {
        guard let type = type("visit", with: ["status"]) else { return [] }
        return try ["en_route", "on_site"].flatMap { word in
            try mine(type, whose: "rep", [filter(type, "status", .equal, .text(UTF8Text(word)))], by: "started_at")
        }.compactMap { record in
            let time = value(record, type, "started_at") ?? value(record, type, "planned_start")
            guard day.contains(now) || time.map(day.contains) ?? false else { return nil }
            return try entry(.underWay, record, type, text: "purpose", time: time)
        }
    }

    private func plannedVisits() throws -> [DayReport.Entry] {
        guard let type = type("visit", with: ["status", "planned_start"]) else { return [] }
        let filters = [
            filter(type, "status", .equal, .text("planned")),
            filter(type, "planned_start", .atLeast, .timestamp(oldest)),
            filter(type, "planned_start", .below, .timestamp(day.end)),
        ]
        return try mine(type, whose: "rep", filters, by: "planned_start").map { record in
            let time = value(record, type, "planned_start")
            let isToday = time.map { $0 >= day.start } ?? true
            return try entry(isToday ? .planned : .overdueVisit, record, type, text: "purpose", time: time)
        }
    }

    private func doneVisits() throws -> [DayReport.Entry] {
        guard let type = type("visit", with: ["status", "ended_at"]) else { return [] }
        let filters = [
            filter(type, "status", .equal, .text("done")), filter(type, "ended_at", .atLeast, .timestamp(day.start)),
            filter(type, "ended_at", .below, .timestamp(day.end)),
        ]
        return try mine(type, whose: "rep", filters, by: "ended_at").map {
            try entry(.done, $0, type, text: "outcome", time: value($0, type, "ended_at"))
        }
    }

    // MARK: - What is due

    private func tasks() throws -> [DayReport.Entry] {
        guard let type = type("task", with: ["status", "due"]) else { return [] }
        let filters = [
            filter(type, "due", .atMost, .date(day.date)), filter(type, "status", .different, .text("done")),
            filter(type, "status", .different, .text("cancelled")),
        ]
        return try mine(type, whose: "assignee", filters, by: "due").map {
            try entry(.task, $0, type, text: "title", due: date($0, type, "due"))
        }
    }

    private func nextSteps() throws -> [DayReport.Entry] {
        guard let type = type("visit", with: ["status", "next_step", "next_step_due", "started_at", "account"]) else {
            return []
        }
        let filters = [
            filter(type, "next_step_due", .atMost, .date(day.date)),
            filter(type, "next_step_due", .atLeast, .date(oldestDate)),
        ]
        return try mine(type, whose: "rep", filters, by: "next_step_due").compactMap { record in
            // Whoever was there again has seen to it.
            guard let began = value(record, type, "started_at"),
                case .reference(let account) = record.state.winningValue(of: try type.requireField(named: "account")),
                try transaction.records.visibleCount(
                    type,
                    where: [
                        filter(type, "account", .equal, .reference(account)),
                        filter(type, "started_at", .above, .timestamp(began)),
                    ].compactMap(\.self)) == 0
            else { return nil }
            return try entry(.nextStep, record, type, text: "next_step", due: date(record, type, "next_step_due"))
        }
    }

    private func followUps() throws -> [DayReport.Entry] {
        guard let type = type("account", with: ["next_visit"]) else { return [] }
        let filters = [
            filter(type, "next_visit", .atMost, .date(day.date)),
            filter(type, "next_visit", .atLeast, .date(oldestDate)),
        ]
        return try mine(type, whose: "owner", filters, by: "next_visit").map {
            try entry(.followUp, $0, type, text: nil, due: date($0, type, "next_visit"))
        }
    }

    private func closings() throws -> [DayReport.Entry] {
        guard let type = type("opportunity", with: ["stage", "close_date"]) else { return [] }
        let filters = [
            filter(type, "close_date", .atMost, .date(day.date)), filter(type, "stage", .different, .text("won")),
            filter(type, "stage", .different, .text("lost")),
        ]
        return try mine(type, whose: "owner", filters, by: "close_date").map {
            try entry(.closing, $0, type, text: "next_step", due: date($0, type, "close_date"))
        }
    }

    // MARK: - Rows

    private func type(_ name: String, with fields: [String]) -> EntityType? {
        guard let type = transaction.schema.types.first(where: { $0.name == name }),
            fields.allSatisfy({ type.field(named: $0) != nil })
        else { return nil }
        return type
    }

    private func filter(
        _ type: EntityType, _ field: String, _ comparison: ListFilter.Comparison, _ value: FieldValue
    ) -> ListFilter? {
        type.field(named: field).map { ListFilter(field: $0, comparison, value: value) }
    }

    /// Records that meet the conditions and are the user's, or nobody's.
    private func mine(
        _ type: EntityType, whose field: String, _ filters: [ListFilter?], by order: String
    ) throws -> [StoredRecord] {
        let owner = type.field(named: field)
        let ids = try transaction.records.visible(
            type, where: filters.compactMap(\.self),
            orderedBy: [ListOrder(field: type.field(named: order))], limit: 10 * Self.entriesMax)
        var found: [StoredRecord] = []
        for id in ids where found.count < Self.entriesMax {
            guard let record = try transaction.record(id) else { continue }
            let name = owner.map { record.state.winningValue(of: $0) } ?? .null
            if name.isNull || name == .text(UTF8Text(user)) { found.append(record) }
        }
        return found
    }

    private func value(_ record: StoredRecord, _ type: EntityType, _ field: String) -> Timestamp? {
        guard let field = type.field(named: field), case .timestamp(let time) = record.state.winningValue(of: field)
        else {
            return nil
        }
        return time
    }

    private func date(_ record: StoredRecord, _ type: EntityType, _ field: String) -> CalendarDate? {
        guard let field = type.field(named: field), case .date(let date) = record.state.winningValue(of: field) else {
            return nil
        }
        return date
    }

    private func entry(
        _ part: DayReport.Part, _ record: StoredRecord, _ type: EntityType, text: String?, time: Timestamp? = nil,
        due: CalendarDate? = nil
    ) throws -> DayReport.Entry {
        var customer: String?
        if type.name == "account" {
            customer = type.title(of: record.state)
        } else if let field = type.field(named: "account"),
            case .reference(let account) = record.state.winningValue(of: field)
        {
            customer = try transaction.records.title(of: account)
        }
        let words = text.flatMap { type.field(named: $0) }.map { record.state.winningValue(of: $0).text } ?? ""
        return DayReport.Entry(
            part: part, type: type.name, record: record.id,
            ending: try transaction.records.shortestEnding(of: record.id),
            text: words, customer: customer, time: time, due: due, isOverdue: due.map { $0 < day.date } ?? false)
    }

    private var oldest: Timestamp {
        Timestamp(milliseconds: day.start.milliseconds - Int64(Self.daysBack) * 86_400_000)
    }

    private var oldestDate: CalendarDate {
        CalendarDate(clampingDayNumber: Int(day.date.dayNumber) - Self.daysBack)
    }
}
