import SatchelSync

/// Walks a JSON body before it is decoded (RFC 8259).
///
/// It bounds depth and size, names the position of what is wrong, and refuses names that stand twice in one object and
/// escapes of lone surrogates.
/// - Complexity: O(bytes).
struct JSONScan {
    private let bytes: [UInt8]
    private var offset = 0
    private var elementsLeft = WireLimits.elementsMax

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Checks that `bytes` are one JSON object and white space.
    /// - Throws: ``SatchelError`` `malformed_body` or `too_large`, with the position.
    static func check(_ bytes: [UInt8]) throws(SatchelError) {
        guard UTF8Check.isValid(bytes, 0..<bytes.count) else { throw .malformed("the JSON is not UTF-8", at: 0) }
        var scan = JSONScan(bytes)
        scan.skipSpace()
        guard scan.peek() == UInt8(ascii: "{") else { throw .malformed("a JSON object begins here", at: scan.offset) }
        try scan.value(depth: 0)
        scan.skipSpace()
        guard scan.offset == bytes.count else { throw .malformed("something follows the object", at: scan.offset) }
    }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    private mutating func value(depth: Int) throws(SatchelError) {
        elementsLeft -= 1
        guard elementsLeft >= 0 else {
            throw .overLimit("values in one body", max: WireLimits.elementsMax, at: offset)
        }
        guard depth < WireLimits.jsonDepthMax else {
            throw .overLimit("levels of JSON", max: WireLimits.jsonDepthMax, at: offset)
        }
        switch peek() {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func object(depth: Int) throws(SatchelError) {
        offset += 1
        skipSpace()
        if take("}") { return }
        var names: Set<[UInt8]> = []
        repeat {
            skipSpace()
            let start = offset
            guard peek() == UInt8(ascii: "\"") else { throw .malformed("a name in quotes belongs here", at: offset) }
            try string()
            // A field has two spellings, `forkToken` and `fork_token`.
            let name = bytes[start..<offset].filter { $0 != UInt8(ascii: "_") }.map { $0 | 0x20 }
            guard names.insert(name).inserted else { throw .malformed("a name stands twice in one object", at: start) }
            skipSpace()
            guard take(":") else { throw .malformed("a colon belongs here", at: offset) }
            skipSpace()
            try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw .malformed("the object does not end here", at: offset) }
    }

    private mutating func array(depth: Int) throws(SatchelError) {
        offset += 1
        skipSpace()
        if take("]") { return }
        repeat {
            skipSpace()
            try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("]") else { throw .malformed("the list does not end here", at: offset) }
    }

    private mutating func string() throws(SatchelError) {
        let start = offset
        offset += 1
        while let byte = peek() {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw .malformed("a control character stands in a text", at: offset - 1)
            default: continue
            }
        }
        throw .malformed("a text is cut off", at: start)
    }

    private mutating func escape() throws(SatchelError) {
        let start = offset - 1
        guard let byte = peek() else { throw .malformed("a text is cut off", at: start) }
        offset += 1
        if "\"\\/bfnrt".utf8.contains(byte) { return }
        guard byte == UInt8(ascii: "u"), let unit = codeUnit() else {
            throw .malformed("an escape is not one of JSON", at: start)
        }
        guard (0xD800...0xDFFF).contains(unit) else { return }
        guard unit < 0xDC00, take("\\"), take("u"), let second = codeUnit(), (0xDC00...0xDFFF).contains(second) else {
            throw .malformed("a surrogate stands alone", at: start)
        }
    }

    private mutating func codeUnit() -> UInt64? {
        guard bytes.count - offset >= 4 else { return nil }
        defer { offset += 4 }
        return UInt64(hexDigits: bytes[offset..<(offset + 4)].map { (0x41...0x46).contains($0) ? $0 | 0x20 : $0 })
    }

    private mutating func word(_ word: StaticString) throws(SatchelError) {
        for byte in word.description.utf8 {
            guard peek() == byte else { throw .malformed("\(word) belongs here", at: offset) }
            offset += 1
        }
    }

    private mutating func number() throws(SatchelError) {
        let start = offset
        _ = take("-")
        let whole = digits()
        let isLeadingZero = whole > 1 && bytes[offset - whole] == UInt8(ascii: "0")
        var isRight = whole > 0 && !isLeadingZero
        if take(".") { isRight = digits() > 0 && isRight }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            isRight = digits() > 0 && isRight
        }
        guard isRight else { throw .malformed("a value belongs here", at: start) }
    }

    private mutating func digits() -> Int {
        let start = offset
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        return offset - start
    }
}
