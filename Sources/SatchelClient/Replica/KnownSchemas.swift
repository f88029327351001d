import SatchelSchemaFile
import SatchelSync
import Synchronization

/// The schema that was read last, by its text: every turn of a replica needs it, and reading it takes longer than many a turn.
final class KnownSchemas: Sendable {
    private let last = Mutex<(source: String, schema: Schema)?>(nil)

    /// The schema that a file's text says.
    ///
    /// - Throws: `SatchelError` `invalid_schema`.
    func schema(from source: String) throws -> Schema {
        // By its bytes: texts that are canonically equivalent are not the same file.
        if let known = last.withLock({ $0 }), known.source.utf8.elementsEqual(source.utf8) { return known.schema }
        let schema = try SchemaFile.parse(source).schema
        last.withLock { $0 = (source, schema) }
        return schema
    }
}
