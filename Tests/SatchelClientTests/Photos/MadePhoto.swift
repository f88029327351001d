import SatchelSync

/// A JPEG file made for a test: an EXIF block with the entries that the test gives it, then a frame header.
struct MadePhoto {
    /// The value of an entry, as EXIF has kinds.
    enum Value {
        case text(String)
        case short(Int)
        case long(Int)
        case ratios([(Int, Int)])
        /// A kind, a count and the four bytes of the entry, as a damaged file may have them.
        case raw(kind: Int, count: Int, field: [UInt8])

        var kind: Int {
            switch self {
            case .text: 2
            case .short: 3
            case .long: 4
            case .ratios: 5
            case .raw(let kind, _, _): kind
            }
        }
    }

    var isBigEndian = false
    var main: [(Int, Value)] = []
    var exif: [(Int, Value)] = []
    var gps: [(Int, Value)] = []
    var width = 4_032
    var height = 3_024

    /// What a phone writes.
    static var complete: MadePhoto {
        MadePhoto(
            main: [(0x010F, .text("Aster")), (0x0110, .text("Aster 9 Pro")), (0x0112, .short(6))],
            exif: [
                (0x9003, .text("2026:03:02 09:30:07")), (0x9011, .text("+08:00")), (0x9291, .text("042")),
            ],
            gps: [
                (1, .text("N")), (2, .ratios([(31, 1), (13, 1), (4_944, 100)])), (3, .text("E")),
                (4, .ratios([(121, 1), (28, 1), (2_532, 100)])), (0x10, .text("T")), (0x11, .ratios([(9_125, 100)])),
                (0x1F, .ratios([(479_272, 100_000)])),
            ])
    }

    /// The whole file.
    var bytes: [UInt8] {
        var frame: [UInt8] = [8]
        for number in [height, width] { frame += [UInt8(number >> 8), UInt8(number & 0xFF)] }
        frame += [3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]
        return Self.file([(0xE1, Array("Exif\0\0".utf8) + block), (0xDB, [0]), (0xC0, frame)])
    }

    /// A file of these segments and the beginning of a picture.
    static func file(_ segments: [(UInt8, [UInt8])]) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xD8]
        for (marker, content) in segments {
            let length = content.count + 2
            bytes += [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)] + content
        }
        return bytes + [0xFF, 0xDA, 0, 2, 0x55]
    }

    /// The EXIF block: three directories behind each other, each with its values behind it.
    var block: [UInt8] {
        let mainSize = size(of: main + [(0x8769, .long(0)), (0x8825, .long(0))])
        let exifSize = size(of: exif)
        let pointers = [(0x8769, Value.long(8 + mainSize)), (0x8825, .long(8 + mainSize + exifSize))]
        return Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4)
            + directory(main + pointers, at: 8) + directory(exif, at: 8 + mainSize)
            + directory(gps, at: 8 + mainSize + exifSize)
    }

    private func directory(_ entries: [(Int, Value)], at start: Int) -> [UInt8] {
        var fields = number(entries.count, 2)
        var values: [UInt8] = []
        for (tag, value) in entries {
            fields += number(tag, 2) + number(value.kind, 2)
            if case .raw(_, let count, let field) = value {
                fields += number(count, 4) + field
                continue
            }
            let (count, bytes) = encoded(value)
            fields += number(count, 4)
            if bytes.count <= 4 {
                fields += bytes + Array(repeating: 0, count: 4 - bytes.count)
            } else {
                fields += number(start + 2 + entries.count * 12 + 4 + values.count, 4)
                values += bytes
            }
        }
        return fields + number(0, 4) + values
    }

    private func size(of entries: [(Int, Value)]) -> Int { directory(entries, at: 0).count }

    private func encoded(_ value: Value) -> (count: Int, bytes: [UInt8]) {
        switch value {
        case .text(let text): (text.utf8.count + 1, Array(text.utf8) + [0])
        case .short(let value): (1, number(value, 2))
        case .long(let value): (1, number(value, 4))
        case .ratios(let ratios): (ratios.count, ratios.flatMap { number($0.0, 4) + number($0.1, 4) })
        case .raw(_, let count, let field): (count, field)
        }
    }

    private func number(_ value: Int, _ width: Int) -> [UInt8] {
        let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return isBigEndian ? bytes.reversed() : bytes
    }
}
