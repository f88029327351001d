import CZlib
package import SatchelSync

/// Whole bodies as one zlib stream each (RFC 1950), with or without a preset dictionary.
///
/// The same bytes give the same stream.
package enum Zlib {
    /// How well to compress, from 1, fast, to 9, small.
    package static let defaultLevel: Int32 = 6
    /// Parts shorter than this do not pay for a block of their own.
    private static let blockBytes = 512

    /// Compresses the parts into one stream; each has blocks of its own, since what is in one is no measure of the other.
    ///
    /// What shrinks so well that it would pass for a bomb under `limit` is stored, as with ``Gzip``.
    package static func compress(
        _ parts: [[UInt8]], dictionary: PresetDictionary?, limit: InflationLimit = .push,
        level: Int32 = Self.defaultLevel
    ) throws(SatchelError) -> [UInt8] {
        var stream = try DeflateStream(level: level, dictionary: dictionary?.bytes)
        var output: [UInt8] = []
        var byteCount = 0
        for part in parts.dropLast() {
            output += stream.run(part, flush: part.count < blockBytes ? Z_NO_FLUSH : Z_BLOCK)
            byteCount += part.count
        }
        output += stream.run(parts.last ?? [], flush: Z_FINISH)
        byteCount += parts.last?.count ?? 0
        let isSuspect = level > 0 && byteCount > limit.ratioFreeBytes && limit.ratioMax < .max
        guard isSuspect, try passesForBomb(output, dictionary, limit) else { return output }
        return try compress(parts, dictionary: dictionary, limit: limit, level: 0)
    }

    /// Inflates the one stream that begins at `start` and ends where the bytes do.
    /// - Throws: ``SatchelError`` `malformed_body` for anything else, also where another dictionary is needed; `too_large` as
    ///   soon as the limit is passed.
    package static func inflate(
        _ bytes: [UInt8], from start: Int, dictionary: PresetDictionary?, limit: InflationLimit
    ) throws(SatchelError) -> [UInt8] {
        var stream = try InflateStream()
        var output: [UInt8] = []
        var taken = start
        while true {
            let step = stream.step(bytes, from: taken)
            taken += step.taken
            output.append(contentsOf: step.output)
            try limit.check(inflated: output.count, compressed: taken - start)
            switch step.status {
            case Z_OK:
                guard step.taken > 0 || !step.output.isEmpty else {
                    throw .malformed("the columns are cut off", at: taken)
                }
            case Z_STREAM_END:
                guard taken == bytes.count else { throw .malformed("bytes follow the columns", at: taken) }
                return output
            case Z_NEED_DICT:
                guard let dictionary, stream.wanted == dictionary.checksum, stream.set(dictionary.bytes) else {
                    throw unknownDictionary
                }
            case Z_BUF_ERROR: throw .malformed("the columns are cut off", at: taken)
            default: throw .malformed("the columns are not a zlib stream", at: taken)
            }
        }
    }

    /// Columns that begin from a dictionary which this end does not have.
    private static var unknownDictionary: SatchelError {
        SatchelError(
            .malformedBody, "The columns begin from the dictionary of another schema.",
            remedy: "Send them without one; nothing was taken.")
    }

    private static func passesForBomb(
        _ compressed: [UInt8], _ dictionary: PresetDictionary?, _ limit: InflationLimit
    ) throws(SatchelError) -> Bool {
        do {
            let ratio = InflationLimit(bytesMax: .max, ratioMax: limit.ratioMax, ratioFreeBytes: limit.ratioFreeBytes)
            _ = try inflate(compressed, from: 0, dictionary: dictionary, limit: ratio)
            return false
        } catch {
            guard error.code == .tooLarge else { throw error }
            return true
        }
    }
}

/// One zlib stream being written.
@safe
private struct DeflateStream: ~Copyable {
    private static let pieceBytes = 64 * 1024
    // zlib keeps a pointer back to its stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int32, dictionary: [UInt8]?) throws(SatchelError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, the zlib form; 9 asks for the most memory, for blocks that are worth their trees.
        var status = unsafe deflateInit2_(
            stream, level, Z_DEFLATED, 15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if status == Z_OK, let dictionary {
            status = unsafe dictionary.withUnsafeBufferPointer { buffer in
                unsafe deflateSetDictionary(stream, buffer.baseAddress, UInt32(buffer.count))
            }
        }
        guard status == Z_OK else {
            // All stored properties are set, so `deinit` runs and gives the memory back.
            throw SatchelError(.internalError, "zlib could not begin to compress (\(status)).")
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    mutating func run(_ bytes: [UInt8], flush: Int32) -> [UInt8] {
        var output: [UInt8] = []
        var taken = 0
        while true {
            let start = taken
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
                unsafe bytes.withUnsafeBufferPointer { input in
                    // zlib does not write through `next_in`; its type says less than its documentation.
                    unsafe stream.pointee.next_in = input.baseAddress.map {
                        unsafe UnsafeMutablePointer(mutating: $0 + start)
                    }
                    unsafe stream.pointee.avail_in = UInt32(min(bytes.count - start, Int(UInt32.max)))
                    unsafe stream.pointee.next_out = buffer.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(Self.pieceBytes)
                    let available = Int(unsafe stream.pointee.avail_in)
                    _ = unsafe CZlib.deflate(stream, flush)
                    taken += available - Int(unsafe stream.pointee.avail_in)
                    count = Self.pieceBytes - Int(unsafe stream.pointee.avail_out)
                    unsafe stream.pointee.next_in = nil
                    unsafe stream.pointee.next_out = nil
                }
            }
            output.append(contentsOf: piece)
            // A piece that is not full means that all that was due is out.
            if piece.count < Self.pieceBytes, taken == bytes.count { return output }
        }
    }
}

/// One zlib stream being read.
@safe
private struct InflateStream: ~Copyable {
    private static let pieceBytes = 64 * 1024
    // zlib keeps a pointer back to its stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(SatchelError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(stream, 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            // All stored properties are set, so `deinit` runs and gives the memory back.
            throw SatchelError(.internalError, "zlib could not begin to inflate (\(status)).")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The checksum of the dictionary that the stream asks for.
    var wanted: UInt32 { UInt32(truncatingIfNeeded: unsafe stream.pointee.adler) }

    mutating func set(_ dictionary: [UInt8]) -> Bool {
        unsafe dictionary.withUnsafeBufferPointer { buffer in
            unsafe inflateSetDictionary(stream, buffer.baseAddress, UInt32(buffer.count)) == Z_OK
        }
    }

    /// Fills one piece at most.
    mutating func step(_ bytes: [UInt8], from start: Int) -> (status: Int32, taken: Int, output: [UInt8]) {
        let available = min(bytes.count - start, Int(UInt32.max))
        var status = Z_OK
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
                status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                taken = available - Int(unsafe stream.pointee.avail_in)
                count = Self.pieceBytes - Int(unsafe stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
            }
        }
        return (status, taken, output)
    }
}
