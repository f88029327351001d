/// Letters that people do not confuse, in groups of four: Crockford's base 32.
///
/// When it is read, case and separators do not matter, O is 0, and I and L are 1.
package enum ReadableBytes {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Writes bytes, five bits a letter; where the bits do not come out even, zeros follow.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var letters: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 5 {
                count -= 5
                letters.append(alphabet[bits >> count & 31])
            }
            bits &= 31
        }
        if count > 0 { letters.append(alphabet[bits << (5 - count) & 31]) }
        return grouped(letters)
    }

    /// Letters in groups of four.
    package static func grouped(_ letters: [UInt8]) -> String {
        stride(from: 0, to: letters.count, by: 4)
            .map { String(decoding: letters[$0..<min($0 + 4, letters.count)], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// The letters of a text in the one way they are compared; what is no letter of the alphabet stays as it is.
    package static func letters(of text: String) -> [UInt8] {
        text.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "): nil
            case UInt8(ascii: "o"), UInt8(ascii: "O"): UInt8(ascii: "0")
            case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "l"), UInt8(ascii: "L"): UInt8(ascii: "1")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte & ~0x20
            default: byte
            }
        }
    }

    /// The whole bytes that letters stand for; `nil` where one is not of the alphabet.
    package static func bytes(of letters: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for letter in letters {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            bits = bits << 5 | value
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
                bits &= 0xFF
            }
        }
        return bytes
    }
}
