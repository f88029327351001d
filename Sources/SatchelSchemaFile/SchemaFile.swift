package import SatchelSync
import Yams

/// A schema together with the file that states it.
///
/// The file travels as it is (a server hands it to its devices), so its comments and its order are kept.
package struct SchemaFile: Hashable, Sendable {
    /// What the file states.
    package let schema: Schema
    /// The text of the file, unchanged.
    package let source: String

    /// Reads a schema file in the format of `Protocol/schema.md`.
    ///
    /// - Throws: ``SatchelError`` `too_large` past `Limits.schemaBytesMax`; `invalid_schema` with every problem that was found,
    ///   each with line and column. Where the text is not YAML at all, only the first is known.
    /// - Complexity: O(bytes).
    package static func parse(_ yaml: String) throws(SatchelError) -> SchemaFile {
        let byteCount = yaml.utf8.count
        guard byteCount <= Limits.schemaBytesMax else {
            throw SatchelError(
                .tooLarge, "A schema file takes at most \(Limits.schemaBytesMax) bytes, got \(byteCount).",
                remedy: "Leave out what is not schema.")
        }
        var text = yaml
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        text.makeContiguousUTF8()
        if let problem = YAMLProfile.firstProblem(in: Array(text.utf8)) { throw SchemaProblem.error([problem]) }
        guard let root = try compose(text) else {
            throw SchemaProblem.error([SchemaProblem("The file is empty.", line: 1, column: 1)])
        }
        return SchemaFile(schema: try SchemaReader.schema(from: root), source: yaml)
    }

    /// The CRM schema that Satchel ships: account, contact, visit, note.
    /// - Throws: ``SatchelError`` `invalid_schema`, if the shipped file is broken; a test parses it.
    package static var crm: SchemaFile {
        get throws(SatchelError) { try parse(String(decoding: PackageResources.crm_yaml, as: UTF8.self)) }
    }

    private static func compose(_ text: String) throws(SatchelError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw SchemaProblem.error([SchemaProblem(yamlError: error)])
        }
    }
}
