/// The public key by which a server is known: the SHA-256 of its SubjectPublicKeyInfo (RFC 5280), or the first bytes of that.
///
/// People see the first 120 bits, as 24 letters; nobody finds another key that begins so.
package struct ServerKey: Hashable, Sendable, CustomStringConvertible {
    /// The hash, or how much of it is known: 15 to 32 bytes.
    package let bytes: [UInt8]

    private static let shownByteCount = 15
    private static let hashByteCount = 32

    /// The key whose SubjectPublicKeyInfo has this SHA-256, or one that begins so; `nil` for fewer than 15 or more than 32 bytes.
    package init?(hash: [UInt8]) {
        guard (Self.shownByteCount...Self.hashByteCount).contains(hash.count) else { return nil }
        bytes = hash
    }

    /// Reads what ``description`` or ``hexadecimal`` writes; `nil` for anything else.
    package init?(_ text: String) {
        let letters = ReadableBytes.letters(of: text)
        if letters.count == Self.letterCount, let read = ReadableBytes.bytes(of: letters) {
            bytes = read
        } else if text.utf8.count == 2 * Self.hashByteCount, let read = Self.bytes(ofHexadecimal: text) {
            bytes = read
        } else {
            return nil
        }
    }

    /// How many letters people see.
    static let letterCount = 24

    /// Whether both stand for the same key, as far as both are known.
    package func matches(_ other: ServerKey) -> Bool {
        let count = min(bytes.count, other.bytes.count)
        return bytes.prefix(count) == other.bytes.prefix(count)
    }

    /// 24 letters in groups of four.
    package var description: String { ReadableBytes.text(bytes.prefix(Self.shownByteCount)) }

    /// All that is known, two digits a byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
