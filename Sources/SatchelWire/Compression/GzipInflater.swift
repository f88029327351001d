import CZlib
package import SatchelSync

/// Inflates one gzip member (RFC 1952) as it arrives.
///
/// Give it what arrives with ``append(_:)`` and take what comes out with ``next()`` until nothing does. At most 64 KiB come
/// out at once, and they are counted against the limit before they are handed on, so that no input, however small, makes it
/// hold more. It is not copyable: two copies would share one state of zlib.
@safe
package struct GzipInflater: ~Copyable {
    private static let pieceBytes = 64 * 1024

    private let limit: InflationLimit
    // zlib keeps a pointer back to its stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var inputStart = 0
    private var takenBytes = 0
    private var measuredInput = 0
    private var measuredOutput = 0

    /// Whether the member has ended, with the right checksum and length.
    package private(set) var isFinished = false

    /// Begins a member.
    /// - Throws: ``SatchelError`` `internal_error` when there is no memory for it.
    package init(limit: InflationLimit) throws(SatchelError) {
        self.limit = limit
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window; 16 more ask for gzip, and nothing but gzip.
        let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            // All stored properties are set, so `deinit` runs and gives the memory back.
            throw SatchelError(.internalError, "zlib could not begin to inflate (\(status)).")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes the next compressed bytes.
    package mutating func append(_ bytes: [UInt8]) {
        if inputStart > 0 {
            input.removeFirst(inputStart)
            inputStart = 0
        }
        input.append(contentsOf: bytes)
    }

    /// The next inflated bytes; empty when more input is needed or the member has ended.
    /// - Throws: ``SatchelError`` `malformed_body` for bytes that are not gzip and for bytes after the member, `too_large`
    ///   past the limit. The body is of no further use then.
    package mutating func next() throws(SatchelError) -> [UInt8] {
        guard !isFinished else {
            try refuseTrailingBytes()
            return []
        }
        // What zlib may still hold without more input comes with the next: the checksum at the least is yet to come.
        guard inputStart < input.count else { return [] }
        let step = step()
        inputStart += step.taken
        takenBytes += step.taken
        measuredInput += step.taken
        measuredOutput += step.output.count
        try limit.check(inflated: measuredOutput, compressed: measuredInput)
        switch step.status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isFinished = true
            try refuseTrailingBytes()
        default: throw .malformed("it is not gzip", at: takenBytes)
        }
        return step.output
    }

    /// Counts from here again: the limit is about what comes next, such as a frame.
    package mutating func restartMeasure() {
        measuredInput = 0
        measuredOutput = 0
    }

    /// Checks that the member has ended: call it where the body ends.
    /// - Throws: ``SatchelError`` `malformed_body` when the body was cut off.
    package func requireFinished() throws(SatchelError) {
        guard isFinished else { throw .malformed("the gzip body is cut off", at: takenBytes) }
        try refuseTrailingBytes()
    }

    private func refuseTrailingBytes() throws(SatchelError) {
        guard inputStart == input.count else { throw .malformed("bytes follow the gzip member", at: takenBytes) }
    }

    private mutating func step() -> (status: Int32, taken: Int, output: [UInt8]) {
        let available = min(input.count - inputStart, Int(UInt32.max))
        var status = Z_OK
        var taken = 0
        let start = inputStart
        let output = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
            unsafe input.withUnsafeMutableBufferPointer { bytes in
                unsafe stream.pointee.next_in = bytes.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(Self.pieceBytes)
                status = unsafe inflate(stream, Z_NO_FLUSH)
                taken = available - Int(unsafe stream.pointee.avail_in)
                count = Self.pieceBytes - Int(unsafe stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
            }
        }
        return (status, taken, output)
    }
}
