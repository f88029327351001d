package import SatchelSync

/// Takes the body of a reply as it arrives, compressed or not, and gives its frames in the order that the protocol allows.
///
/// Anything else throws, and means that the outcome is unknown: the device asks again. It holds one frame and one piece of
/// the body at most. It is not copyable: two copies would share one state of zlib.
package struct ReplyReader: ~Copyable {
    private enum Place {
        case start, verdicts, records, end
    }

    private var inflater: GzipInflater?
    private var frames: FrameReader
    private var place = Place.start

    /// Reads a reply of the given format.
    /// - Throws: ``SatchelError`` `internal_error` when there is no memory for it.
    package init(format: WireFormat, isCompressed: Bool) throws(SatchelError) {
        frames = FrameReader(format: format)
        inflater = isCompressed ? try GzipInflater(limit: .frame) : nil
    }

    /// Takes the next bytes of the body.
    package mutating func append(_ bytes: [UInt8]) {
        guard inflater != nil else { return frames.append(bytes) }
        inflater?.append(bytes)
    }

    /// The next frame; `nil` when it is not there whole.
    /// - Throws: ``SatchelError`` `malformed_body` or `too_large`. The reply is of no further use then; what came before it
    ///   stands.
    package mutating func next() throws(SatchelError) -> SyncFrame? {
        while true {
            if let frame = try frames.next() {
                try advance(past: frame)
                inflater?.restartMeasure()
                return frame
            }
            guard let piece = try inflater?.next(), !piece.isEmpty else { return nil }
            frames.append(piece)
        }
    }

    /// Checks that the reply is whole: call it where the body ends, after the last frame was taken.
    /// - Throws: ``SatchelError`` `malformed_body` when the reply was cut off.
    package func requireWhole() throws(SatchelError) {
        try inflater?.requireFinished()
        guard frames.isDrained, place == .end else { throw .malformedReply("it ends before its closing") }
    }

    private mutating func advance(past frame: SyncFrame) throws(SatchelError) {
        switch (place, frame) {
        case (.start, .opening): place = .verdicts
        case (.verdicts, .verdicts): break
        case (.verdicts, .actors), (.verdicts, .records), (.records, .actors), (.records, .records): place = .records
        case (.verdicts, .closing), (.records, .closing), (.start, .failure), (.verdicts, .failure),
            (.records, .failure):
            place = .end
        default: throw .malformedReply("a frame comes out of turn")
        }
    }
}
