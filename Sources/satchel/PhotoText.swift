import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

/// What is said of pictures: each sentence stands here.
enum PhotoText {
    /// `+08:00` of 480 minutes.
    static func offset(_ minutes: Int64) -> String {
        func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(minutes < 0 ? "-" : "+")\(two(minutes.magnitude / 60)):\(two(minutes.magnitude % 60))"
    }

    /// `2026-03-02 09:30:07 +08:00`; a question mark where the offset is this device's guess; UTC where none is kept.
    static func time(_ instant: Timestamp, offset minutes: Int64?, isKnown: Bool?) -> String {
        let local = Timestamp(milliseconds: instant.milliseconds + (minutes ?? 0) * 60_000).description
        let zone = minutes.map { offset($0) + (isKnown == false ? "?" : "") } ?? "UTC"
        return "\(local.prefix(10)) \(local.dropFirst(11).prefix(8)) \(zone)"
    }

    /// `31.2304000,121.4737000 ±5 m`.
    static func place(_ position: Location) -> String {
        let degrees = position.description.split(separator: ",").prefix(2).joined(separator: ",")
        return degrees + (position.accuracy.map { " ±\($0) m" } ?? "")
    }

    /// `12 m, 3 min after`: how far from the check-in, and how long after it or before.
    static func nearness(_ nearness: PhotoReport.Nearness?) -> String {
        guard let nearness else { return "" }
        let time = nearness.milliseconds.map { milliseconds in
            let minutes = PhotoReport.Nearness.minutes(milliseconds)
            let length =
                minutes.magnitude < minutesMax
                ? said("\(minutes.magnitude) min") : HumanAge.duration(seconds: Int64(minutes.magnitude) * 60)
            if minutes == 0 { return said("at the same time") }
            return minutes < 0 ? said("\(length) before") : said("\(length) after")
        }
        let distance = nearness.metres.map { DistanceText.said($0) }
        return [distance, time].compactMap(\.self).joined(separator: Sentences.comma)
    }

    /// From where on longer units say more.
    private static let minutesMax = 180

    /// How far the reading of files is.
    static func progress(file: Int, of files: Int, bytes: Int, ofBytes total: Int) -> String {
        let (done, all) = (ByteText.size(Int64(bytes)), ByteText.size(Int64(total)))
        return said("Reading picture \(file) of \(files): \(done) of \(all)")
    }

    /// The pictures as a table.
    static func table(_ reports: [PhotoReport], style: Style, width: Int?) -> String {
        guard !reports.isEmpty else { return said("No pictures.") + "\n" }
        var table = TextTable([
            .init("ID", isCuttable: false), .init(said("FILE")), .init(said("TAKEN"), isCuttable: false),
            .init(said("SIZE"), isCuttable: false), .init(said("POSITION")), .init(said("FROM CHECK-IN")),
            .init(said("MARK"), isCuttable: false, isOptional: true),
        ])
        for report in reports {
            let taken = report.takenAt.map {
                time($0, offset: report.number("taken_offset_min"), isKnown: report.isOffsetKnown)
            }
            table.add([
                .init(report.ending, .faint), .init(report.text("file_name") ?? ""), .init(taken ?? ""),
                .init(size(report)), .init(report.position.map(place) ?? ""), .init(nearness(report.nearness)),
                .init(report.marks.said.joined(separator: Sentences.comma), report.marks.paint),
            ])
        }
        let isGuessed = reports.contains { $0.isOffsetKnown == false }
        return table.rendered(width: width, style: style)
            + (isGuessed ? "? " + said("The file has no time zone: that of the device was taken.") + "\n" : "")
    }

    /// `4032×3024`.
    private static func size(_ report: PhotoReport) -> String {
        guard let width = report.number("width"), let height = report.number("height") else { return "" }
        return "\(width)×\(height)"
    }
}

/// What became of the files of a command.
struct PhotoTally {
    private var addedCount = 0
    private var knownCount = 0
    private var untimedCount = 0
    private var zonelessCount = 0
    private var formlessCount = 0
    private var first: (file: PhotoFile, result: AddedPhoto)?
    /// How many could not be read.
    var refusedCount = 0

