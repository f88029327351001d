import SatchelInspection
import SatchelStorage
import SatchelSync

extension Replica {
    private static var candidatesMax: Int { 10 }

    /// Which record of a type is meant: by its id, by an ending of it, or by words with which a search finds just one of the type, or just one that is
    /// called so.
    ///
    /// - Throws: `SatchelError` `unknown_record`, and `ambiguous_id` with those that may be meant; what a search throws.
    package func id(meantBy text: String, typeName: String) throws -> String {
        do {
            _ = try reading { try $0.records.resolve(text, type: nil) }
            return text
        } catch let error as SatchelError where [.unknownRecord, .invalidRequest].contains(error.code) {
            // Not even the form of an id, or the id of nothing.
        }
        if let only = try called(text, typeName: typeName) { return only.description }
        let found = try search(text, types: [typeName], limit: Self.candidatesMax + 1)
        let called = found.filter { $0.title.lowercased() == text.lowercased() }
        if let only = called.count == 1 ? called.first : found.count == 1 ? found.first : nil {
            return only.record.description
        }
        guard !found.isEmpty else {
            throw SatchelError(
                .unknownRecord, "No record of type \(typeName) is found by \"\(Excerpt.of(text))\".",
                remedy: "Take the id from `list`, or sync first.")
        }
        let names = found.prefix(Self.candidatesMax).map { "\($0.ending) \(Excerpt.of($0.title))" }
        let more = found.count > names.count ? ", …" : ""
        throw SatchelError(
            .ambiguousID,
            "Several records are found by \"\(Excerpt.of(text))\": \(names.joined(separator: ", "))\(more).",
            remedy: "Name one by the id before it.")
    }

    /// The one record of a type that is called just so; `nil` where none is, or several are.
    private func called(_ text: String, typeName: String) throws -> RecordID? {
        try reading { transaction in
            let type = try transaction.schema.requireType(named: typeName)
            guard let title = type.titleField else { return nil }
            let found = try transaction.records.visible(
                type, where: [ListFilter(field: title, value: .text(UTF8Text(text)))], limit: 2)
            return found.count == 1 ? found.first : nil
        }
    }
}
