/// What an operator hands to a rep: a one-time code of 16 letters and, where the server is known by its key, the 24 letters of that.
///
/// So the first contact is with the server that made the code. The key stays on the device: only the code is sent.
package struct EnrolmentCode: Hashable, Sendable, CustomStringConvertible {
    /// What is sent.
    package let code: String
    /// The key of the server that made it; `nil` where that is known by a certificate authority, or speaks plain HTTP.
    package let key: ServerKey?

    private static let letterCount = 16

    package init(code: String, key: ServerKey?) {
        self.code = code
        self.key = key
    }

    /// Reads what was typed; what has neither length is sent as it is, and the server says what is wrong.
    package init(typed text: String) {
        let letters = ReadableBytes.letters(of: text)
        guard letters.count == Self.letterCount + ServerKey.letterCount,
            let key = ReadableBytes.bytes(of: letters.dropFirst(Self.letterCount)).flatMap({ ServerKey(hash: $0) })
        else {
            self.init(code: text, key: nil)
            return
        }
        self.init(code: ReadableBytes.grouped(Array(letters.prefix(Self.letterCount))), key: key)
    }

    /// The code and the key, as they are typed.
    package var description: String { ([code] + (key.map { [$0.description] } ?? [])).joined(separator: "-") }
}
