import SatchelInspection
import SatchelStorage
import SatchelSync

/// A change-set that is parked or was, for operators.
package struct ParkedReply: Codable, Sendable {
    /// One record that it touches.
    package struct Change: Codable, Sendable {
        /// The name of the record's type; its number where the schema has none such.
        package let type: String
        /// The record's id.
        package let record: String
        /// `create`, `delete` or `revive`; `nil` for a plain edit.
        package let life: String?
        /// What it writes, field by field.
        package let writes: [Write]
    }

    /// One field that it writes.
    package struct Write: Codable, Sendable {
        /// The field's name.
        package let field: String
        /// What it writes, as people read it.
        package let value: String
    }

    /// Its name.
    package let dot: String
    /// Its digest, in hexadecimal digits.
    package let changeSet: String
    /// The user who made it.
    package let by: String
    /// The device it was made on.
    package let device: String
    /// What its author called it.
    package let label: String
    /// When it was made by the device's clock, RFC 3339.
    package let madeAt: String
    /// When the server first judged it, RFC 3339.
    package let judgedAt: String
    /// `held`, `rejected` or, once it came back, `reissued`.
    package let verdict: String
    /// Why it is parked, as a code; `nil` once it came back.
    package let code: String?
    /// The record that is waited for, or that breaks the rule.
    package let record: String?
    /// The name of the field that breaks the rule.
    package let field: String?
    /// Why it is parked, in a sentence; `nil` once it came back.
    package let sentence: String?
    /// The change-set that stands in its place; `nil` while it is parked.
    package let reissuedAs: String?
    /// What it would change; empty where it discards another, or where it was erased.
    package let changes: [Change]

    init(_ work: ParkedWork, logged entry: LogEntry, schema: Schema) throws {
        let changeSet = try entry.changeSet()
        let rejection = work.verdict.rejection
        dot = work.dot.description
        self.changeSet = entry.digest.hexString
        by = entry.author
        device = entry.device
        label = entry.label
        madeAt = entry.madeAt.description
        judgedAt = entry.acceptedAt.description
        verdict = work.verdict.word
        code = rejection?.code
        record = rejection?.record?.description
        sentence = rejection?.sentence
        reissuedAs = work.reissuedAs?.description
        changes = (changeSet?.changes ?? []).map { Change($0, schema: schema) }
        let type = changeSet?.changes.first { $0.record == rejection?.record }.flatMap { schema.type($0.type) }
        field = rejection?.field.map { type?.field($0)?.name ?? String($0.number) }
    }
}

extension ParkedReply.Change {
    fileprivate init(_ change: RecordChange, schema: Schema) {
        let type = schema.type(change.type)
        self.init(
            type: type?.name ?? String(change.type.number), record: change.record.description,
            life: change.life.map { "\($0)" },
            writes: change.writes.map { entry in
                ParkedReply.Write(
                    field: type?.field(entry.field)?.name ?? String(entry.field.number), value: entry.write.text)
            })
    }
}
