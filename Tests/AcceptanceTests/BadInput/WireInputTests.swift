import Foundation
import ScenarioRunner
import Testing

/// Bodies and credentials that no device of ours would send.
@Suite(.serialized) struct WireInputTests {
    /// The credential and the identity of a device that this test plays itself.
    private struct EnrolForm: Decodable {
        let token: String, actor: String, epoch: String, forkToken: String
        let schemaVersion: Int

        enum CodingKeys: String, CodingKey {
            case token, actor, epoch
            case forkToken = "fork_token"
            case schemaVersion = "schema_version"
        }
    }

    private static func enrol(_ user: String, at server: ServerProcess) async throws -> EnrolForm {
        let code = try await server.code(for: user)
        let answer = try await RawRequest(
            path: "/v1/enrol", headers: ["Content-Type": "application/json"],
            body: Array("{\"protocol_version\":1,\"code\":\"\(code)\",\"device_name\":\"played\"}".utf8)
        ).send(to: server)
        let body = answer.text.range(of: "\r\n\r\n").map { String(answer.text[$0.upperBound...]) } ?? ""
        guard answer.status == 200 else { throw AcceptanceFailure("Not enrolled: \(answer.text.prefix(600))") }
        let form = try JSONDecoder().decode(EnrolForm.self, from: Data(body.utf8))
        server.site.keepSecret(form.token)
        return form
    }

    private static func soundBody(_ form: EnrolForm) -> String {
        """
        {"protocol_version":1,"schema_version":\(form.schemaVersion),"epoch":"\(form.epoch)","actor":"\(form.actor)",\
        "fork_token":"\(form.forkToken)","device_time":"1772438400000","wants_records":true}
        """
    }

    /// A request that has to be refused, and how.
    private struct Refusal {
        let what: String
        let request: RawRequest
        let status: Int
        let code: String

        init(_ what: String, _ headers: [String: String], _ body: some Sequence<UInt8>, _ status: Int, _ code: String) {
            self.what = what
            request = RawRequest(headers: headers, body: Array(body))
            (self.status, self.code) = (status, code)
        }
    }

    private static func refusedBodies(_ form: EnrolForm) -> [Refusal] {
        let plain = ["Authorization": "Bearer \(form.token)", "Content-Type": "application/x-protobuf"]
        let json = plain.merging(["Content-Type": "application/json"]) { $1 }
        let gzip = plain.merging(["Content-Encoding": "gzip"]) { $1 }
        let sound = soundBody(form)
        let bomb = GzipBomb.bytes(inflatingTo: 400_000_000)
        #expect(bomb.count < 4 * 1024 * 1024)
        return [
            Refusal("no body", plain, [], 400, "protocol_mismatch"),
            Refusal("noise", plain, (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 37) }, 400, "malformed_body"),
            Refusal("half a JSON", json, sound.utf8.dropLast(20), 400, "malformed_body"),
            Refusal("an unknown key", json, ("{\"nonsense\":1," + sound.dropFirst()).utf8, 400, "malformed_body"),
            Refusal("noise called gzip", gzip, "nonsense, and not gzip".utf8, 400, "malformed_body"),
            Refusal("half a gzip stream", gzip, GzipBomb.bytes(inflatingTo: 20_000), 400, "malformed_body"),
            Refusal("a gzip bomb", gzip, bomb, 413, "too_large"),
            Refusal("too many bytes", plain, [UInt8](repeating: 0, count: 5 * 1024 * 1024), 413, "too_large"),
            Refusal("another coding", plain.merging(["Content-Encoding": "br"]) { $1 }, [1], 400, "invalid_request"),
            Refusal("another type", plain.merging(["Content-Type": "text/plain"]) { $1 }, [1], 400, "invalid_request"),
        ]
    }

    private static func refusedClaims(_ form: EnrolForm) -> [Refusal] {
        let json = ["Authorization": "Bearer \(form.token)", "Content-Type": "application/json"]
        let sound = soundBody(form)
        let newer = sound.replacing("\"protocol_version\":1", with: "\"protocol_version\":99")
        let stranger = sound.replacing(form.actor, with: "AAAAAAAAAKEAAAAAAAAAAQ==")
        let wrong = json.merging(["Authorization": "Bearer nonsense"]) { $1 }
        return [
            Refusal("another protocol", json, newer.utf8, 400, "protocol_mismatch"),
            Refusal("the actor of nobody", json, stranger.utf8, 403, "actor_mismatch"),
            Refusal("no credential", ["Content-Type": "application/json"], sound.utf8, 401, "unauthorized"),
            Refusal("a wrong credential", wrong, sound.utf8, 401, "unauthorized"),
        ]
    }

    @Test func `bodies that are not what they claim to be are refused, and the server goes on`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("bo")
        let account = try await device.new("account", ["name=Aster"])
        let played = try await Self.enrol("ann", at: server)
        for refusal in Self.refusedBodies(played) + Self.refusedClaims(played) {
            let answer = try await refusal.request.send(to: server)
            #expect(
                answer.status == refusal.status && answer.code == refusal.code,
                "\(refusal.what): \(answer.text.prefix(900))")
            #expect(!answer.text.contains(played.token), "\(refusal.what) shows the credential")
        }

        let json = ["Authorization": "Bearer \(played.token)", "Content-Type": "application/json"]
        let sound = Array(Self.soundBody(played).utf8)
        // A body that ends before its length is no request; nobody waits for the rest, and nothing is taken.
        let cut = try await RawRequest(headers: json, body: sound, claimedLength: 5_000).send(to: server)
        #expect(cut.status == 0, "\(cut.text.prefix(300))")
        // The device that was played is as good as before.
        #expect(try await RawRequest(headers: json, body: sound).send(to: server).status == 200)

        try await server.requireDrained([device])
        #expect(try await device.show("account", account).life == "alive")
        #expect(try await server.ledger().count == 1)
        try await server.requireGracefulStop()
    }

    @Test func `a gzip bomb costs the server no memory to speak of`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let played = try await Self.enrol("ann", at: server)
        let before = try server.peakKilobytes()
        for _ in 0..<4 {
            let answer = try await RawRequest(
                headers: [
                    "Authorization": "Bearer \(played.token)", "Content-Type": "application/x-protobuf",
                    "Content-Encoding": "gzip",
                ], body: GzipBomb.bytes(inflatingTo: 500_000_000)
            ).send(to: server)
            #expect(answer.code == "too_large")
        }
        #expect(try server.peakKilobytes() - before < 48 * 1024)
        try await server.requireDrained([])
        try await server.requireGracefulStop()
    }
}
