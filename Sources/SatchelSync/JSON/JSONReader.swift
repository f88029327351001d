/// Reads JSON (RFC 8259) strictly: what two readers could understand differently is refused.
///
/// Refused are, beyond what is not JSON: keys that stand twice, lone surrogates, NUL characters, bytes that are not UTF-8, a
/// byte order mark, anything after the value, and nesting past ``depthMax``.
package struct JSONReader {
    /// Lists and objects, one within the other.
    package static let depthMax = 32

    private let bytes: [UInt8]
    private let firstLine: Int
    private var index = 0
    private var depth = 0

    private init(_ bytes: [UInt8], firstLine: Int) {
        self.bytes = bytes
        self.firstLine = firstLine
    }

    /// Reads one value that fills `bytes`, blanks around it aside.
    ///
    /// `firstLine` is the number of the first line in messages.
    /// - Throws: ``SatchelError`` `invalid_request` with the line, and the column in characters from 1.
    /// - Complexity: O(bytes).
    package static func parse(_ bytes: [UInt8], firstLine: Int = 1) throws(SatchelError) -> JSONValue {
        var reader = JSONReader(bytes, firstLine: firstLine)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw reader.failure("the text begins with a byte order mark; save it without", at: 0)
        }
        reader.skipBlanks()
        let value = try reader.readValue()
        reader.skipBlanks()
        guard reader.index == bytes.count else {
            throw reader.failure("something follows the value: \(reader.nextShown)", at: reader.index)
        }
        return value
    }

    private mutating func readValue() throws(SatchelError) -> JSONValue {
        guard let byte = next else { throw failure("a value is expected; got the end", at: index) }
        switch byte {
        case UInt8(ascii: "{"): return try readObject()
        case UInt8(ascii: "["): return try readArray()
        case UInt8(ascii: "\""): return .string(UTF8Text(try readText()))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        case UInt8(ascii: "t") where take("true"): return .bool(true)
        case UInt8(ascii: "f") where take("false"): return .bool(false)
        case UInt8(ascii: "n") where take("null"): return .null
        default: throw failure("a value is expected; got \(nextShown)", at: index)
        }
    }

    private mutating func readObject() throws(SatchelError) -> JSONValue {
        try enter()
        var members: [JSONMember] = []
        var keys: Set<UTF8Text> = []
        if take("}") { return leave(with: .object(members)) }
        while true {
            let keyStart = index
            guard next == UInt8(ascii: "\"") else {
                throw failure("a key in double quotes is expected; got \(nextShown)", at: index)
            }
            let key = try readText()
            guard keys.insert(UTF8Text(key)).inserted else {
                throw failure("the key \"\(Excerpt.of(key))\" stands twice in one object", at: keyStart)
            }
            skipBlanks()
            guard take(":") else { throw failure("a colon is expected after a key; got \(nextShown)", at: index) }
            skipBlanks()
            members.append(JSONMember(key, try readValue()))
            skipBlanks()
            if take("}") { return leave(with: .object(members)) }
            guard take(",") else { throw failure("a comma or } is expected; got \(nextShown)", at: index) }
            skipBlanks()
        }
    }

    private mutating func readArray() throws(SatchelError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if take("]") { return leave(with: .array(elements)) }
        while true {
            elements.append(try readValue())
            skipBlanks()
            if take("]") { return leave(with: .array(elements)) }
            guard take(",") else { throw failure("a comma or ] is expected; got \(nextShown)", at: index) }
            skipBlanks()
        }
    }

    /// Takes the opening bracket and the blanks after it.
    private mutating func enter() throws(SatchelError) {
        guard depth < Self.depthMax else {
            throw failure("lists and objects nest at most \(Self.depthMax) deep", at: index)
        }
        depth += 1
        index += 1
        skipBlanks()
    }

    private mutating func leave(with value: JSONValue) -> JSONValue {
        depth -= 1
        return value
    }

    private mutating func readNumber() throws(SatchelError) -> JSONValue {
        let start = index
        _ = take("-")
        let wholeStart = index
        guard takeDigits() > 0 else { throw failure("a digit is expected; got \(nextShown)", at: index) }
        guard index - wholeStart == 1 || bytes[wholeStart] != UInt8(ascii: "0") else {
            throw failure("a number begins with a zero", at: start)
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard takeDigits() > 0 else { throw failure("a digit is expected; got \(nextShown)", at: index) }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard takeDigits() > 0 else { throw failure("a digit is expected; got \(nextShown)", at: index) }
        }
        let written = String(decoding: bytes[start..<index], as: UTF8.self)
        guard isWhole, let number = Int64(written) else { return .number(written) }
        return .integer(number)
    }

    private mutating func takeDigits() -> Int {
        let start = index
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        return index - start
    }
}

/// Texts.
extension JSONReader {
    private mutating func readText() throws(SatchelError) -> String {
        let start = index
        var text: [UInt8] = []
        index += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("the text that begins here is not UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            case 0x00: throw failure("a text has a NUL character", at: index)
            case 0x01..<0x20: throw failure("a text has a control character that is not escaped", at: index)
            default:
                text.append(byte)
                index += 1
            }
        }
        throw failure("the text that begins here has no end", at: start)
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(SatchelError) {
        let start = index
        index += 1
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index])
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            text += String(Character(try readUnicodeEscape(from: start))).utf8
            return
        default: throw failure("\\ is followed by what it cannot escape", at: start)
        }
        index += 1
    }

    private mutating func readUnicodeEscape(from start: Int) throws(SatchelError) -> Unicode.Scalar {
        let unit = try readUnit(from: start)
        if unit == 0 { throw failure("a text has a NUL character", at: start) }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // What is not a scalar is a surrogate; a high one may have its low one after it.
        guard unit < 0xDC00, take("\\"), next == UInt8(ascii: "u") else {
            throw failure("a surrogate stands alone", at: start)
        }
        let low = try readUnit(from: start)
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw failure("a surrogate stands alone", at: start) }
        return scalar
    }

    /// Takes `u` and four digits.
    private mutating func readUnit(from start: Int) throws(SatchelError) -> UInt32 {
        index += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("\\u takes four hexadecimal digits", at: start)
            }
            unit = unit << 4 | UInt32(digit)
            index += 1
        }
        return unit
    }
}

/// Places and failures.
extension JSONReader {
    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ word: StaticString) -> Bool {
        let wanted = word.description.utf8
        guard bytes[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    /// The next character, worded to follow "got".
    private var nextShown: String {
        guard let byte = next else { return "the end" }
        if byte == UInt8(ascii: "\"") { return "a double quote" }
        guard (0x21..<0x7F).contains(byte) else { return "byte 0x\([byte].hexString)" }
        return "\"\(Unicode.Scalar(byte))\""
    }

    private func failure(_ reason: String, at place: Int) -> SatchelError {
        let before = bytes[..<min(place, bytes.count)]
        let line = firstLine + before.count { $0 == UInt8(ascii: "\n") }
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return SatchelError(
            .invalidRequest, "Line \(line), column \(column) of the JSON: \(reason).",
            remedy: "Correct the JSON and try again.")
    }
}
