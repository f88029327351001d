import Foundation
import SatchelStorage
package import SatchelSync
import SatchelTestSupport
package import SatchelWire

/// A device that this process plays, byte by byte: what it says may be cut, doubled or wrong in any way.
///
/// It edits accounts of the schema that Satchel ships, all of them its own.
package struct PlayedDevice: Sendable {
    package let reply: EnrolReply
    private let server: ServerProcess
    private var counter: UInt64 = 0
    private var digest: [UInt8] = []
    /// What it has made.
    package private(set) var made: [OfferedChangeSet] = []

    /// Enrols.
    package static func enrol(_ user: String, at server: ServerProcess) async throws -> PlayedDevice {
        let request = EnrolRequest(code: try await server.code(for: user), deviceName: "played")
        let answer = try await RawRequest(path: "/v1/enrol", body: WireCodec.encode(request)).exchange(with: server)
        guard answer.status == 200 else { throw AcceptanceFailure("Not enrolled: HTTP \(answer.status).") }
        let reply = try WireCodec.decodeEnrolReply(answer.body)
        server.site.keepSecret(reply.token)
        return PlayedDevice(reply: reply, server: server)
    }

    private init(reply: EnrolReply, server: ServerProcess) { (self.reply, self.server) = (reply, server) }

    /// Makes a change-set that makes an account; its name is a text that no other one has.
    package mutating func makeAccount(_ record: RecordID, name: String) {
        counter += 1
        let change = RecordChange(
            type: EntityTypeID(1), record: record, context: VersionVector(), life: .create,
            writes: [FieldChange(FieldID(1), .register(.text(UTF8Text(name))))])
        let changeSet = ChangeSet(
            dot: Dot(reply.actor, counter), label: "new", author: reply.user,
            time: Timestamp(milliseconds: 1_772_438_400_000 + Int64(counter)), schemaVersion: reply.schemaVersion,
            changes: [change])
        digest = Hashing.changeSetDigest(canonicalBytes: changeSet.canonicalBytes, previous: digest)
        made.append(OfferedChangeSet(changeSet: changeSet, digest: digest))
    }

    /// A request that pushes what it has made: all, or the part of it between these places, from 0.
    package func body(_ format: WireFormat, only part: Range<Int>? = nil) throws -> [UInt8] {
        try WireCodec.encode(
            SyncRequest(
                schemaVersion: reply.schemaVersion, epoch: reply.epoch, actor: reply.actor, highestCounter: counter,
                confirmed: nil, forkToken: reply.forkToken, checkpoint: nil,
                deviceTime: Timestamp(milliseconds: 1_772_438_500_000), changeSets: part.map { Array(made[$0]) } ?? made
            ), format: format)
    }

    /// The head fields of its requests.
    package func headers(_ format: WireFormat, isCompressed: Bool = false) -> [String: String] {
        var headers = ["Authorization": "Bearer \(reply.token)", "Content-Type": format.contentType]
        if isCompressed { headers["Content-Encoding"] = "gzip" }
        return headers
    }

    /// The verdicts that an answer tells, by counter.
    package static func verdicts(_ answer: HTTPAnswer, _ format: WireFormat) throws -> [UInt64: Verdict] {
        let frames = try answer.frames(format)
        return Dictionary(uniqueKeysWithValues: frames.verdicts.map { ($0.counter, $0.verdict) })
    }
}

extension HTTPAnswer {
    /// The frames that the body holds.
    package func frames(_ format: WireFormat = .protobuf) throws -> [SyncFrame] {
        var reader = try ReplyReader(format: format, isCompressed: contentEncoding == "gzip")
        reader.append(body)
        var frames: [SyncFrame] = []
        while let frame = try reader.next() { frames.append(frame) }
        try reader.requireDrained()
        return frames
    }

    /// The code of the problem that it tells; `nil` where it tells none.
    package var problemCode: String? {
        contentType.hasPrefix(WireCodec.problemContentType) ? (try? WireCodec.decodeProblem(body))?.code : nil
    }
}

extension [SyncFrame] {
    /// The verdicts.
    package var verdicts: [VerdictEntry] {
        flatMap { frame -> [VerdictEntry] in if case .verdicts(let entries) = frame { entries } else { [] } }
    }

    /// What it tells besides the clock of the server and the secrets that are new each time: two answers to one request are
    /// equal in that.
    package var withoutMoment: [SyncFrame] {
        map { frame in
            guard case .opening(let opening) = frame else { return frame }
            return .opening(
                Opening(
                    epoch: opening.epoch, schemaVersion: opening.schemaVersion, serverTime: Timestamp(milliseconds: 0),
                    forkToken: opening.forkToken, frontier: opening.frontier))
        }
    }
}
