import SatchelSync
import SwiftProtobuf

/// The steps that every body goes through: size, scan, decoding, version, form.
enum BodyCoding {
    static func encode(_ message: some Message, _ format: WireFormat) throws(SatchelError) -> [UInt8] {
        do {
            switch format {
            case .protobuf: return try message.serializedBytes()
            case .json:
                var options = JSONEncodingOptions()
                options.preserveProtoFieldNames = true
                return try message.jsonUTF8Bytes(options: options)
            }
        } catch {
            throw SatchelError(.internalError, "A message could not be written.", cause: error)
        }
    }

    static func check(
        _ bytes: [UInt8], _ format: WireFormat, _ shape: MessageShape, bytesMax: Int
    ) throws(SatchelError) {
        guard bytes.count <= bytesMax else { throw .overLimit(bytesMax: bytesMax) }
        switch format {
        case .protobuf: try BinaryScan.check(bytes, shape)
        case .json: try JSONScan.check(bytes)
        }
    }

    static func decode<Decoded: Message>(
        _ type: Decoded.Type, _ bytes: [UInt8], _ format: WireFormat, _ shape: MessageShape, bytesMax: Int
    ) throws(SatchelError) -> Decoded {
        try check(bytes, format, shape, bytesMax: bytesMax)
        return try decode(type, bytes, format, isStrict: true)
    }

    /// Reads a message that begins with the version of the protocol that it is written in.
    static func decodeVersioned<Decoded: Message>(
        _ type: Decoded.Type, _ bytes: [UInt8], _ format: WireFormat, _ shape: MessageShape, bytesMax: Int,
        version: (Decoded) -> UInt32
    ) throws(SatchelError) -> Decoded {
        let message: Decoded
        do {
            message = try decode(type, bytes, format, shape, bytesMax: bytesMax)
        } catch {
            // What is not known here may belong to a newer protocol: say that, then.
            if error.code == .malformedBody,
                let read = try? decode(ProtoVersioned.self, bytes, format, isStrict: false),
                read.protocolVersion > SyncProtocol.version
            {
                throw .protocolMismatch(read.protocolVersion)
            }
            throw error
        }
        guard version(message) == SyncProtocol.version else { throw .protocolMismatch(version(message)) }
        return message
    }

    static func decodeProblem(_ bytes: [UInt8]) throws(SatchelError) -> ProtoProblem {
        guard bytes.count <= WireLimits.problemBytesMax else {
            throw .overLimit(bytesMax: WireLimits.problemBytesMax)
        }
        try JSONScan.check(bytes)
        return try decode(ProtoProblem.self, bytes, .json, isStrict: false)
    }

    static func build<Value>(
        _ body: (inout FormReader) throws(FormError) -> Value
    ) throws(SatchelError) -> Value {
        var reader = FormReader()
        do {
            return try body(&reader)
        } catch {
            throw .malformed(error)
        }
    }

    private static func decode<Decoded: Message>(
        _ type: Decoded.Type, _ bytes: [UInt8], _ format: WireFormat, isStrict: Bool
    ) throws(SatchelError) -> Decoded {
        do {
            switch format {
            case .protobuf:
                var options = BinaryDecodingOptions()
                options.discardUnknownFields = true
                return try Decoded(serializedBytes: bytes, options: options)
            case .json:
                var options = JSONDecodingOptions()
                options.ignoreUnknownFields = !isStrict
                options.messageDepthLimit = WireLimits.jsonDepthMax
                return try Decoded(jsonUTF8Bytes: bytes, options: options)
            }
        } catch {
            throw .malformed("a field has not the form that the protocol gives it", cause: error)
        }
    }
}
