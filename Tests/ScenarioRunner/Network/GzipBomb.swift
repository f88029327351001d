/// A small gzip stream that inflates to very much.
package enum GzipBomb {
    /// A block with the fixed codes: a zero byte, then copies of 258 bytes of it, 13 bits each, without an end.
    ///
    /// 13 bits make a pattern that comes again every 13 bytes, in which there are eight copies.
    package static func bytes(inflatingTo count: Int) -> [UInt8] {
        var bits = BitWriter()
        bits.append(1, 1, 0)  // the last block, fixed codes
        bits.append(0, 0, 1, 1, 0, 0, 0, 0)  // the literal 0
        for _ in 0..<16 {
            bits.append(1, 1, 0, 0, 0, 1, 0, 1)  // length 258
            bits.append(0, 0, 0, 0, 0)  // distance 1
        }
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let pattern = bits.bytes[2..<15]
        return header + bits.bytes[..<2] + (0..<count / (8 * 258)).flatMap { _ in pattern }
    }

    private struct BitWriter {
        /// The bytes that are full, and one that may not be.
        private(set) var bytes: [UInt8] = []
        private var filled = 8

        mutating func append(_ bits: UInt8...) {
            for bit in bits {
                if filled == 8 {
                    bytes.append(0)
                    filled = 0
                }
                bytes[bytes.count - 1] |= bit << UInt8(filled)
                filled += 1
            }
        }
    }
}
