package import SatchelInspection
import SatchelStorage
package import SatchelSync

/// A picture of a record, as its row tells of it, and how far from a check-in it was taken.
package struct PhotoReport: Hashable, Sendable {
    /// When and where a picture was taken, beside the check-in that is nearest in time.
    package struct Nearness: Hashable, Sendable {
        /// The check-in.
        package let checkIn: RecordID
        /// Metres between the two positions; `nil` where the picture has none.
        package let metres: Int?
        /// Milliseconds from the check-in to the picture, negative where the picture came first; `nil` where it has no time.
        package let milliseconds: Int64?
    }

    /// The picture's record.
    package let record: RecordID
    /// The shortest ending that names it.
    package let ending: String
    /// The values of its row by the names of fields, those that are there.
    package let values: [String: FieldValue]
    /// Where it was taken.
    package let position: Location?
    /// Its badges.
    package let marks: RecordMarks
    /// The nearest check-in; `nil` where neither the visit nor the account has one with a position.
    package let nearness: Nearness?

    /// When it was taken.
    package var takenAt: Timestamp? { if case .timestamp(let time) = values["taken_at"] { time } else { nil } }

    /// A whole number of its row.
    package func number(_ field: String) -> Int64? {
        if case .integer(let number) = values[field] { number } else { nil }
    }

    /// A text of its row.
    package func text(_ field: String) -> String? {
        if case .text(let text) = values[field] { text.string } else { nil }
    }

    /// Whether the offset of its time stood in the file; `nil` where there is none.
    package var isOffsetKnown: Bool? {
        if case .boolean(let flag) = values["is_taken_offset_known"] { flag } else { nil }
    }
}

extension Replica {
    /// The pictures of a visit or an account, in the order in which they were taken, those without a time at the end.
    ///
    /// - Throws: `SatchelError` `unknown_type`, `unknown_record`, `ambiguous_id`, `unknown_field`.
    package func photos(about text: String, limit: Int) throws -> [PhotoReport] {
        try reading { transaction in
            let subject = try transaction.photoSubject(text)
            var checkIns = CheckInPlaces(transaction)
            let ids = try transaction.records.visible(
                subject.photo, where: [ListFilter(field: subject.reference, value: .reference(subject.id))],
                limit: limit)
            return try ids.compactMap { id in
                guard let record = try transaction.record(id), record.type == subject.photo.id else { return nil }
                return try checkIns.report(record, of: subject.photo, transaction)
            }.sorted { one, other in
                let (first, second) = (
                    one.takenAt ?? Timestamp.range.upperBound, other.takenAt ?? Timestamp.range.upperBound
                )
                return first == second ? one.record < other.record : first < second
            }
        }
    }
}

/// The check-ins with a position of the visits and accounts that were asked for.
private struct CheckInPlaces {
    private struct Place {
        let record: RecordID
        let time: Timestamp
        let position: Location
    }

    private let type: EntityType?
    private var places: [RecordID: [Place]] = [:]

    init(_ transaction: ReplicaTransaction) { type = transaction.schema.type(named: "check_in") }

    mutating func report(
        _ record: StoredRecord, of type: EntityType, _ transaction: ReplicaTransaction
    ) throws -> PhotoReport {
        let values = record.state.values(of: type)
        let (time, position) = (Self.time(values["taken_at"]), Self.position(values))
        // Those of its visit, and only where there are none, those of the account on other days.
        var near = try places(about: values["visit"], named: "visit", transaction)
        if near.isEmpty { near = try places(about: values["account"], named: "account", transaction) }
        let overlay = record.base == nil ? [] : try transaction.overlay(of: record)
        let parked = overlay.count(where: \.isParked)
        return PhotoReport(
            record: record.id, ending: try transaction.records.shortestEnding(of: record.id), values: values,
            position: position,
            marks: RecordMarks(
                pendingCount: overlay.count - parked, parkedCount: parked,
                conflict: record.state.conflicts(in: type, life: record.status).map(\.severity).max()),
            nearness: Self.nearness(time, position, near))
    }

    /// Without a time the one check-in there is counts, and none of several.
    private static func nearness(_ time: Timestamp?, _ position: Location?, _ near: [Place]) -> PhotoReport.Nearness? {
        func distance(_ place: Place) -> Int64? { time.map { $0.milliseconds - place.time.milliseconds } }
        let nearest =
            time == nil
            ? near.count == 1 ? near[0] : nil
            : near.min { abs(distance($0) ?? 0) < abs(distance($1) ?? 0) }
        return nearest.map { place in
            PhotoReport.Nearness(
                checkIn: place.record, metres: position.map { place.position.distanceMetres(to: $0) },
                milliseconds: distance(place))
        }
    }

    private mutating func places(
        about subject: FieldValue?, named name: String, _ transaction: ReplicaTransaction
    ) throws -> [Place] {
        guard case .reference(let id) = subject, let type, let field = type.field(named: name) else { return [] }
        if let known = places[id] { return known }
        var found: [Place] = []
        var corrected: Set<RecordID> = []
        let ids = try transaction.records.visible(
            type, where: [ListFilter(field: field, value: .reference(id))], limit: Self.checkInsMax)
        for id in ids {
            guard let values = try transaction.record(id)?.state.values(of: type) else { continue }
            if case .reference(let earlier) = values["corrects"] { corrected.insert(earlier) }
            guard let time = Self.time(values["taken_at"]), case .location(let position) = values["position"] else {
                continue
            }
            found.append(Place(record: id, time: time, position: position))
        }
        found.removeAll { corrected.contains($0.record) }
        places[id] = found
        return found
    }

    private static let checkInsMax = 10_000

    private static func time(_ value: FieldValue?) -> Timestamp? {
        if case .timestamp(let time) = value { time } else { nil }
    }

    private static func position(_ values: [String: FieldValue]) -> Location? {
        guard case .decimal(let latitude) = values["latitude"], case .decimal(let longitude) = values["longitude"],
            latitude.scale == 7, longitude.scale == 7
        else { return nil }
        let accuracy: Int64? = if case .integer(let metres) = values["accuracy_m"] { metres } else { nil }
        return Location(latitude: latitude.units, longitude: longitude.units, accuracy: accuracy)
    }
}

extension RecordState {
    /// The values of registers by the names of fields, those that are there.
    fileprivate func values(of type: EntityType) -> [String: FieldValue] {
        var values: [String: FieldValue] = [:]
        for field in type.fields where field.kind.isRegister {
            let value = winningValue(of: field)
            if !value.isNull { values[field.name] = value }
        }
        return values
    }
}
