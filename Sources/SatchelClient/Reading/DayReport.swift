package import SatchelInspection
package import SatchelSync

/// What a rep's day holds: where he goes, and what he owes.
package struct DayReport: Hashable, Sendable {
    /// Why something stands in the day.
    package enum Part: String, CaseIterable, Sendable {
        /// A visit that has begun and not ended.
        case underWay = "under_way"
        /// A visit that is planned for the day.
        case planned
        /// A visit that was planned for an earlier day and is neither done nor given up.
        case overdueVisit = "overdue_visit"
        /// A task that is due, or was.
        case task
        /// What was agreed at a visit as the next step, and is due.
        case nextStep = "next_step"
        /// A customer who is to be visited again by now.
        case followUp = "follow_up"
        /// An opportunity that was to be closed by now, and its next step.
        case closing
        /// A visit that was ended on the day.
        case done
    }

    /// One line of it.
    package struct Entry: Hashable, Sendable {
        /// Why it is here.
        package let part: Part
        /// The name of the record's type.
        package let type: String
        /// The record.
        package let record: RecordID
        /// The shortest unique ending of its id.
        package let ending: String
        /// What is to be done, as its author wrote it; may be empty.
        package let text: String
        /// The customer's name; `nil` where there is none.
        package let customer: String?
        /// When it begins or began; `nil` where only a day is known.
        package let time: Timestamp?
        /// The day by which it is due; `nil` for visits.
        package let due: CalendarDate?
        /// Whether that day is over.
        package let isOverdue: Bool
    }

    /// The day.
    package let day: LocalDay
    /// Its lines by part, those with a time in the order of times.
    package let entries: [Entry]
}
