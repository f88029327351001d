/// Well-formed UTF-8 by table 3-7 of the Unicode Standard: no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// - Complexity: O(bytes); nothing is allocated.
    static func isValid(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            let first = bytes[index]
            index += 1
            if first < 0x80 { continue }
            let (second, rest): (ClosedRange<UInt8>, Int)
            switch first {
            case 0xC2...0xDF: (second, rest) = (0x80...0xBF, 0)
            case 0xE0: (second, rest) = (0xA0...0xBF, 1)
            case 0xE1...0xEC, 0xEE...0xEF: (second, rest) = (0x80...0xBF, 1)
            case 0xED: (second, rest) = (0x80...0x9F, 1)
            case 0xF0: (second, rest) = (0x90...0xBF, 2)
            case 0xF1...0xF3: (second, rest) = (0x80...0xBF, 2)
            case 0xF4: (second, rest) = (0x80...0x8F, 2)
            default: return false
            }
            guard range.upperBound - index > rest, second.contains(bytes[index]) else { return false }
            index += 1
            for _ in 0..<rest {
                guard bytes[index] & 0xC0 == 0x80 else { return false }
                index += 1
            }
        }
        return true
    }
}
