package import Foundation
package import SatchelInspection
import SatchelStorage
package import SatchelSync
import SatchelWire

/// A record as it travels to an operator or an inspector: readable as JSON, and whole enough to make every report of.
package struct RecordCase: Codable, Sendable {
    /// One open conflict, for people with curl.
    package struct Item: Codable, Sendable {
        /// `life`, or the field's name.
        package let subject: String
        /// The word of its severity.
        package let severity: String
        /// The distinct values, the winner's first; empty for a life.
        package let values: [String]
        /// What stands for it, as a short text; handed back with a resolution.
        package let token: String
    }

    /// What is known of a change-set that the reports name.
    package struct Writer: Codable, Sendable {
        /// The change-set's name.
        package let dot: String
        /// The user who made it.
        package let user: String
        /// The device it was made on.
        package let device: String
        /// The device's wall time, RFC 3339.
        package let deviceTime: String
        /// The same by the server's reckoning.
        package let correctedTime: String
        /// What its author called it.
        package let label: String
        /// What its author had seen of the record, dots separated by blanks; `nil` where only its name is needed.
        package let seen: String?
    }

    /// The record's id.
    package let record: String
    /// The shortest unique ending of it.
    package let ending: String
    /// The name of its type.
    package let type: String
    /// The value that people know it by.
    package let title: String
    /// The word of its life, living children included.
    package let life: String
    /// Its open conflicts.
    package let conflicts: [Item]
    /// What stands for it, as a short text; handed back with a resolution.
    package let token: String
    /// The change-sets in conflict, and those that their authors had seen.
    package let writers: [Writer]
    /// Titles of the records that it refers to, by id.
    package let titles: [String: String]
    /// The whole state and the values before, as a frame of the exchange.
    package let frame: Data
}

extension RecordCase {
    /// The record's open conflicts, as people read them.
    ///
    /// - Throws: `SatchelError` `unknown_answer` where the case does not fit the schema.
    package func conflictReport(schema: Schema) throws -> ConflictReport {
        let parts = try parts(schema: schema)
        return try ConflictReport(
            record: parts.delta.record, type: parts.type, state: parts.delta.state, life: parts.life,
            context: context(of: parts, schema: schema))
    }

    /// The record as lists and forms show it.
    ///
    /// - Throws: `SatchelError` `unknown_answer` where the case does not fit the schema.
    package func recordReport(schema: Schema) throws -> RecordReport {
        let parts = try parts(schema: schema)
        return try RecordReport(
            record: parts.delta.record, type: parts.type, state: parts.delta.state, life: parts.life,
            context: context(of: parts, schema: schema))
    }

    private typealias Parts = (delta: RecordDelta, type: EntityType, life: LifeStatus)

    private func parts(schema: Schema) throws -> Parts {
        var reader = FrameReader()
        reader.append(Array(frame))
        guard case .records(let deltas)? = try reader.next(), let delta = deltas.first,
            let type = schema.type(delta.type),
            let life = [LifeStatus.absent, .alive, .deleted, .contested].first(where: { $0.word == life })
        else {
            throw SatchelError(
                .unknownAnswer, "The server described record \(record) in a way that this program does not know.",
                remedy: "Bring both to the same version of Satchel.")
        }
        return (delta, type, life)
    }

    private func context(of parts: Parts, schema: Schema) -> InspectionContext {
        let facts = Dictionary(writers.compactMap(\.facts).map { ($0.dot, $0) }) { first, _ in first }
        return InspectionContext(
            schema: schema, ending: ending, writer: { facts[$0] },
            baseValue: { subject in parts.delta.bases.first { $0.subject == subject }?.value },
            title: { titles[$0.description] })
    }
}

extension RecordCase.Writer {
    fileprivate var facts: WriterFacts? {
        guard let dot = Dot(dot), let corrected = Timestamp(correctedTime) else { return nil }
        let seen = seen.map { VersionVector($0.split(separator: " ").compactMap { Dot($0) }) }
        return WriterFacts(
            dot: dot, user: user, device: device, deviceTime: Timestamp(deviceTime), correctedTime: corrected,
            label: label, seen: seen)
    }
}
