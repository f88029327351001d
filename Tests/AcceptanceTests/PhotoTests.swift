import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

/// Pictures by the program, as a rep adds them.
@Suite struct PhotoTests {
    /// What `photo add` answers for a file.
    private struct Added: Decodable {
        struct Failure: Decodable { let code: String }
        let dot: String?, records: [String], file: String, duplicate: String?, error: Failure?

        enum CodingKeys: String, CodingKey {
            case dot, records, file, error
            case duplicate = "duplicate_of"
        }
    }

    /// What `photo list` answers for a picture.
    private struct Listed: Decodable {
        let id: String, file: String, takenAt: String?, offset: Int?, isOffsetKnown: Bool?, position: String?
        let checkIn: String?, metres: Int?, minutes: Int?

        enum CodingKeys: String, CodingKey {
            case id, position, minutes
            case file = "file_name"
            case takenAt = "taken_at"
            case offset = "taken_offset_min"
            case isOffsetKnown = "is_taken_offset_known"
            case checkIn = "check_in"
            case metres = "distance_m"
        }
    }

    private static func lines(_ text: String) throws -> [Added] {
        try text.split(separator: "\n").map { try JSONDecoder().decode(Added.self, from: Data($0.utf8)) }
    }

    /// Inputs of the fuzzer that are pictures of a phone.
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fixtures/fuzz/exif").standardizedFileURL

    @Test func `several pictures in one command, once each, with metres and minutes from the check-in`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (
            try await server.enrol("ann").with("TZ=Asia/Shanghai"), try await server.enrol("bo")
        )
        let account = try await ann.new("account", ["name=Aster"])
        let visit = try await ann.run(["visit", "start", account, "--json"]).decoded(EditForm.self).records[0]
        let folder = server.site.path("pictures")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let phone = [UInt8](try Data(contentsOf: Self.fixtures.appending(path: "phone-little-endian")))
        for index in 0..<175 {
            try Data(phone + [UInt8(index)]).write(to: URL(filePath: "\(folder)/IMG_\(index).jpg"))
        }
        let files = (0..<175).map { "\(folder)/IMG_\($0).jpg" }
        let all = try await ann.run(
            ["photo", "add"] + files + ["\(folder)/none.jpg", files[3], "--of", visit, "caption=Aisle 3", "--json"],
            expecting: [1])
        let added = try Self.lines(all.output)
        #expect(added.count == 177 && Set(added.compactMap(\.dot)).count == 175)
        #expect(added[175].error?.code == "invalid_request" && added[175].dot == nil)
        #expect(added[176].duplicate == added[3].records[0] && added[176].dot == nil)
        // People know a picture by its file, not by what its bytes come to.
        let hash = try await ann.show("photo", added[0].records[0]).fields["sha256"]
        guard case .text(let hash) = hash else { throw AcceptanceFailure("\(String(describing: hash))") }
        for arguments in [
            ["show", "visit", visit], ["list", "photo"], ["queue", "list"], ["status"], ["search", "IMG_0"],
        ] {
            let shown = try await ann.run(arguments, expecting: [0, 3]).output
            #expect(shown.contains("IMG_") && !shown.contains(hash.prefix(16)), "\(arguments): \(shown)")
        }
        let again = try await ann.run(["photo", "add"] + files + ["--of", visit])
        #expect(again.output.contains("Added 0 photos") && again.output.contains("175 were there already"))
        // At the visit's check-in, less than four hours before.
        let time = "taken_at=2026-03-02T01:20:07.042Z"
        let check = try await ann.run([
            "new", "check_in", "visit=\(visit)", "account=\(account)", time, "position=31.2304,121.4747,20", "--json",
        ]).decoded(EditForm.self).records[0]
        try await server.requireDrained([ann, bo])
        let listed = try await bo.run(["photo", "list", "--of", account, "--json"]).decoded([Listed].self)
        #expect(listed.count == 175 && Set(listed.map(\.id)) == Set(added.prefix(175).map { $0.records[0] }))
        #expect(listed.allSatisfy { $0.takenAt == "2026-03-02T01:30:07.042Z" && $0.isOffsetKnown == true })
        #expect(listed.allSatisfy { $0.checkIn == check && $0.metres == 95 && $0.minutes == 10 })
        #expect(listed[0].position == "31.2304000,121.4737000,5" && listed[0].offset == 480)
        let table = try await bo.run(["photo", "list", "--of", visit, "--limit", "2"])
        #expect(table.output.contains("2026-03-02 09:30:07 +08:00") && table.output.contains("95 m, 10 min after"))
        try await server.requireGracefulStop()
    }

    @Test func `a time without a zone is this device's, and that is said`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let ann = try await server.enrol("ann").with("TZ=America/St_Johns")
        let account = try await ann.new("account", ["name=Aster"])
        // The offset's tag becomes another one's.
        var phone = [UInt8](try Data(contentsOf: Self.fixtures.appending(path: "phone-little-endian")))
        let tag = try #require(phone.indices.dropLast().first { phone[$0] == 0x11 && phone[$0 + 1] == 0x90 })
        phone[tag] = 0x19
        let path = server.site.path("shelf.jpg")
        try Data(phone).write(to: URL(filePath: path))
        let added = try await ann.run(["photo", "add", path, "--of", account])
        #expect(added.output.contains("1 file has a time without a time zone"))
        let listed = try await ann.run(["photo", "list", "--of", account, "--json"]).decoded([Listed].self)
        #expect(listed[0].takenAt == "2026-03-02T13:00:07.042Z")
        #expect(listed[0].offset == -210 && listed[0].isOffsetKnown == false)
        #expect(try await ann.run(["photo", "list", "--of", account]).output.contains("2026-03-02 09:30:07 -03:30?"))
        // Wrong usage and unknown records are told before anything is read.
        _ = try await ann.run(["photo", "add", "caption=x", "--of", account], expecting: [64])
        #expect(
            try await ann.run(["photo", "add", path, "--of", "ffffffff", "--json"], expecting: [1]).failureCode
                == "unknown_record")
        try await server.requireGracefulStop()
    }
}
