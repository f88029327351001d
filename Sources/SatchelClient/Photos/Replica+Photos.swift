import SatchelStorage
import SatchelSync

extension Replica {
    /// Records a picture of a visit or an account: its row alone, for its bytes have a lane of their own.
    ///
    /// - Throws: `SatchelError` as an edit does.
    package func addPhoto(_ file: PhotoFile, about text: String, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        return try edit(purpose: "photo") { transaction in
            let type = try transaction.schema.requireType(named: "photo")
            var facts = [
                Assignment(field: "sha256", operation: .assign, value: file.sha256),
                Assignment(field: "bytes", operation: .assign, value: String(file.byteCount)),
                Assignment(field: "file_name", operation: .assign, value: file.name),
            ]
            if let mediaType = file.mediaType {
                facts.append(Assignment(field: "mime", operation: .assign, value: mediaType))
            }
            // An organisation's own schema may keep less.
            let known = facts.filter { type.field(named: $0.field) != nil }
            let writes =
                try transaction.references(from: type, toSubject: text)
                + transaction.writes(known + assignments, type: type)
            let change = DraftChange(type: type.id, record: .random(at: now), life: .create, writes: writes)
            return Draft(label: "photo", changes: [change])
        }
    }
}
