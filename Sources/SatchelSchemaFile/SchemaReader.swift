import SatchelSync
import Yams

/// Turns the nodes of a schema file into types, collecting every problem on the way.
struct SchemaReader {
    var problems: [SchemaProblem] = []
    var typeIDs: [String: EntityTypeID] = [:]
    /// Where each type and field stands, for what ``Schema`` finds later.
    var places: [(name: String, path: String, mark: Mark?)] = []

    /// - Throws: ``SatchelError`` `invalid_schema` with every problem.
    static func schema(from root: Node) throws(SatchelError) -> Schema {
        var reader = SchemaReader()
        let version = reader.readRoot(root)
        guard reader.problems.isEmpty else { throw SchemaProblem.error(reader.problems) }
        do {
            return try Schema(version: version.number, types: version.types)
        } catch {
            throw reader.located(error)
        }
    }

    private mutating func readRoot(_ root: Node) -> (number: UInt32, types: [EntityType]) {
        let entries = mapping(root, of: "The file", keys: ["schema", "types"])
        require(["schema", "types"], in: entries, of: "The file", at: root.mark)
        let version = entries["schema"].flatMap { number($0.value, what: "The schema's version") } ?? 1
        guard let typesNode = entries["types"]?.value else { return (version, []) }
        let types = mapping(typesNode, of: "The list of types", keys: nil)
        if types.isEmpty { report("There is no type.", at: typesNode.mark) }
        let sorted = types.values.sorted { $0.place < $1.place }
        let bodies = sorted.map { entry in
            (entry, mapping(entry.value, of: "Type \(entry.shown)", keys: ["id", "ownership", "status", "fields"]))
        }
        readTypeNumbers(bodies)
        return (version, bodies.compactMap { readType($0.0, body: $0.1) })
    }

    private mutating func readTypeNumbers(_ bodies: [(Entry, [String: Entry])]) {
        var names: [UInt32: String] = [:]
        for (entry, body) in bodies {
            // Known even without a number, so that a reference to it is not a second problem.
            typeIDs[entry.name] = EntityTypeID(0)
            guard let number = identifier(body, of: "Type \(entry.shown)", at: entry.value.mark) else { continue }
            if let other = names.updateValue(entry.name, forKey: number) {
                report("Types \(other) and \(entry.shown) have the same number \(number).", at: body["id"]?.value.mark)
            }
            typeIDs[entry.name] = EntityTypeID(number)
        }
    }

    private mutating func readType(_ entry: Entry, body: [String: Entry]) -> EntityType? {
        places.append((entry.name, entry.name, entry.key))
        guard let fieldsNode = body["fields"]?.value else {
            report("Type \(entry.shown) has no \"fields\".", at: entry.key)
            return nil
        }
        let fields = mapping(fieldsNode, of: "The list of fields of \(entry.shown)", keys: nil)
        if fields.isEmpty { report("Type \(entry.shown) has no field.", at: fieldsNode.mark) }
        var names: [UInt32: String] = [:]
        var read: [Field] = []
        for field in fields.values.sorted(by: { $0.place < $1.place }) {
            guard let made = readField(field, typeName: entry.name) else { continue }
            if let other = names.updateValue(field.name, forKey: made.id.number) {
                report(
                    "Fields \(other) and \(field.shown) of \(entry.shown) have the same number \(made.id.number).",
                    at: field.key)
            }
            read.append(made)
        }
        let classes = ["shared": Ownership.shared, "own": .own]
        let ownership = body["ownership"].map {
            choice($0.value, what: "\"ownership\" of \(entry.shown)", from: classes)
        }
        let status = body["status"].flatMap { readStatus($0.value, of: entry, fields: read) }
        guard let id = typeIDs[entry.name] else { return nil }
        return EntityType(
            id: id, name: entry.name, fields: read, ownership: (ownership ?? .shared) ?? .shared, status: status)
    }

    private mutating func readStatus(_ node: Node, of entry: Entry, fields: [Field]) -> FieldID? {
        guard let name = text(node, what: "\"status\" of \(entry.shown)") else { return nil }
        guard let field = fields.first(where: { $0.name == name }) else {
            report(
                "The status of \(entry.shown) names no field of it: \"\(Excerpt.of(name))\".", at: node.mark)
            return nil
        }
        return field.id
    }

    /// Adds to a failure that ``Schema`` found the lines of what it names.
    private func located(_ error: SatchelError) -> SatchelError {
        var located = error
        for place in places {
            guard let mark = place.mark else { continue }
            let isNamed =
                error.message.contains("\(place.path):") || error.message.contains("name \"\(place.name)\"")
                || error.message.contains("Type \(place.path) has")
            if isNamed { located.message += " Line \(mark.line) has \(Excerpt.of(place.path))." }
        }
        return located
    }
}
