import Foundation
import SatchelClient
import SatchelInspection
import SatchelSchemaFile
import SatchelSync
import SatchelTestSupport
import Testing

/// What becomes of pictures on a device.
@Suite struct PhotoRowTests {
    private let home: HomeFixture
    private let account: String
    private let visit: String
    private static let shanghai = LocalOffset { _ in 480 }

    init() throws {
        home = try HomeFixture(clock: 1_772_415_000_000, source: try SchemaFile.crm.source)
        account = try home.account("name=Aster").description
        visit = try home.replica.new(
            typeName: "visit", assignments: [try Assignment(argument: "account=\(account)")]
        ).records[0].description
    }

    private static func file(_ name: String, _ photo: MadePhoto) -> PhotoFile {
        PhotoFile(name: name, bytes: photo.bytes)
    }

    @discardableResult
    private func add(_ files: [PhotoFile], to subject: String? = nil, _ assignments: String...) throws -> [RecordID] {
        try home.replica.addPhotos(
            files, about: subject ?? visit, assignments: assignments.map { try Assignment(argument: $0) },
            offset: Self.shanghai
        ).map { added in
            switch added {
            case .added(let outcome): try #require(outcome.records.first)
            case .known(let record): record
            }
        }
    }

    private func row(_ id: RecordID) throws -> [String: String] {
        let report = try home.replica.record(typeName: "photo", id.description)
        return Dictionary(
            uniqueKeysWithValues: report.fields.filter { !$0.value.isNull }.map { ($0.name, $0.value.text) })
    }

