import SatchelClient
import SatchelSync

/// A picture's file as a fuzzer sees its reader: what is read is possible, the same wherever the bytes lie, and of a cut file no more.
enum PhotoReading {
    static func run(_ bytes: [UInt8]) -> String? {
        let problem = read(bytes)
        // Behind the head of a JPEG file, so that a fuzzer comes to the directories at once.
        guard problem == nil, bytes.count < 65_000 else { return problem }
        let length = bytes.count + 8
        let head: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)]
        return read(head + Array("Exif\0\0".utf8) + bytes)
    }

    private static func read(_ bytes: [UInt8]) -> String? {
        let read = PhotoMetadata(reading: bytes[...])
        if let problem = impossible(read) { return "Nothing can be so: \(problem)" }
        let moved = [0, 0, 0] + bytes + [0]
        guard PhotoMetadata(reading: moved[3..<(bytes.count + 3)]) == read else { return "Read otherwise elsewhere." }
        for count in [bytes.count / 2, bytes.count - 1] where count >= 0 {
            let part = PhotoMetadata(reading: bytes.prefix(count))
            if !isPart(part, of: read) {
                return "Cut to \(count) bytes it says what the whole does not: \(part) \(read)"
            }
        }
        return nil
    }

    private static func impossible(_ read: PhotoMetadata) -> String? {
        if let orientation = read.orientation, !(1...8).contains(orientation) { return "orientation \(orientation)" }
        if let size = read.size, size.width < 1 || size.height < 1 { return "\(size)" }
        if let offset = read.taken?.offset, !(-720...840).contains(offset) { return "offset \(offset)" }
        if let direction = read.direction, !(0...36_000).contains(direction.hundredths) { return "\(direction)" }
        if let position = read.position, Location(position.description) != position { return "\(position)" }
        for name in [read.make, read.model] where name?.isEmpty == true { return "a name of nothing" }
        return nil
    }

    private static func isPart(_ part: PhotoMetadata, of whole: PhotoMetadata) -> Bool {
        func isSame<Value: Equatable>(_ value: KeyPath<PhotoMetadata, Value?>) -> Bool {
            part[keyPath: value] == nil || part[keyPath: value] == whole[keyPath: value]
        }
        return isSame(\.format) && isSame(\.size) && isSame(\.orientation) && isSame(\.make) && isSame(\.model)
            && isSame(\.taken) && isSame(\.position) && isSame(\.direction)
    }
}
