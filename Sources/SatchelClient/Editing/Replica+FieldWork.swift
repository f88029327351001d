package import SatchelStorage
package import SatchelSync

/// A picture's file, as far as its row tells of it.
package struct PhotoFile: Hashable, Sendable {
    /// The name without its folders.
    package let name: String
    /// How many bytes it has.
    package let byteCount: Int
    /// The SHA-256 of its bytes, in hexadecimal.
    package let sha256: String
    /// The media type, by the name's ending; `nil` for one that is not known.
    package let mediaType: String?

    package init(name: String, byteCount: Int, sha256: String, mediaType: String?) {
        self.name = name
        self.byteCount = byteCount
        self.sha256 = sha256
        self.mediaType = mediaType
    }

    /// Describes a file by its name and bytes.
    package init(name: String, bytes: [UInt8]) {
        let types = [
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "heic": "image/heic", "webp": "image/webp",
        ]
        let ending = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
        self.init(
            name: name, byteCount: bytes.count, sha256: Hashing.sha256(bytes).hexString, mediaType: types[ending])
    }
}

// What is recorded on the spot, beside visits and notes. Each is one change-set.
extension Replica {
    /// Records a check-in at a visit or an account: an immutable row.
    ///
    /// - Throws: `SatchelError` as an edit does; `unknown_field` where a check-in of this schema cannot refer to such a record.
    package func checkIn(at text: String, position: String?, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        var facts = [Assignment(field: "taken_at", operation: .assign, value: now.description)]
        if let position { facts.append(Assignment(field: "position", operation: .assign, value: position)) }
        return try edit(purpose: "check-in") { transaction in
            let type = try transaction.schema.requireType(named: "check_in")
            let writes =
                try transaction.references(from: type, toSubject: text)
                + transaction.writes(facts + assignments, type: type)
            let change = DraftChange(type: type.id, record: .random(at: now), life: .create, writes: writes)
            return Draft(label: "check-in", changes: [change])
        }
    }

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

extension ReplicaTransaction {
    /// The references by which a new row of `type` tells what it is about: a record, and the account of a visit too.
    ///
    /// - Throws: `SatchelError` `unknown_record`, `ambiguous_id`, or `unknown_field` where the type has no such reference.
    package func references(from type: EntityType, toSubject text: String) throws -> [FieldChange] {
        let subject = try records.resolve(text, type: nil)
        guard let record = try record(subject), let subjectType = schema.type(record.type) else {
            throw Replica.unknownRecord(text)
        }
        var writes = [
            FieldChange(try type.requireField(named: subjectType.name).id, .register(.reference(subject)))
        ]
        if subjectType.name == "visit", let account = subjectType.field(named: "account"),
            let own = type.field(named: "account"), case .reference(let id) = record.state.winningValue(of: account)
        {
            writes.append(FieldChange(own.id, .register(.reference(id))))
        }
        return writes
    }
}