    @Test func `a row says all that the file says`() throws {
        let file = Self.file("shelf.jpg", .complete)
        let row = try row(try add([file], "caption=Aisle 3")[0])
        #expect(
            row.filter { !["visit", "account"].contains($0.key) } == [
                "sha256": file.sha256, "bytes": String(file.byteCount), "file_name": "shelf.jpg", "mime": "image/jpeg",
                "width": "4032", "height": "3024", "orientation": "6", "camera": "Aster 9 Pro",
                "taken_at": "2026-03-02T01:30:07.042Z", "taken_offset_min": "480", "is_taken_offset_known": "true",
                "latitude": "31.2304000", "longitude": "121.4737000", "accuracy_m": "5", "direction": "91.25",
                "direction_north": "geographic", "caption": "Aisle 3",
            ])
        #expect(row["visit"] != nil && row["account"] != nil)
    }

    @Test func `what a row refers to goes by its type where it has no title`() throws {
        let photo = try add([Self.file("shelf.jpg", .complete)])[0]
        #expect(try row(photo)["visit"] == "visit (…\(visit.suffix(8)))")
        #expect(try row(photo)["account"] == "Aster (…\(account.suffix(8)))")
        let check = try checkIn(visit, nil, at: "2026-03-02T01:30:00Z")
        let correction = try checkIn(visit, nil, at: "2026-03-02T01:31:00Z", "corrects=\(check.description)")
        func corrected() throws -> String? {
            try home.replica.record(typeName: "check_in", correction.description).fields.first {
                $0.name == "corrects"
            }?.value.text
        }
        #expect(try corrected() == "check_in (…\(check.description.suffix(8)))")
    }

    @Test func `a time without an offset is the device's time zone's, and the row says that`() throws {
        var photo = MadePhoto.complete
        photo.exif.removeAll { $0.0 == 0x9011 }
        let row = try row(try add([Self.file("old.jpg", photo)])[0])
        #expect(row["taken_at"] == "2026-03-02T01:30:07.042Z")
        #expect(row["taken_offset_min"] == "480" && row["is_taken_offset_known"] == "false")
    }

    @Test func `what a file does not say is not in its row`() throws {
        let row = try row(try add([PhotoFile(name: "notes.jpg", bytes: Array("not really a picture".utf8))])[0])
        #expect(Set(row.keys) == ["sha256", "bytes", "file_name", "visit", "account"])
    }

    @Test func `what a person says goes before the file, with all that hangs on it`() throws {
        let row = try row(
            try add(
                [Self.file("shelf.jpg", .complete)], "taken_at=2026-03-01T08:00:00Z", "latitude=48.1", "mime=image/x")[
                    0])
        #expect(
            row["taken_at"] == "2026-03-01T08:00:00.000Z" && row["latitude"] == "48.1000000" && row["mime"] == "image/x"
        )
        for field in ["taken_offset_min", "is_taken_offset_known", "longitude", "accuracy_m"] {
            #expect(row[field] == nil)
        }
        #expect(row["width"] == "4032")
        let error = #expect(throws: SatchelError.self) {
            try add([Self.file("other.jpg", MadePhoto())], "sha256=\(String(repeating: "0", count: 64))")
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test func `the same bytes are added once to a record, and again to another`() throws {
        let (one, other) = (Self.file("a.jpg", .complete), Self.file("b.jpg", MadePhoto()))
        let copy = Self.file("copy of a.jpg", .complete)
        let first = try add([one, other, copy])
        #expect(first[0] == first[2] && first[0] != first[1])
        #expect(try add([copy, other]) == [first[0], first[1]])
        #expect(try home.replica.photos(about: visit, limit: 9).count == 2)
        // The account has them through its visit; so it has them already.
        #expect(try add([one], to: account) == [first[0]])
        let second = try home.replica.new(
            typeName: "visit", assignments: [try Assignment(argument: "account=\(account)")]
        ).records[0].description
        #expect(try add([one], to: second)[0] != first[0])
        _ = try home.replica.delete(first[0], ofType: "photo")
        #expect(try add([one])[0] != first[0])
    }

    @Test func `175 pictures are 175 change-sets in one turn`() throws {
        let files = (0..<175).map { index in
            var photo = MadePhoto.complete
            photo.width = 1_000 + index
            return Self.file("\(index).jpg", photo)
        }
        let before = try home.replica.ledger().count
        #expect(Set(try add(files)).count == 175)
        #expect(try home.replica.ledger().count == before + 175)
        #expect(try home.replica.photos(about: account, limit: 1_000).count == 175)
    }

    @Test func `pictures of nothing, and of what has none, are refused before a file is read`() throws {
        #expect(throws: SatchelError.self) { try home.replica.requirePhotoSubject("ffff") }
        let contact = try home.replica.new(typeName: "contact", assignments: [try Assignment(argument: "name=Bo")])
            .records[0]
        let error = #expect(throws: SatchelError.self) { try home.replica.requirePhotoSubject(contact.description) }
        #expect(error?.code == .unknownField)
        try home.replica.requirePhotoSubject(visit)
    }

    private func checkIn(_ subject: String, _ position: String?, at time: String, _ more: String...) throws -> RecordID
    {
        let field = subject == visit ? "visit" : "account"
        let assignments =
            ["\(field)=\(subject)", "taken_at=\(time)"] + (position.map { ["position=\($0)"] } ?? []) + more
        return try home.replica.new(
            typeName: "check_in", assignments: try assignments.map { try Assignment(argument: $0) }
        ).records[0]
    }

    @Test func `beside a picture stands the check-in that is nearest in time, however far away`() throws {
        let photo = try add([Self.file("shelf.jpg", .complete)])[0]
        func only() throws -> PhotoReport { try #require(try home.replica.photos(about: visit, limit: 9).first) }
        #expect(try only().record == photo && only().nearness == nil)
        // The account's own, on another day, counts while the visit has none with a position.
        let old = try checkIn(account, "39.9042,116.4074", at: "2026-02-01T09:00:00Z")
        #expect(try only().nearness?.checkIn == old && only().nearness?.metres == 1_067_312)
        _ = try checkIn(visit, nil, at: "2026-03-02T01:30:00Z")
        #expect(try only().nearness?.checkIn == old)
        let first = try checkIn(visit, "31.2304,121.4747,20", at: "2026-03-02T01:27:07Z")
        let later = try checkIn(visit, "31.24,121.4737", at: "2026-03-02T02:00:00Z")
        let nearness = try #require(try only().nearness)
        #expect(nearness.checkIn == first && nearness.metres == 95 && nearness.milliseconds == 180_042)
        // One that was corrected is not there any more.
        let corrected = try checkIn(
            visit, "31.2304,121.4737", at: "2026-03-02T03:00:00Z", "corrects=\(first.description)")
        #expect(try only().nearness?.checkIn == later)
        #expect(
            try home.replica.photos(about: account, limit: 9).first?.nearness?.checkIn == later && corrected != later)
    }

    @Test func `pictures without a time or a place stand at the end, with what can be said`() throws {
        var placeless = MadePhoto.complete
        placeless.gps = []
        placeless.exif[0] = (0x9003, .text("2026:03:02 09:30:08"))
        let ids = try add([
            Self.file("nothing.jpg", MadePhoto()), Self.file("whole.jpg", .complete),
            Self.file("placeless.jpg", placeless),
        ])
        let one = try checkIn(visit, "31.2304,121.4737", at: "2026-03-02T01:30:07.042Z")
        let reports = try home.replica.photos(about: visit, limit: 9)
        #expect(reports.map(\.record) == [ids[1], ids[2], ids[0]])
        #expect(reports.map(\.nearness?.metres) == [0, nil, nil])
        #expect(reports.map(\.nearness?.milliseconds) == [0, 1_000, nil])
        #expect(reports.allSatisfy { $0.nearness?.checkIn == one })
        #expect(reports[0].marks.pendingCount == 1)
        // Of two nobody knows which is meant.
        _ = try checkIn(visit, "31.2304,121.4737", at: "2026-03-02T03:00:00Z")
        #expect(try home.replica.photos(about: visit, limit: 9).last?.nearness == nil)
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-07-01T12:00:00Z", 120), ("Europe/Berlin", "2026-01-01T12:00:00Z", 60),
        // Three hours later it is three again, and the first three is taken; half past two in spring was never.
        ("Europe/Berlin", "2026-10-25T02:30:00Z", 120), ("Europe/Berlin", "2026-10-25T03:30:00Z", 60),
        ("Europe/Berlin", "2026-03-29T02:30:00Z", 60), ("Europe/Berlin", "2026-03-29T03:30:00Z", 120),
        ("Europe/Berlin", "2026-03-29T01:59:59Z", 60), ("Asia/Shanghai", "2026-03-02T09:30:00Z", 480),
        ("Asia/Kathmandu", "2026-03-02T09:30:00Z", 345), ("America/St_Johns", "2026-01-02T23:30:00Z", -210),
        ("Pacific/Kiritimati", "2026-01-01T00:10:00Z", 840),
    ])
    func `local time goes by the rules of its place and day`(zone: String, local: String, minutes: Int) throws {
        let offset = LocalOffset(zone: try #require(TimeZone(identifier: zone)))
        #expect(offset.minutes(try #require(Timestamp(local))) == minutes)
    }

    @Test func `a file is read in pieces, and what is none is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder["shelf.jpg"].path(percentEncoded: false)
        let bytes = MadePhoto.complete.bytes + Array(repeating: 7, count: 5 * 1024 * 1024)
        try Data(bytes).write(to: folder["shelf.jpg"])
        var pieces: [Int] = []
        let file = try PhotoFile(path: path) { pieces.append($0) }
        #expect(file == PhotoFile(name: "shelf.jpg", bytes: bytes))
        #expect(pieces.count == 6 && pieces.reduce(0, +) == bytes.count)
        try FileManager.default.createSymbolicLink(at: folder["link.jpg"], withDestinationURL: folder["shelf.jpg"])
        #expect(try PhotoFile(path: folder["link.jpg"].path(percentEncoded: false)).sha256 == file.sha256)
        for nothing in [folder["none.jpg"].path(percentEncoded: false), folder.path, "/dev/zero", ""] {
            let error = #expect(throws: SatchelError.self) { try PhotoFile(path: nothing) }
            #expect(error?.code == .invalidRequest, "\(nothing)")
        }
    }
}
