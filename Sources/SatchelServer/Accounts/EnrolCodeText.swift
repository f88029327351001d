import SatchelStorage
import SatchelWire

/// How enrolment codes are written: four groups of four characters that people do not confuse, 80 random bits.
enum EnrolCodeText {
    /// A new code from the system's cryptographic source.
    static func random() -> String { ReadableBytes.text(Hashing.randomBytes(10)) }

    /// What the store keeps of a code, whatever way it was typed.
    static func hash(of code: String) -> [UInt8] {
        Hashing.sha256(ReadableBytes.letters(of: String(code.prefix(128))))
    }
}
