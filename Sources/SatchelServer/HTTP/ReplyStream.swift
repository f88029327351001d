import Hummingbird
import SatchelSync
import SatchelWire

/// Writes the frames of one exchange, page by page, compressed where the device takes it.
struct ReplyStream<Store: ServerStore>: Sendable {
    let engine: SyncEngine<Store>
    let format: WireFormat
    let isCompressed: Bool
    let notes: RequestNotes
    /// How many bytes the device wants at most, about; `nil` where it wants all.
    var bytesMax: Int?

    /// The answer that begins with what `cursor` has.
    ///
    /// The first page is read before anything is sent, so that most answers go as one piece and with their length.
    func response(_ cursor: SyncEngine<Store>.Cursor) async throws -> Response {
        var cursor = cursor
        cursor.bytesWanted = bytesMax
        let first = cursor.opening + (try await engine.nextFrames(&cursor))
        var headers: HTTPFields = [.contentType: format.contentType]
        if isCompressed { headers[.contentEncoding] = Gzip.contentCoding }
        // Encoded before the status is sent: what cannot be encoded is a failure that the device is told.
        let bytes = try encode(first)
        guard !cursor.isDone else {
            let body = isCompressed ? try Gzip.compress(bytes) : bytes
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
        let rest = cursor
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                var sink = try Sink(isCompressed: isCompressed)
                var (cursor, next) = (rest, bytes)
                while true {
                    let piece = sink.piece(next)
                    cursor.bytesWanted? -= piece.readableBytes
                    try await writer.write(piece)
                    guard !cursor.isDone else { break }
                    try Task.checkCancellation()
                    next = try await nextBytes(&cursor)
                }
                if let end = sink.end() { try await writer.write(end) }
                try await writer.finish(nil)
            })
    }

    /// The next page; a failure goes as the last frame, since the status has been sent.
    private func nextBytes(_ cursor: inout SyncEngine<Store>.Cursor) async throws -> [UInt8] {
        do {
            return try encode(try await engine.nextFrames(&cursor))
        } catch {
            if error is CancellationError { throw error }
            engine.alarms?.note(error)
            let failure = ExchangeFailure(any: error)
            notes.note("late_failure", failure.error.code.word)
            cursor.stop()
            return try encode([.failure(ProblemFrame(failure.error, nextCounter: failure.nextCounter))])
        }
    }

    private func encode(_ frames: [SyncFrame]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in frames { bytes += try WireCodec.encodeFrame(frame, format: format) }
        return bytes
    }
}

/// Bytes on their way out, through a compressor where the device takes it.
private struct Sink: ~Copyable {
    private var deflater: GzipDeflater?

    init(isCompressed: Bool) throws { deflater = isCompressed ? try GzipDeflater() : nil }

    /// What goes out for a page now.
    mutating func piece(_ bytes: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: deflater?.deflateAndFlush(bytes) ?? bytes)
    }

    /// What ends the stream; `nil` where nothing does.
    mutating func end() -> ByteBuffer? {
        guard let bytes = deflater?.finish() else { return nil }
        return ByteBuffer(bytes: bytes)
    }
}
