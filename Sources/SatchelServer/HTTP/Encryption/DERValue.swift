/// The bytes of ASN.1 in DER (X.690), as far as a certificate needs them.
enum DERValue {
    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap(\.self)) }
    static func set(_ parts: [UInt8]...) -> [UInt8] { tagged(0x31, parts.flatMap(\.self)) }
    static func bool(_ value: Bool) -> [UInt8] { tagged(0x01, [value ? 0xFF : 0x00]) }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { tagged(0x04, bytes) }
    static func utf8(_ text: String) -> [UInt8] { tagged(0x0C, Array(text.utf8)) }
    static func utcTime(_ text: String) -> [UInt8] { tagged(0x17, Array(text.utf8)) }
    static func generalizedTime(_ text: String) -> [UInt8] { tagged(0x18, Array(text.utf8)) }
    /// A string of bits whose last byte has `unused` bits that do not count.
    static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { tagged(0x03, [unused] + bytes) }
    /// The value inside the tag that the context gives a meaning.
    static func explicit(_ number: UInt8, _ value: [UInt8]) -> [UInt8] { tagged(0xA0 | number, value) }

    /// A number that is not negative, most significant byte first.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return tagged(0x02, (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits)
    }

    /// The name of something in the tree of all names; all but the first two numbers in seven bits a byte.
    static func objectIdentifier(_ numbers: UInt32...) -> [UInt8] {
        var content = [UInt8(numbers[0] * 40 + numbers[1])]
        for number in numbers.dropFirst(2) {
            var digits = [UInt8(number & 0x7F)]
            var rest = number >> 7
            while rest > 0 {
                digits.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            content += digits.reversed()
        }
        return tagged(0x06, content)
    }

    static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }

    /// The values that stand one after the other, each with its tag; `nil` where the bytes are no such values.
    static func parts(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var parts: [ArraySlice<UInt8>] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let header = header(of: rest), header.size + header.length <= rest.count else { return nil }
            parts.append(rest.prefix(header.size + header.length))
            rest = rest.dropFirst(header.size + header.length)
        }
        return parts
    }

    /// What a value holds, without tag and length; `nil` where it is none.
    static func content(of value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        header(of: value).map { value.dropFirst($0.size) }
    }

    /// How many bytes tag and length take, and what the length says.
    private static func header(of value: ArraySlice<UInt8>) -> (size: Int, length: Int)? {
        guard value.count >= 2 else { return nil }
        let first = value[value.startIndex + 1]
        guard first >= 0x80 else { return (2, Int(first)) }
        let count = Int(first & 0x7F)
        guard (1...3).contains(count), value.count >= 2 + count else { return nil }
        return (2 + count, value.dropFirst(2).prefix(count).reduce(0) { $0 << 8 | Int($1) })
    }
}