    /// Counts a file that was read.
    mutating func count(_ file: PhotoFile, _ result: AddedPhoto) {
        if first == nil { first = (file, result) }
        guard case .added = result else {
            knownCount += 1
            return
        }
        addedCount += 1
        if file.metadata.format == nil {
            formlessCount += 1
        } else if file.metadata.taken == nil {
            untimedCount += 1
        } else if file.metadata.taken?.offset == nil {
            zonelessCount += 1
        }
    }

    /// All that is to be said at the end.
    var text: String {
        var lines: [String] = []
        if let first, addedCount + knownCount + refusedCount == 1 {
            switch first.result {
            case .added(let outcome):
                let id = outcome.records.first?.description ?? ""
                lines.append(said("Added photo \(id); queued as \(outcome.dot.shortDescription)."))
            case .known(let record):
                let name = SafeText.line(first.file.name)
                lines.append(said("\(name) is there already, as photo \(record). Nothing was added."))
            }
        } else {
            lines.append(said("Added \(said(addedCount, "photo"))."))
            if knownCount > 0 { lines.append(said(knownCount, "was there already.", "were there already.")) }
            if refusedCount > 0 {
                lines.append(said(refusedCount, "file was not added.", "files were not added."))
            }
        }
        if untimedCount > 0 {
            lines.append(
                said(untimedCount, "file does not say when it was taken.", "files do not say when they were taken."))
        }
        if zonelessCount > 0 {
            lines.append(
                said(
                    zonelessCount, "file has a time without a time zone: that of this device was taken.",
                    "files have a time without a time zone: that of this device was taken."))
        }
        if formlessCount > 0 {
            lines.append(
                said(
                    formlessCount, "file is no JPEG, PNG, WebP or HEIC picture.",
                    "files are no JPEG, PNG, WebP or HEIC picture."))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PhotoReport.Nearness {
    /// Whole minutes, a half and more upwards.
    static func minutes(_ milliseconds: Int64) -> Int64 {
        let magnitude = (milliseconds.magnitude + 30_000) / 60_000
        return milliseconds < 0 ? -Int64(magnitude) : Int64(magnitude)
    }
}

extension AddedPhoto {
    /// An edit, and whose file it is about.
    func json(path: String) -> JSONValue {
        let file: KeyValuePairs<String, JSONValue> =
            switch self {
            case .added: ["file": .text(path), "duplicate_of": .null, "error": .null]
            case .known(let record): ["file": .text(path), "duplicate_of": .text(record.description), "error": .null]
            }
        let edit: JSONValue =
            switch self {
            case .added(let outcome): outcome.json
            case .known(let record):
                .members(["dot": .null, "records": .texts([record.description]), "settled": .array([])])
            }
        guard case .object(let members) = edit else { return edit }
        return .object(members + file.map { JSONMember($0.key, $0.value) })
    }
}

extension PhotoReport {
    /// A picture as `--json` prints it.
    var json: JSONValue {
        .members([
            "id": .text(record.description), "ending": .text(ending), "file_name": .text(optional: text("file_name")),
            "mime": .text(optional: text("mime")), "bytes": .number(optional: number("bytes")),
            "width": .number(optional: number("width")), "height": .number(optional: number("height")),
            "taken_at": .time(takenAt), "taken_offset_min": .number(optional: number("taken_offset_min")),
            "is_taken_offset_known": isOffsetKnown.map { .bool($0) } ?? .null,
            "position": .text(optional: position?.description),
            "check_in": .text(optional: nearness?.checkIn.description),
            "distance_m": .number(optional: nearness?.metres.map { Int64($0) }),
            "minutes": .number(optional: nearness?.milliseconds.map(Nearness.minutes)),
            "marks": .members(["pending": .count(marks.pendingCount), "parked": .count(marks.parkedCount)]),
        ])
    }
}

extension JSONValue {
    fileprivate static func number(optional number: Int64?) -> JSONValue { number.map { .integer($0) } ?? .null }
}
