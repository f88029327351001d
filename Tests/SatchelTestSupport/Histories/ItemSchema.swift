package import SatchelSync

/// The schema of the shared causality scripts: one type of record with one field of each kind of merge.
package enum ItemSchema {
    /// The type `item`.
    package static let type = EntityTypeID(1)
    /// A text with the policy `latest`.
    package static let name = FieldID(1)
    /// A text with the policy `manual`.
    package static let phone = FieldID(2)
    /// A reference to another item, `restrict`.
    package static let parent = FieldID(3)
    /// A set.
    package static let tags = FieldID(4)
    /// A counter.
    package static let visits = FieldID(5)
    /// A map.
    package static let facts = FieldID(6)

    /// The schema, version 1.
    package static func make() throws -> Schema {
        let fields = [
            Field(id: name, name: "name", kind: .text(maxLength: 200), policy: .latest),
            Field(id: phone, name: "phone", kind: .text(maxLength: 40), policy: .manual),
            Field(id: parent, name: "parent", kind: .reference(to: type, onDelete: .restrict), policy: .latest),
            Field(id: tags, name: "tags", kind: .set(maxLength: 40), policy: .set),
            Field(id: visits, name: "visits", kind: .counter, policy: .counter),
            Field(id: facts, name: "facts", kind: .map(maxLength: 40), policy: .map),
        ]
        return try Schema(version: 1, types: [EntityType(id: type, name: "item", fields: fields)])
    }
}
