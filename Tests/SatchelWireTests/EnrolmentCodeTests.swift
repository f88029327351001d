import SatchelTestSupport
import SatchelWire
import Testing

@Suite struct EnrolmentCodeTests {
    private static let hash = (0..<32).map { UInt8($0 * 37 & 0xFF) }

    @Test func `a code with a key is read back however it is typed`() throws {
        let key = try #require(ServerKey(hash: Self.hash))
        let code = EnrolmentCode(code: "0123-4567-89AB-CDEF", key: key)
        #expect(code.description == "0123-4567-89AB-CDEF-\(key)")
        for typed in [
            code.description, code.description.lowercased(), code.description.replacing("-", with: ""),
            code.description.replacing("-", with: " ").replacing("0", with: "o").replacing("1", with: "l"),
        ] {
            let read = EnrolmentCode(typed: typed)
            #expect(read.code == "0123-4567-89AB-CDEF")
            #expect(read.key?.matches(key) == true, "\(typed)")
        }
    }

    @Test func `what is no code with a key is sent as it was typed`() {
        for typed in ["", "AAAA", "0123-4567-89AB-CDEF", "0123-4567-89AB-CDEF-0000", String(repeating: "U", count: 40)]
        {
            #expect(EnrolmentCode(typed: typed) == EnrolmentCode(code: typed, key: nil))
        }
    }

    @Test func `a key is known by its first 120 bits, and wholly where all is known`() throws {
        let key = try #require(ServerKey(hash: Self.hash))
        let short = try #require(ServerKey(key.description))
        #expect(short.bytes == Array(Self.hash.prefix(15)))
        #expect(short.matches(key) && key.matches(short))
        #expect(ServerKey(key.hexadecimal) == key)
        for place in 0..<32 {
            var other = Self.hash
            other[place] ^= 1
            let turned = try #require(ServerKey(hash: other))
            #expect(!turned.matches(key))
            #expect(turned.matches(short) == (place >= 15))
        }
        for text in [
            "", "AAAA", key.description + "A", String(repeating: "U", count: 24), String(key.hexadecimal.dropLast()),
        ] {
            #expect(ServerKey(text) == nil)
        }
        #expect(ServerKey(hash: Array(Self.hash.prefix(14))) == nil)
    }

    @Test func `bytes in readable letters come back, for every length`() throws {
        var random = SeededRandom(seed: 7)
        for count in 0..<40 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let letters = ReadableBytes.letters(of: ReadableBytes.text(bytes))
            #expect(letters.count == (count * 8 + 4) / 5)
            #expect(ReadableBytes.bytes(of: letters) == bytes)
        }
    }
}
