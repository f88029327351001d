import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

/// A push whose bits turn on the way to a real server.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TurnedBitTests {
    private static func push(_ body: [UInt8], _ token: String, isCompressed: Bool) -> [UInt8] {
        let fields =
            ["POST /v1/sync HTTP/1.1", "Host: here", "Content-Type: application/x-protobuf"]
            + ["Authorization: Bearer \(token)", "Content-Length: \(body.count)"]
            + (isCompressed ? ["Content-Encoding: gzip"] : [])
        return Array((fields.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    @Test func `a thousand turned bits of a push never enter the store as anything else`() async throws {
        try await RunningServer.with { server in
            let ann = try await server.enrol("ann")
            let body = try Gzip.compress(try WireCodec.encode(ann.request([ann.account("Acme of the north")])))
            var random = SeededRandom(seed: 1_000)
            var peer = try RawPeer(port: server.port)
            var statuses: [Int: Int] = [:]
            for _ in 0..<1_000 {
                var turned = body
                turned[random.pick(below: body.count)] ^= 1 << UInt8(random.pick(below: 8))
                await peer.send(Self.push(turned, ann.token, isCompressed: true))
                let reply = await peer.readReply()
                statuses[reply.status, default: 0] += 1
                #expect([200, 400, 413].contains(reply.status), "\(reply.text.prefix(300))")
                if reply.isEnded { peer = try RawPeer(port: server.port) }
            }
            print("Of 1000 pushes with a turned bit: \(statuses.sorted { $0.key < $1.key })")
            #expect(statuses[400, default: 0] > 900)
            // The head of gzip has bits that mean nothing; with these it is the same push. Whatever came, there is one edit.
            await peer.send(Self.push(body, ann.token, isCompressed: true))
            #expect(await peer.readReply().status == 200)
            guard case .ledger(let lines, _) = try await server.ask(.ledger(after: 0, limit: 10)) else {
                throw SatchelError.unexpectedReply
            }
            #expect(lines.count == 1)
            let bo = try await server.enrol("bo")
            let pulled = try await server.send(
                "POST", "/v1/sync", token: bo.token, body: try WireCodec.encode(bo.request()))
            var reader = FrameReader(format: .protobuf)
            reader.append(pulled.body)
            var frames: [SyncFrame] = []
            while let frame = try reader.next() { frames.append(frame) }
            #expect(frames.deltas.count == 1)
            #expect("\(frames.deltas)".contains("Acme of the north"))
        }
    }

    @Test func `what is not compressed has checksums all the same, over all that is written`() async throws {
        let server = try TestServer()
        var device = try await server.device()
        for number in 1...3 { device.edit(.sample(number), life: .create, .name("Acme \(number)")) }
        let request = device.request()
        let body = try WireCodec.encode(request)
        var accepted = 0
        for bit in 0..<8 * body.count {
            var turned = body
            turned[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let read = try? WireCodec.decodeRequest(turned), let last = read.changeSets.last else { continue }
            // As the server does it: each digest over the one before it, and the last one is what the device says.
            var digest: [UInt8] = []
            for offered in read.changeSets {
                digest = Hashing.changeSetDigest(canonicalBytes: offered.changeSet.canonicalBytes, previous: digest)
            }
            guard read.actor == request.actor, digest == last.digest else { continue }
            #expect(read.changeSets.map(\.changeSet) == request.changeSets.map(\.changeSet), "bit \(bit)")
            accepted += 1
        }
        // What else the request says: times, counters, tokens and proofs, which the server holds against what it knows.
        print("Of \(8 * body.count) bits of a plain push \(accepted) leave its edits as they are.")
    }
}
