/// The stable number of an entity type.
public struct EntityTypeID: Hashable, Sendable, Comparable {
    /// From 1; never reused within a schema's life.
    public let number: UInt32

    /// Wraps a number.
    public init(_ number: UInt32) { self.number = number }

    /// By number.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// The stable number of a field within its entity type.
public struct FieldID: Hashable, Sendable, Comparable {
    /// From 1; never reused within a type's life.
    public let number: UInt32

    /// Wraps a number.
    public init(_ number: UInt32) { self.number = number }

    /// By number.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// One field of an entity type.
public struct Field: Hashable, Sendable {
    /// The stable number.
    public let id: FieldID
    /// The name, which is also the column's.
    public let name: String
    /// What the field holds.
    public let kind: FieldKind
    /// How concurrent values are settled.
    public let policy: MergePolicy
    /// When a record without a value is refused.
    public let requirement: Requirement
    /// What a text has to look like, as a whole; `nil` for any text.
    public let pattern: TextPattern?
    /// Whether the value tells of a person: exports, erasure and logs treat it as such.
    public let isPersonal: Bool

    /// Whether a record without a value is refused at all times.
    public var isRequired: Bool { requirement == .always }

    /// Describes a field; ``Schema`` checks it.
    public init(
        id: FieldID, name: String, kind: FieldKind, policy: MergePolicy, requirement: Requirement = .never,
        pattern: TextPattern? = nil, isPersonal: Bool = false
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.policy = policy
        self.requirement = requirement
        self.pattern = pattern
        self.isPersonal = isPersonal
    }
}

/// One kind of record: its name is the table's.
public struct EntityType: Hashable, Sendable {
    /// The stable number.
    public let id: EntityTypeID
    /// The name, which is also the table's.
    public let name: String
    /// The fields, by number.
    public let fields: [Field]
    /// Who may write a record.
    public let ownership: Ownership
    /// The enum field that says how far a record has come; `nil` where none does.
    public let status: FieldID?
    /// Whether a rule of the type asks how a record stands; where none does, no record need be read to judge a change.
    package let hasStandingRules: Bool
    /// The columns of the plain table in the order of the fields; a location has three.
    package let columnNames: [String]

    /// Describes a type; ``Schema`` checks it.
    public init(
        id: EntityTypeID, name: String, fields: [Field], ownership: Ownership = .shared, status: FieldID? = nil
    ) {
        self.id = id
        self.name = name
        self.fields = fields.sorted { $0.id < $1.id }
        self.ownership = ownership
        self.status = status
        columnNames = self.fields.flatMap(\.columnNames)
        hasStandingRules =
            ownership == .own || status != nil || fields.contains { $0.policy == .immutable || $0.policy == .server }
    }

    /// The field with this number.
    /// - Complexity: O(log *n*) in the fields.
    public func field(_ id: FieldID) -> Field? { fieldIndex(id).map { fields[$0] } }

    /// The field with this name.
    /// - Complexity: O(*n*) in the fields.
    public func field(named name: String) -> Field? { fields.first { $0.name == name } }

    /// The field whose value people know the record by: `name`, `title`, `subject` or `file_name`, else the first text.
    public var titleField: Field? {
        for name in ["name", "title", "subject", "file_name"] {
            if let field = field(named: name), case .text = field.kind { return field }
        }
        return fields.first { if case .text = $0.kind { true } else { false } }
    }

    /// The place of the field with this number in ``fields``.
    package func fieldIndex(_ id: FieldID) -> Int? {
        var low = 0
        var high = fields.count
        while low < high {
            let middle = (low + high) / 2
            if fields[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < fields.count && fields[low].id == id ? low : nil
    }
}

/// The entity types of an organisation, as one version of its schema file states them.
public struct Schema: Hashable, Sendable {
    /// Counted up by the operator with every change; devices say which one they know.
    public let version: UInt32
    /// The types, by number.
    public let types: [EntityType]

    /// Checks every rule of the format and keeps the types.
    /// - Throws: ``SatchelError`` `invalid_schema`, naming every rule that is broken.
    public init(version: UInt32, types: [EntityType]) throws(SatchelError) {
        self.version = version
        self.types = types.sorted { $0.id < $1.id }
        let problems = Self.problems(version: version, types: self.types)
        guard problems.isEmpty else {
            let count = Counted.text(problems.count, "rule")
            throw SatchelError(
                .invalidSchema, "The schema breaks \(count): \(problems.joined(separator: " "))",
                remedy: "Correct the schema file; Protocol/schema.md explains the format.")
        }
    }

    /// The type with this number.
    public func type(_ id: EntityTypeID) -> EntityType? { types.first { $0.id == id } }

    /// The type with this name.
    public func type(named name: String) -> EntityType? { types.first { $0.name == name } }

    /// The type with this name, or an error that lists the names there are.
    /// - Throws: ``SatchelError`` `unknown_type`.
    public func requireType(named name: String) throws(SatchelError) -> EntityType {
        guard let type = type(named: name) else {
            throw SatchelError(
                .unknownType, "There is no type \"\(Excerpt.of(name))\".",
                remedy: NearWord.question(name, among: types.map(\.name))
                    + "The types are \(types.map(\.name).joined(separator: ", ")).")
        }
        return type
    }

    /// The reference fields that point to `target`, each with the type it belongs to.
    public func references(to target: EntityTypeID) -> [(type: EntityType, field: Field, rule: DeleteRule)] {
        types.flatMap { type in
            type.fields.compactMap { field in
                guard case .reference(target, let rule) = field.kind else { return nil }
                return (type, field, rule)
            }
        }
    }
}

extension EntityType {
    /// The field with this name, or an error that lists the names there are.
    /// - Throws: ``SatchelError`` `unknown_field`.
    public func requireField(named name: String) throws(SatchelError) -> Field {
        guard let field = field(named: name) else {
            throw SatchelError(
                .unknownField, "A record of type \(self.name) has no field \"\(Excerpt.of(name))\".",
                remedy: NearWord.question(name, among: fields.map(\.name))
                    + "Its fields are \(fields.map(\.name).joined(separator: ", ")).")
        }
        return field
    }
}

extension Field {
    /// The columns of the plain table that hold the field: one, and three for a location (design §4).
    package var columnNames: [String] {
        if case .location = kind { ["\(name)_lat", "\(name)_lon", "\(name)_accuracy"] } else { [name] }
    }
}
