import CZlib
package import SatchelSync

/// Compresses a body into one gzip member (RFC 1952) as it is written.
///
/// The same bytes in the same pieces give the same member: it bears no time and no name.
@safe
package struct GzipDeflater: ~Copyable {
    /// How well to compress, from 1, fast, to 9, small.
    package static let defaultLevel: Int32 = 6
    private static let pieceBytes = 64 * 1024

    // zlib keeps a pointer back to its stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Begins a member.
    /// - Precondition: `level` is 0, which stores, or 1 to 9.
    /// - Throws: ``SatchelError`` `internal_error` when there is no memory for it.
    package init(level: Int32 = Self.defaultLevel) throws(SatchelError) {
        precondition((0...9).contains(level), "a level is 0 to 9, got \(level)")
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window; 16 more ask for gzip.
        let status = unsafe deflateInit2_(
            stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            // All stored properties are set, so `deinit` runs and gives the memory back.
            throw SatchelError(.internalError, "zlib could not begin to compress (\(status)).")
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes the next bytes and gives what is compressed so far, which may be nothing yet.
    package mutating func deflate(_ bytes: [UInt8]) -> [UInt8] { run(bytes, flush: Z_NO_FLUSH) }

    /// Takes the next bytes and gives all that is needed to inflate every byte so far: the end of a frame that must not wait.
    package mutating func deflateAndFlush(_ bytes: [UInt8]) -> [UInt8] { run(bytes, flush: Z_SYNC_FLUSH) }

    /// Ends the member and gives the rest of it; nothing may be given to it after.
    package mutating func finish(_ bytes: [UInt8] = []) -> [UInt8] { run(bytes, flush: Z_FINISH) }

    private mutating func run(_ bytes: [UInt8], flush: Int32) -> [UInt8] {
        var output: [UInt8] = []
        var taken = 0
        repeat {
            let step = step(bytes, from: taken, flush: flush)
            taken += step.taken
            output.append(contentsOf: step.output)
            // A piece that is not full means that all that was due is out.
            if step.output.count < Self.pieceBytes, taken == bytes.count { return output }
        } while true
    }

    /// Fills one piece at most.
    private mutating func step(_ bytes: [UInt8], from start: Int, flush: Int32) -> (taken: Int, output: [UInt8]) {
        let available = min(bytes.count - start, Int(UInt32.max))
        var taken = 0
        let output = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                // zlib does not write through `next_in`; its type says less than its documentation.
                unsafe stream.pointee.next_in = input.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + start)
                }
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(Self.pieceBytes)
                _ = unsafe CZlib.deflate(stream, flush)
                taken = available - Int(unsafe stream.pointee.avail_in)
                count = Self.pieceBytes - Int(unsafe stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
            }
        }
        return (taken, output)
    }
}
