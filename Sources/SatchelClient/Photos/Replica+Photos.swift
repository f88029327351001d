import SatchelStorage
package import SatchelSync

/// What became of one file.
package enum AddedPhoto: Sendable {
    /// It has a row now.
    case added(EditOutcome)
    /// The record had a picture of the same bytes already.
    case known(RecordID)
}

extension Replica {
    /// How an edit that adds a picture is called.
    static let photoLabel = "photo"

    /// Records pictures of a visit or an account: their rows alone, for their bytes have a lane of their own.
    ///
    /// Each is a change-set of its own, so that none waits for another and each can be taken back alone. All are on the disk when this
    /// returns, or none. What the assignments say goes before what a file says.
    ///
    /// - Throws: `SatchelError` as an edit does.
    package func addPhotos(
        _ files: [PhotoFile], about text: String, assignments: [Assignment], offset: LocalOffset = .ofDevice
    ) throws -> [AddedPhoto] {
        try withTurn(purpose: "photo") { store in
            try store.write { transaction in
                let subject = try transaction.photoSubject(text)
                var made: [String: RecordID] = [:]
                return try files.map { file in
                    if let known = try made[file.sha256] ?? transaction.photo(of: file, about: subject) {
                        return .known(known)
                    }
                    let now = clock.now()
                    let writes =
                        try transaction.references(from: subject.photo, toSubject: text)
                        + transaction.writes(
                            PhotoFacts(file, offset: offset).assignments(for: subject.photo, besides: assignments),
                            type: subject.photo, at: now)
                    let change = DraftChange(
                        type: subject.photo.id, record: .random(at: now), life: .create, writes: writes)
                    made[file.sha256] = change.record
                    return .added(
                        try Editor(transaction, clock: clock).commit(
                            Draft(label: Self.photoLabel, changes: [change]), options: EditOptions()))
                }
            }
        }
    }

    /// Whether pictures may be recorded of a record: to be asked before many files are read.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`, `ambiguous_id`, `unknown_field`.
    package func requirePhotoSubject(_ text: String) throws { try reading { _ = try $0.photoSubject(text) } }
}

/// A record of which there may be pictures.
struct PhotoSubject {
    let id: RecordID
    /// The type of pictures.
    let photo: EntityType
    /// The field by which a picture refers to it.
    let reference: Field
}

extension ReplicaTransaction {
    /// Finds the record that pictures are about.
    func photoSubject(_ text: String) throws -> PhotoSubject {
        let photo = try schema.requireType(named: "photo")
        let id = try records.resolve(text, type: nil)
        return PhotoSubject(id: id, photo: photo, reference: try subject(id, of: photo, named: text).reference)
    }

    /// The picture of a record with the same bytes as a file, where there is one.
    func photo(of file: PhotoFile, about subject: PhotoSubject) throws -> RecordID? {
        guard let hash = subject.photo.field(named: "sha256") else { return nil }
        return try records.visible(
            subject.photo,
            where: [
                ListFilter(field: subject.reference, value: .reference(subject.id)),
                ListFilter(field: hash, value: .text(UTF8Text(file.sha256))),
            ], limit: 1
        ).first
    }
}

/// What a row says of its file.
struct PhotoFacts {
    private let file: PhotoFile
    private let offset: LocalOffset

    init(_ file: PhotoFile, offset: LocalOffset) {
        self.file = file
        self.offset = offset
    }

    /// The facts as assignments, and those of a person, which go before what the file tells of the picture.
    ///
    /// An organisation's own schema may keep less. Of name, size and hash nobody says otherwise.
    func assignments(for type: EntityType, besides typed: [Assignment]) -> [Assignment] {
        var given = Set(typed.map(\.field))
        // A time that a person gives has nothing to do with the camera's clock, nor a place with the camera's.
        for group in [Self.timeFields, Self.placeFields] where !given.isDisjoint(with: group) { given.formUnion(group) }
        let told = picture.filter { !given.contains($0.field) }
        return (own + told).filter { type.field(named: $0.field) != nil } + typed
    }

    private static let timeFields = ["taken_at", "taken_offset_min", "is_taken_offset_known"]
    private static let placeFields = ["latitude", "longitude", "accuracy_m"]

    private var own: [Assignment] {
        Self.assignments([
            ("sha256", file.sha256), ("bytes", String(file.byteCount)), ("file_name", file.name),
        ])
    }

    private var picture: [Assignment] {
        let read = file.metadata
        let place = read.position
        return Self.assignments([
            ("mime", read.format?.mediaType), ("width", read.size.map { String($0.width) }),
            ("height", read.size.map { String($0.height) }), ("orientation", read.orientation.map { String($0) }),
            ("camera", read.camera.map { String($0.unicodeScalars.prefix(Self.cameraLengthMax)) }),
            ("latitude", place.flatMap { DecimalNumber(units: Int64($0.latitude), scale: 7)?.description }),
            ("longitude", place.flatMap { DecimalNumber(units: Int64($0.longitude), scale: 7)?.description }),
            ("accuracy_m", place?.accuracy.map { String($0) }),
            ("direction", read.direction.flatMap { DecimalNumber(units: Int64($0.hundredths), scale: 2)?.description }),
            ("direction_north", read.direction?.north?.rawValue),
        ]) + time
    }

    /// The instant, by the file's own offset, else by the device's time zone: which of them is said.
    private var time: [Assignment] {
        guard let taken = file.metadata.taken else { return [] }
        let minutes = taken.offset ?? offset.minutes(taken.local)
        return Self.assignments([
            ("taken_at", PhotoMetadata.Moment.instant(local: taken.local, offset: minutes).description),
            ("taken_offset_min", String(minutes)), ("is_taken_offset_known", taken.offset == nil ? "false" : "true"),
        ])
    }

    /// What the field holds.
    private static let cameraLengthMax = 120

    private static func assignments(_ facts: [(field: String, value: String?)]) -> [Assignment] {
        facts.compactMap { fact in
            fact.value.map { Assignment(field: fact.field, operation: .assign, value: $0) }
        }
    }
}
