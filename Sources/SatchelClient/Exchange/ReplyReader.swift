import SatchelSync
import SatchelWire

/// The frames of a reply out of the chunks in which it comes, inflated on the way where it is compressed.
struct ReplyReader: ~Copyable {
    private let isCompressed: Bool
    private var inflater: GzipInflater
    private var frames = FrameReader(format: .protobuf)

    init(isCompressed: Bool) throws(SatchelError) {
        self.isCompressed = isCompressed
        // The server is one this device was enrolled with: a page of records that are much alike is no attack, so that only the
        // size of a frame is limited.
        inflater = try GzipInflater(limit: InflationLimit(bytesMax: WireLimits.frameBytesMax, ratioMax: .max))
    }

    /// Takes the next chunk.
    mutating func append(_ chunk: [UInt8]) throws(SatchelError) {
        guard isCompressed else { return frames.append(chunk) }
        inflater.append(chunk)
        while true {
            let piece = try inflater.next()
            if piece.isEmpty { return }
            frames.append(piece)
        }
    }

    /// The next whole frame; `nil` until more chunks have come.
    mutating func next() throws(SatchelError) -> SyncFrame? {
        let frame = try frames.next()
        if frame != nil { inflater.restartMeasure() }
        return frame
    }
}
