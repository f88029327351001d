package import SatchelSync

/// Takes a reply as it arrives, in pieces of any size, and gives its frames.
///
/// It holds what has arrived of one frame and what follows in the last piece, never the whole reply.
package struct FrameReader: Sendable {
    private let format: WireFormat
    private let frameBytesMax: Int
    private let agreement: WireAgreement
    private var buffer: [UInt8] = []
    private var start = 0
    /// Bytes from `start` that are known to hold no end of a line.
    private var searched = 0

    /// Reads frames of at most `frameBytesMax` bytes, inflated.
    package init(
        format: WireFormat = .protobuf, frameBytesMax: Int = WireLimits.frameBytesMax,
        agreement: WireAgreement = .nothing
    ) {
        self.agreement = agreement
        self.format = format
        self.frameBytesMax = frameBytesMax
    }

    /// Whether the bytes so far end with a frame; at the end of a whole reply they do.
    package var isDrained: Bool { start == buffer.count }

    /// Takes the next bytes of the reply, inflated.
    package mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next frame; `nil` when it is not there whole.
    /// - Throws: ``SatchelError`` `malformed_body` or `too_large`. The reply is of no further use then.
    package mutating func next() throws(SatchelError) -> SyncFrame? {
        guard let range = try nextRange() else { return nil }
        let message = Array(buffer[range])
        let end = range.upperBound + (format == .json ? 1 : FrameCheck.byteCount)
        guard format == .json || buffer[range.upperBound..<end].elementsEqual(FrameCheck.bytes(of: message)) else {
            throw .malformed("a frame is not what its checksum says", at: range.lowerBound)
        }
        let frame = try WireCodec.decodeFrame(message, format: format, bytesMax: frameBytesMax, agreement: agreement)
        start = end
        searched = 0
        return frame
    }

    private mutating func nextRange() throws(SatchelError) -> Range<Int>? {
        switch format {
        case .protobuf: return try rangeAfterLength()
        case .json: return try rangeOfLine()
        }
    }

    private func rangeAfterLength() throws(SatchelError) -> Range<Int>? {
        var length = 0
        for index in 0..<5 {
            guard start + index < buffer.count else { return nil }
            let byte = buffer[start + index]
            length |= Int(byte & 0x7F) << (7 * index)
            guard byte < 0x80 else { continue }
            guard length <= frameBytesMax else { throw .overLimit(bytesMax: frameBytesMax) }
            let first = start + index + 1
            return buffer.count - first >= length + FrameCheck.byteCount ? first..<(first + length) : nil
        }
        throw .overLimit(bytesMax: frameBytesMax)
    }

    private mutating func rangeOfLine() throws(SatchelError) -> Range<Int>? {
        let end = buffer[(start + searched)...].firstIndex(of: UInt8(ascii: "\n"))
        guard (end ?? buffer.count) - start <= frameBytesMax else { throw .overLimit(bytesMax: frameBytesMax) }
        guard let end else {
            searched = buffer.count - start
            return nil
        }
        return start..<end
    }
}
