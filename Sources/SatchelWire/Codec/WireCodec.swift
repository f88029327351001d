package import SatchelSync
import SwiftProtobuf

/// Messages to bytes and back.
///
/// What is decoded was checked before anything was built from it: bytes from outside throw ``SatchelError`` `malformed_body`,
/// `too_large` or `protocol_mismatch`, and never trap. The same value gives the same bytes.
package enum WireCodec {
    /// The media type of a failure as the body of a 4xx or 5xx answer.
    package static let problemContentType = "application/problem+json"

    /// Writes a request, uncompressed.
    /// - Throws: ``SatchelError`` `too_large` when the server would refuse it for its size: offer fewer change-sets.
    package static func encode(
        _ request: SyncRequest, format: WireFormat = .protobuf, agreement: WireAgreement = .nothing
    ) throws(SatchelError) -> [UInt8] {
        guard request.changeSets.count <= Limits.changeSetsPerPushMax else {
            throw .overLimit("change-sets of one push", max: Limits.changeSetsPerPushMax, at: 0)
        }
        let bytes = try BodyCoding.encode(try request.message(format, agreement), format)
        try BodyCoding.check(bytes, format, .syncRequest, bytesMax: Limits.inflatedBytesMax)
        return bytes
    }

    /// Reads a request, inflated before.
    /// - Throws: ``SatchelError``, also `epoch_changed` where it names records by handles of another life of the store.
    package static func decodeRequest(
        _ bytes: [UInt8], format: WireFormat = .protobuf, agreement: WireAgreement = .nothing
    ) throws(SatchelError) -> SyncRequest {
        let message = try BodyCoding.decodeVersioned(
            ProtoSyncRequest.self, bytes, format, .syncRequest, bytesMax: Limits.inflatedBytesMax,
            version: \.protocolVersion)
        guard format == .protobuf else {
            return try BodyCoding.build { (reader) throws(FormError) in
                let changeSets = try reader.changeSets(of: message)
                return try reader.request(message, changeSets, try reader.recoveryParts(message))
            }
        }
        let recovery = try RecoveryParts(columnsOf: message)
        // The header first: it says which life of the store the handles belong to.
        let header = try BodyCoding.build { (reader) throws(FormError) in try reader.request(message, [], recovery) }
        guard !message.columns.isEmpty else { return header }
        let changeSets = try ColumnBody.decodeChangeSets(
            WireBytes.array(message.columns), of: header.actor, epoch: header.epoch, agreement)
        return try BodyCoding.build { (reader) throws(FormError) in try reader.request(message, changeSets, recovery) }
    }

    /// Writes an enrolment.
    package static func encode(
        _ request: EnrolRequest, format: WireFormat = .protobuf
    ) throws(SatchelError) -> [UInt8] {
        try BodyCoding.encode(request.message(), format)
    }

    /// Reads an enrolment.
    package static func decodeEnrolRequest(
        _ bytes: [UInt8], format: WireFormat = .protobuf
    ) throws(SatchelError) -> EnrolRequest {
        let message = try BodyCoding.decodeVersioned(
            ProtoEnrolRequest.self, bytes, format, .enrolRequest, bytesMax: WireLimits.enrolRequestBytesMax,
            version: \.protocolVersion)
        return try BodyCoding.build { (reader) throws(FormError) in try reader.enrolRequest(message) }
    }

    /// Writes the answer to an enrolment.
    package static func encode(_ reply: EnrolReply, format: WireFormat = .protobuf) throws(SatchelError) -> [UInt8] {
        try BodyCoding.encode(reply.message(), format)
    }

    /// Reads the answer to an enrolment.
    package static func decodeEnrolReply(
        _ bytes: [UInt8], format: WireFormat = .protobuf
    ) throws(SatchelError) -> EnrolReply {
        let message = try BodyCoding.decode(
            ProtoEnrolReply.self, bytes, format, .enrolReply, bytesMax: Limits.inflatedBytesMax)
        return try BodyCoding.build { (reader) throws(FormError) in try reader.enrolReply(message) }
    }

    /// Writes a frame as it stands in the stream: with its length before it and its checksum behind it, or as a line.
    /// - Throws: ``SatchelError`` `too_large` when the device would refuse it for its size, `internal_error` when records are
    ///   not in the order of their sequences.
    package static func encodeFrame(
        _ frame: SyncFrame, format: WireFormat = .protobuf, agreement: WireAgreement = .nothing
    ) throws(SatchelError) -> [UInt8] {
        let body = try BodyCoding.encode(try frame.message(format, agreement), format)
        try BodyCoding.check(body, format, .syncFrame, bytesMax: WireLimits.frameBytesMax)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 9)
        if format == .protobuf { bytes.write(varint: body.count) }
        bytes.append(contentsOf: body)
        bytes.append(contentsOf: format == .protobuf ? FrameCheck.bytes(of: body) : [UInt8(ascii: "\n")])
        return bytes
    }

    /// Reads one frame without its length and its checksum, or the end of its line.
    static func decodeFrame(
        _ bytes: [UInt8], format: WireFormat, bytesMax: Int, agreement: WireAgreement
    ) throws(SatchelError) -> SyncFrame {
        let message = try BodyCoding.decode(ProtoSyncFrame.self, bytes, format, .syncFrame, bytesMax: bytesMax)
        if format == .protobuf, case .records(let records) = message.kind {
            return .records(try ColumnBody.decodeRecords(WireBytes.array(records.columns), agreement))
        }
        return try BodyCoding.build { (reader) throws(FormError) in try reader.frame(message) }
    }

    /// Writes a failure as the body of a 4xx or 5xx answer: a problem document (RFC 9457).
    package static func encodeProblem(
        _ problem: ProblemFrame, status: Int, title: String
    ) throws(SatchelError) -> [UInt8] {
        var message = ProtoProblem(problem)
        message.type = "about:blank"
        message.title = title
        message.status = UInt32(exactly: status) ?? 500
        return try BodyCoding.encode(message, .json)
    }

    /// Reads the body of a 4xx or 5xx answer.
    ///
    /// Members that are not ours are left aside. Whatever a proxy may have sent in our place is malformed, and means "unknown".
    package static func decodeProblem(_ bytes: [UInt8]) throws(SatchelError) -> ProblemFrame {
        let message = try BodyCoding.decodeProblem(bytes)
        return try BodyCoding.build { (reader) throws(FormError) in try reader.problem(message) }
    }
}
