package import SatchelInspection
import SatchelStorage
import SatchelSync

extension Replica {
    private static var candidatesMax: Int { 10 }

    /// One record as people read it, by what `id(meantBy:typeName:)` takes.
    ///
    /// - Throws: As that does; `unknown_type`.
    package func record(typeName: String?, meantBy text: String) throws -> RecordReport {
        if typeName == nil, try schema().types.contains(where: { $0.name == text }) {
            throw SatchelError.wrongUsage(
                "\"\(text)\" is a type of records.", remedy: "Name the record behind it; `list \(text)` has the ids.")
        }
        let id = try id(meantBy: text, typeName: typeName)
        return try reading { transaction in
            let type = try typeName.map { try transaction.schema.requireType(named: $0) }
            let id =
                try type.map { try transaction.resolve(id, type: $0) } ?? transaction.records.resolve(id, type: nil)
            guard let record = try transaction.record(id), record.state != RecordState(),
                let found = transaction.schema.type(record.type), type == nil || type?.id == found.id
            else { throw Self.unknownRecord(text) }
            return try report(record, type: found, transaction)
        }
    }

    /// Which record of a type, or of any, is meant.
    ///
    /// It is named by its id, by an ending of it, or by words with which a search finds just one of the type, or just one that is
    /// called so. An id of another type is left to whoever takes it.
    ///
    /// - Throws: `SatchelError` `unknown_record`, and `ambiguous_id` with those that may be meant; what a search throws.
    package func id(meantBy text: String, typeName: String?) throws -> String {
        let type = try typeName.map { try schema().requireType(named: $0) }
        let isID = try reading { transaction in
            // An ending may be shared with a record of another type.
            try [type?.id, nil].contains { try transaction.isID(text, of: $0) }
        }
        if isID { return text }
        if let type, let only = try called(text, type) { return only.description }
        let found = try search(text, types: typeName.map { [$0] } ?? [], limit: Self.candidatesMax + 1)
        let called = found.filter { $0.title.lowercased() == text.lowercased() }
        if let only = called.count == 1 ? called.first : found.count == 1 ? found.first : nil {
            return only.record.description
        }
        guard !found.isEmpty else {
            throw SatchelError(
                .unknownRecord,
                typeName.map { "No record of type \($0) is found by \"\(Excerpt.of(text))\"." }
                    ?? "No record is found by \"\(Excerpt.of(text))\".",
                remedy: "Take the id from `list`, or sync first.")
        }
        let names = found.prefix(Self.candidatesMax).map { record in
            (typeName == nil ? record.type + " " : "") + "\(record.ending) \(Excerpt.of(record.title))"
        }
        let more = found.count > names.count ? ", …" : ""
        throw SatchelError(
            .ambiguousID,
            "Several records are found by \"\(Excerpt.of(text))\": \(names.joined(separator: ", "))\(more).",
            remedy: "Name one by the id before it.")
    }

    /// The one record of a type that is called just so; `nil` where none is, or several are.
    private func called(_ text: String, _ type: EntityType) throws -> RecordID? {
        try reading { transaction in
            guard let title = type.titleField else { return nil }
            let found = try transaction.records.visible(
                type, where: [ListFilter(field: title, value: .text(UTF8Text(text)))], limit: 2)
            return found.count == 1 ? found.first : nil
        }
    }
}

extension ReplicaTransaction {
    /// Whether a text is the id of a record of a type, or of any, or an ending of one.
    ///
    /// - Throws: `SatchelError` `ambiguous_id`.
    fileprivate func isID(_ text: String, of type: EntityTypeID?) throws -> Bool {
        do {
            _ = try records.resolve(text, type: type)
            return true
        } catch let error as SatchelError where [.unknownRecord, .invalidRequest].contains(error.code) {
            // Not even the form of an id, or the id of nothing.
            return false
        }
    }
}
