package import SatchelSync

/// The look-ups that reports about one record need: passed in, so that building a report reads nothing itself.
///
/// The closures may throw what their store throws; the report's initialiser passes it on.
package struct InspectionContext {
    /// The schema that names types and fields.
    package let schema: Schema
    /// What is known of a change-set; `nil` where nothing is.
    package let writer: (Dot) throws -> WriterFacts?
    /// The value before the concurrent edits, or what this replica's base holds; `nil` where none is known.
    package let baseValue: (ConflictSubject) throws -> FieldValue?
    /// The title of a record that a reference points to; `nil` where the record is not here.
    package let title: (RecordID) throws -> String?
    /// The shortest unique ending of the record's id.
    package let ending: String
    /// How an instant is written in sentences for people; by default to the minute, in UTC.
    package let timeText: (Timestamp) -> String

    /// Collects the look-ups.
    package init(
        schema: Schema, ending: String,
        writer: @escaping (Dot) throws -> WriterFacts?,
        baseValue: @escaping (ConflictSubject) throws -> FieldValue? = { _ in nil },
        title: @escaping (RecordID) throws -> String? = { _ in nil },
        timeText: @escaping (Timestamp) -> String = InspectionContext.minuteText
    ) {
        self.schema = schema
        self.ending = ending
        self.writer = writer
        self.baseValue = baseValue
        self.title = title
        self.timeText = timeText
    }

    /// An instant to the minute, such as `2026-03-02 09:14 UTC`.
    package static func minuteText(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
