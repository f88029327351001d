/// A small gzip stream that inflates to very much.
enum GzipBomb {
    /// One deflate block with the fixed codes: a zero byte, then runs of 258 bytes back to it, 13 bits each.
    static func bytes(runs: Int) -> [UInt8] {
        var bits = BitWriter()
        bits.append(0b1, count: 1)  // the last block
        bits.append(0b01, count: 2)  // fixed codes
        bits.appendCode(0x30, count: 8)  // the literal 0
        for _ in 0..<runs {
            bits.appendCode(0xC5, count: 8)  // length 258
            bits.appendCode(0, count: 5)  // distance 1
        }
        bits.appendCode(0, count: 7)  // the end of the block
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        return header + bits.finished() + [UInt8](repeating: 0, count: 8)
    }

    private struct BitWriter {
        private var bytes: [UInt8] = []
        private var current: UInt8 = 0
        private var filled = 0

        /// Appends a number, its lowest bit first.
        mutating func append(_ number: UInt32, count: Int) {
            for index in 0..<count { appendBit(UInt8(number >> UInt32(index) & 1)) }
        }

        /// Appends a Huffman code, its highest bit first.
        mutating func appendCode(_ code: UInt32, count: Int) {
            for index in (0..<count).reversed() { appendBit(UInt8(code >> UInt32(index) & 1)) }
        }

        func finished() -> [UInt8] { filled == 0 ? bytes : bytes + [current] }

        private mutating func appendBit(_ bit: UInt8) {
            current |= bit << UInt8(filled)
            filled += 1
            if filled == 8 {
                bytes.append(current)
                (current, filled) = (0, 0)
            }
        }
    }
}
