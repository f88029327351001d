package import SatchelSync

/// Takes the body of a reply as it arrives, compressed or not, and gives its frames.
///
/// It inflates no further than the next frame, so that it holds one frame and one piece of the body at most. Whether the
/// frames make a reply is for the exchange to say. It is not copyable: two copies would share one state of zlib.
package struct ReplyReader: ~Copyable {
    private var inflater: GzipInflater?
    private var frames: FrameReader

    /// Reads a reply of the given format.
    /// - Throws: ``SatchelError`` `internal_error` when there is no memory for it.
    package init(
        format: WireFormat = .protobuf, isCompressed: Bool, agreement: WireAgreement = .nothing
    ) throws(SatchelError) {
        frames = FrameReader(format: format, agreement: agreement)
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
                inflater?.restartMeasure()
                return frame
            }
            guard let piece = try inflater?.next(), !piece.isEmpty else { return nil }
            frames.append(piece)
        }
    }

    /// Checks that the body ends with a frame and, compressed, with its checksum: call it where the body ends, after the last
    /// frame was taken.
    /// - Throws: ``SatchelError`` `malformed_body` when the body was cut off.
    package func requireDrained() throws(SatchelError) {
        try inflater?.requireFinished()
        guard frames.isDrained else {
            throw SatchelError(
                .malformedBody, "The reply is malformed: it ends within a frame.",
                remedy: "Sync again; what came before it is kept.")
        }
    }
}
