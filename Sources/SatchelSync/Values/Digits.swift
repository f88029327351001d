/// Strict digits: no sign, no spaces, no overflow.
extension UInt64 {
    /// Reads 1 to 16 lower-case hexadecimal digits; `nil` for anything else.
    package init?(hexDigits bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= 16 else { return nil }
        var value: UInt64 = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        self = value
    }

    /// Reads 1 to 20 decimal digits, zeros in front allowed; `nil` for anything else, and above 64 bits.
    package init?(decimalDigits bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= 20 else { return nil }
        var value: UInt64 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self = value
    }

    /// Reads a number as `description` writes it: no leading zero, at most `limit`.
    package init?(canonicalDigits bytes: some Collection<UInt8>, limit: UInt64) {
        guard let value = UInt64(decimalDigits: bytes), value <= limit else { return nil }
        guard bytes.count == 1 || bytes.first != UInt8(ascii: "0") else { return nil }
        self = value
    }

    /// Sixteen lower-case digits.
    package var hexDigits: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension Collection where Element == UInt8 {
    /// Two lower-case digits a byte.
    package var hexString: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(count * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Array where Element == UInt8 {
    /// Reads what `hexString` writes; `nil` for anything else.
    package init?(hexString: some StringProtocol) {
        let digits = Array(hexString.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt64(hexDigits: digits[index..<(index + 2)]) else { return nil }
            append(UInt8(byte))
        }
    }
}
