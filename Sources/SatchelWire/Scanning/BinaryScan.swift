import SatchelSync

/// Walks a protobuf body before it is decoded.
///
/// It bounds what the decoded form can cost, names the position of what is wrong, and refuses fields that the protocol does not
/// have, single fields that stand twice and choices made twice: SwiftProtobuf would keep, or drop, all of that in silence.
/// - Complexity: O(bytes); nothing is allocated.
struct BinaryScan {
    private let bytes: [UInt8]
    private var offset = 0
    private var elementsLeft = WireLimits.elementsMax

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Checks that `bytes` are one message of the given shape.
    /// - Throws: ``SatchelError`` `malformed_body` or `too_large`, with the position.
    static func check(_ bytes: [UInt8], _ shape: MessageShape) throws(SatchelError) {
        var scan = BinaryScan(bytes)
        try scan.message(shape, end: bytes.count)
    }

    private mutating func message(_ shape: MessageShape, end: Int) throws(SatchelError) {
        var counts = SIMD32<UInt32>()
        var hasChoice = false
        while offset < end {
            let start = offset
            let tag = try varint(end: end)
            guard let field = shape.field(tag >> 3) else {
                throw .malformed("\(shape.name) has no field \(tag >> 3)", at: start)
            }
            let index = Int(tag >> 3) - 1
            counts[index] += 1
            if shape.choice.contains(index + 1) {
                guard !hasChoice else { throw .malformed("\(shape.name) holds two of a choice", at: start) }
                hasChoice = true
            }
            switch (field.kind, tag & 7) {
            case (.varint, 0): _ = try varint(end: end)
            case (.packed, 2):
                let last = try length(end: end)
                try packed(end: last, countMax: field.countMax, in: shape, tag >> 3)
            case (.bytes, 2), (.text, 2):
                try spendElement()
                let last = try length(end: end)
                if case .text = field.kind { try text(end: last) }
                offset = last
            case (.message(let inner), 2):
                try spendElement()
                try message(inner, end: try length(end: end))
            default: throw .malformed("field \(tag >> 3) of \(shape.name) has another wire type", at: start)
            }
            let isSingle = if case .packed = field.kind { true } else { field.countMax == 1 }
            guard !isSingle || counts[index] == 1 else {
                throw .malformed("field \(tag >> 3) of \(shape.name) stands twice", at: start)
            }
            guard isSingle || counts[index] <= UInt32(field.countMax) else {
                throw .overLimit("field \(tag >> 3) of \(shape.name)", max: field.countMax, at: start)
            }
        }
    }

    /// One more text or message, of which a body may hold only so many.
    private mutating func spendElement() throws(SatchelError) {
        elementsLeft -= 1
        guard elementsLeft >= 0 else {
            throw .overLimit("messages and texts in one body", max: WireLimits.elementsMax, at: offset)
        }
    }

    private mutating func packed(
        end: Int, countMax: Int, in shape: MessageShape, _ number: UInt64
    ) throws(SatchelError) {
        let start = offset
        var count = 0
        while offset < end {
            _ = try varint(end: end)
            count += 1
        }
        guard count <= countMax else {
            throw .overLimit("numbers in field \(number) of \(shape.name)", max: countMax, at: start)
        }
    }

    private mutating func varint(end: Int) throws(SatchelError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard offset < end else { throw .malformed("a number is cut off", at: start) }
            let byte = bytes[offset]
            offset += 1
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed("a number has more than 64 bits", at: start)
    }

    /// Reads a length and returns where that many bytes end.
    private mutating func length(end: Int) throws(SatchelError) -> Int {
        let start = offset
        let length = try varint(end: end)
        guard length <= UInt64(end - offset) else {
            throw .malformed("\(length) bytes are announced and \(end - offset) are there", at: start)
        }
        return offset + Int(length)
    }

    private func text(end: Int) throws(SatchelError) {
        guard UTF8Check.isValid(bytes, offset..<end) else { throw .malformed("a text is not UTF-8", at: offset) }
    }
}
