import Foundation
import SatchelServer
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// Conflicts over HTTP.
@Suite(.serialized) struct InspectionTests {
    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()

    /// Two devices that gave one account two names.
    private func inConflict(_ server: RunningServer) async throws -> EnrolReply {
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        for device in [ann, bo] {
            let body = try WireCodec.encode(device.request([device.account("\(device.user)'s")]))
            #expect(try await server.send("POST", "/v1/sync", token: device.token, body: body).status == 200)
        }
        return bo
    }

    private func resolve(
        _ server: RunningServer, _ record: String, _ body: [UInt8], by device: EnrolReply
    ) async throws -> RunningServer.Answer {
        try await server.send(
            "POST", "/v1/conflicts/\(record)/resolve", token: device.token,
            headers: ["Content-Type": "application/json"], body: body)
    }

    @Test func `an inspector lists and settles a conflict over HTTP`() async throws {
        try await RunningServer.with { server in
            let bo = try await inConflict(server)
            let list = try await server.send("GET", "/v1/conflicts?limit=5", token: bo.token)
            let cases = try Self.decoder.decode(CasesReply.self, from: Data(list.body))
            let record = try #require(cases.conflicts.first)
            #expect(record.conflicts.map(\.subject) == ["name"])
            let wish = ResolutionWish(subject: "name", reason: "asked", token: record.token, choice: .take(2))
            let body = Array(try JSONEncoder().encode(wish))
            let settled = try await resolve(server, record.ending, body, by: bo)
            #expect(settled.status == 200)
            #expect(try Self.decoder.decode(SettledReply.self, from: Data(settled.body)).record.conflicts.isEmpty)
            let again = try await resolve(server, record.ending, body, by: bo)
            #expect(again.status == 409)
            #expect(again.code == "conflict_changed")
        }
    }

    @Test func `a resolution that is not written strictly is malformed, and settles nothing`() async throws {
        try await RunningServer.with { server in
            let bo = try await inConflict(server)
            for body in [
                #"{"subject":"name","reason":"r","take":1,"take":2}"#,
                #"{"subject":"name","reason":"r","take":1,"force":true}"#,
                #"{"subject":"name","reason":"r","take":"1"}"#,
                #"{"subject":"name","reason":"r","take":1.0}"#,
                #"{"subject":"name","reason":7,"take":1}"#,
                #"{"subject":"name","reason":"r","keep":"yes"}"#,
                #"{"subject":"name","take":1}"#,
                #"{"subject":"name","reason":"\ud800","take":1}"#,
                #"{"subject":"name","reason":"r","take":1} "x""#,
                #"["name"]"#, "",
            ] {
                let answer = try await resolve(server, "\(RecordID.sample(1))", Array(body.utf8), by: bo)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.code == "malformed_body", "\(body)")
            }
            let open = try await server.send("GET", "/v1/conflicts", token: bo.token)
            #expect(try Self.decoder.decode(CasesReply.self, from: Data(open.body)).conflicts.count == 1)
            let plain = #"{"subject":"name","reason":"r","take":1,"token":null}"#
            #expect(try await resolve(server, "\(RecordID.sample(1))", Array(plain.utf8), by: bo).status == 200)
        }
    }

    @Test func `a device that resolves without end is told to wait, and syncs all the same`() async throws {
        try await RunningServer.with { server in
            let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
            let start = ContinuousClock.now
            var admitted = 0
            while try await resolve(server, "ffff", [], by: ann).status != 429, admitted < 10_000 { admitted += 1 }
            let perSecond = ServerLimits.resolutionsPerMinuteMax / 60
            let refilled = (Int((ContinuousClock.now - start).components.seconds) + 1) * perSecond
            #expect(admitted >= ServerLimits.resolutionsPerMinuteMax)
            #expect(admitted <= ServerLimits.resolutionsPerMinuteMax + refilled)
            #expect(try await resolve(server, "ffff", [], by: bo).status == 400)
            let body = try WireCodec.encode(ann.request())
            #expect(try await server.send("POST", "/v1/sync", token: ann.token, body: body).status == 200)
        }
    }
}

@Suite struct TokenBucketsTests {
    private let buckets = TokenBuckets(count: 3, per: .seconds(60), refusal: "Too often.")
    private let start = ContinuousClock.now

    private func takes(_ key: String, after seconds: Int) -> Bool {
        do {
            try buckets.take(for: key, at: start + .seconds(seconds))
            return true
        } catch {
            return false
        }
    }

    @Test func `a bucket gives its tokens at once, and then one for each part of the period`() {
        #expect((0..<4).map { _ in takes("a", after: 0) } == [true, true, true, false])
        #expect(takes("b", after: 0))
        #expect([19, 21, 21].map { takes("a", after: $0) } == [false, true, false])
        #expect((0..<4).map { _ in takes("a", after: 10_000) } == [true, true, true, false])
    }

    @Test func `a bucket may give fewer at once than within its period`() {
        let narrow = TokenBuckets(count: 60, per: .seconds(60), burst: 2, refusal: "Too often.")
        let takes = [0, 0, 0, 1, 1, 100, 100, 100].map { seconds in
            (try? narrow.take(for: "a", at: start + .seconds(seconds))) != nil
        }
        #expect(takes == [true, true, false, true, false, true, true, false])
    }

    @Test func `to look takes nothing, and to note refuses nothing`() throws {
        for _ in 0..<9 { try buckets.requireRoom(for: "a", at: start) }
        for _ in 0..<9 { buckets.note("a", at: start) }
        let error = #expect(throws: SatchelError.self) { try buckets.requireRoom(for: "a", at: start) }
        #expect(error?.code == .tooManyRequests)
        #expect(error?.message == "Too often.")
        #expect(error?.isTransient == true)
        try buckets.requireRoom(for: "a", at: start + .seconds(21))
    }
}
