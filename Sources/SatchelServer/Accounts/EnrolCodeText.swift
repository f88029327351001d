import SatchelStorage
import SatchelSync

/// How enrolment codes are written: four groups of four characters that people do not confuse, 80 random bits.
///
/// The alphabet is Crockford's base 32; when a code is read, case and separators do not matter, O is 0, and I and L are 1.
enum EnrolCodeText {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A new code from the system's cryptographic source.
    static func random() -> String {
        let characters = Hashing.randomBytes(16).map { alphabet[Int($0 & 31)] }
        return stride(from: 0, to: 16, by: 4)
            .map { String(decoding: characters[$0..<($0 + 4)], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// What the store keeps of a code, whatever way it was typed.
    static func hash(of code: String) -> [UInt8] {
        var plain: [UInt8] = []
        for byte in code.utf8.prefix(128) {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "): continue
            case UInt8(ascii: "o"), UInt8(ascii: "O"): plain.append(UInt8(ascii: "0"))
            case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "l"), UInt8(ascii: "L"):
                plain.append(UInt8(ascii: "1"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): plain.append(byte & ~0x20)
            default: plain.append(byte)
            }
        }
        return Hashing.sha256(plain)
    }
}
