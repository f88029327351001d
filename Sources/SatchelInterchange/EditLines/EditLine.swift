package import SatchelSync

/// One edit as a line of JSON states it: a record, or a change-set of several records.
///
/// Types and fields are names and values are JSON; ``EditLineChange/draftChange(schema:life:newRecord:readAt:)`` resolves them against a
/// schema.
package struct EditLine: Hashable, Sendable {
    /// What the author calls it; `nil` where the line does not say.
    package let label: String?
    /// When it was made; `nil` where the line does not say.
    package let at: Timestamp?
    /// The records it touches, in the order of the line.
    package let changes: [EditLineChange]
}

/// What one edit does to one record.
package struct EditLineChange: Hashable, Sendable {
    /// What happens to the record.
    package enum Operation: String, Hashable, Sendable {
        /// Makes it; one of that id must not exist.
        case create
        /// Edits it; it must exist.
        case update
        /// Deletes it; it must exist.
        case delete
        /// Brings it back, with what is written; it must be deleted.
        case revive
        /// Makes it when it does not exist and edits it otherwise: what a line without `changes` means.
        case put
    }

    /// A field by its name, with what is done to it.
    package struct Named<Content: Hashable & Sendable>: Hashable, Sendable {
        /// The field's name.
        package let name: String
        /// Its value, the elements, or the amount.
        package let content: Content

        /// Pairs a name with what it stands for.
        package init(_ name: String, _ content: Content) {
            self.name = name
            self.content = content
        }
    }

    /// The number of the line, from 1, for messages.
    package let line: Int
    /// What happens to the record.
    package let operation: Operation
    /// The name of its type.
    package let typeName: String
    /// The record; `nil` for a new one that has no id yet.
    package let record: RecordID?
    /// Values of fields, and elements that a set gains.
    package let set: [Named<JSONValue>]
    /// Elements that sets gain.
    package let add: [Named<[UTF8Text]>]
    /// Elements that sets lose.
    package let remove: [Named<[UTF8Text]>]
    /// Amounts that counters gain.
    package let increment: [Named<Int64>]
    /// The read that the edit rests on; `nil` for what stands when it is made.
    package let readAt: ReadToken?

    /// Describes an edit of one record.
    package init(
        line: Int, operation: Operation, typeName: String, record: RecordID?, set: [Named<JSONValue>] = [],
        add: [Named<[UTF8Text]>] = [], remove: [Named<[UTF8Text]>] = [], increment: [Named<Int64>] = [],
        readAt: ReadToken? = nil
    ) {
        self.line = line
        self.operation = operation
        self.typeName = typeName
        self.record = record
        self.set = set
        self.add = add
        self.remove = remove
        self.increment = increment
        self.readAt = readAt
    }
}
