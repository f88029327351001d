import SatchelClient
import SatchelSync
import SatchelTestSupport
import Testing

/// Damaged pictures: no trap, no endless walk, no value that the whole file does not have.
@Suite struct PhotoDamageTests {
    /// What no file can say, whatever its bytes are; `nil` where all is possible.
    private static func impossible(_ read: PhotoMetadata) -> String? {
        if let orientation = read.orientation, !(1...8).contains(orientation) { return "orientation \(orientation)" }
        if let size = read.size, size.width < 1 || size.height < 1 { return "size \(size)" }
        if let offset = read.taken?.offset, !(-720...840).contains(offset) { return "offset \(offset)" }
        if let direction = read.direction, !(0...36_000).contains(direction.hundredths) { return "\(direction)" }
        if let position = read.position, position.latitude == 0, position.longitude == 0 { return "\(position)" }
        for name in [read.make, read.model] where name?.isEmpty == true { return "a name of nothing" }
        return nil
    }

    /// Whether everything that is read of a damaged file is what the whole one says.
    private static func isPart(_ read: PhotoMetadata, of whole: PhotoMetadata) -> Bool {
        (read.format == nil || read.format == whole.format) && (read.size == nil || read.size == whole.size)
            && (read.orientation == nil || read.orientation == whole.orientation)
            && (read.make == nil || read.make == whole.make) && (read.model == nil || read.model == whole.model)
            && (read.taken == nil || read.taken == whole.taken)
            && (read.position == nil || read.position == whole.position)
            && (read.direction == nil || read.direction == whole.direction)
    }

    @Test(arguments: [true, false]) func `a file that was cut says what the whole says, or less`(isBigEndian: Bool) {
        var photo = MadePhoto.complete
        photo.isBigEndian = isBigEndian
        let (bytes, whole) = (photo.bytes, PhotoMetadata(reading: photo.bytes[...]))
        for count in bytes.indices {
            #expect(Self.isPart(PhotoMetadata(reading: bytes.prefix(count)), of: whole), "cut to \(count) bytes")
        }
    }

    @Test func `a block that was cut says what the whole says, or less`() {
        let block = MadePhoto.complete.block
        func read(_ block: some Sequence<UInt8>) -> PhotoMetadata {
            PhotoMetadata(reading: MadePhoto.file([(0xE1, Array("Exif\0\0".utf8) + block)])[...])
        }
        let whole = read(block)
        #expect(whole.position != nil && whole.taken != nil)
        for count in block.indices {
            var part = read(block.prefix(count))
            // Without its offset, which lies behind it, a time is still the time that the camera showed.
            if part.taken?.local == whole.taken?.local { part.taken = whole.taken }
            // So is a time without its fraction, and a place without its accuracy.
            if part.taken?.offset == whole.taken?.offset { part.taken = whole.taken }
            if part.position?.latitude == whole.position?.latitude { part.position = whole.position }
            #expect(Self.isPart(part, of: whole), "cut to \(count) bytes")
        }
    }

    @Test(arguments: [true, false]) func `each bit of a file may be turned`(isBigEndian: Bool) {
        var photo = MadePhoto.complete
        photo.isBigEndian = isBigEndian
        var bytes = photo.bytes
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << UInt8(bit)
                let problem = Self.impossible(PhotoMetadata(reading: bytes[...]))
                #expect(problem == nil, "byte \(index), bit \(bit)")
                bytes[index] ^= 1 << UInt8(bit)
            }
        }
    }

    @Test func `bytes may be anything in several places at once`() {
        forAll(cases: 3_000) { random, replay in
            var photo = MadePhoto.complete
            photo.isBigEndian = Bool.random(using: &random)
            var bytes = photo.bytes
            for _ in 0..<random.pick(in: 1...12) {
                // Often a number that leads far away or back to itself.
                bytes[random.pick(below: bytes.count)] = random.pick(from: [0, 1, 8, 0x7F, 0x80, 0xFF, random.byte()])
            }
            if random.isOnce(in: 4) { bytes.removeFirst(random.pick(below: 40)) }
            let read = PhotoMetadata(reading: bytes[...])
            #expect(Self.impossible(read) == nil, "\(replay)")
            // Where the bytes lie in an array makes no difference.
            let moved = [0xFF, 0xD8, 0xFF] + bytes
            #expect(PhotoMetadata(reading: moved[3...]) == read, "\(replay)")
        }
    }

    @Test func `pointers may lead to themselves, to each other and outside`() {
        for pointer in [0, 4, 8, 10, 20, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF] {
            var photo = MadePhoto.complete
            photo.main += [(0x8769, .long(pointer)), (0x8825, .long(pointer))]
            let read = PhotoMetadata(reading: photo.bytes[...])
            #expect(Self.impossible(read) == nil && read.orientation == 6 && read.position == nil, "\(pointer)")
        }
    }

    @Test(arguments: [
        MadePhoto.Value.raw(kind: 2, count: 0xFFFF_FFFF, field: [8, 0, 0, 0]),
        .raw(kind: 2, count: 0, field: [65, 66, 67, 0]),
        .raw(kind: 2, count: 20, field: [0xFF, 0xFF, 0xFF, 0xFF]), .raw(kind: 7, count: 4, field: [65, 66, 67, 0]),
        .raw(kind: 2, count: 2, field: [0xC3, 0x28, 0, 0]), .raw(kind: 0, count: 1, field: [65, 0, 0, 0]),
        .raw(kind: 65_535, count: 1, field: [65, 0, 0, 0]), .short(65),
    ])
    func `an entry that lies about itself is none`(value: MadePhoto.Value) {
        var photo = MadePhoto()
        photo.main = [(0x010F, value), (0x0112, .short(3))]
        let read = PhotoMetadata(reading: photo.bytes[...])
        #expect(read.make == nil && read.orientation == 3)
    }

    @Test func `megabytes of headers are read once`() {
        // 60 MB of fill bytes, of segments of nothing, and of boxes: only the head is looked at.
        let fill = [0xFF, 0xD8] + Array(repeating: UInt8(0xFF), count: 60_000_000)
        #expect(PhotoMetadata(reading: fill[...]).size == nil)
        let segments = [0xFF, 0xD8] + Array(repeating: [UInt8](arrayLiteral: 0xFF, 0xE1, 0, 2), count: 15_000).joined()
        #expect(PhotoMetadata(reading: Array(segments)[...]).size == nil)
    }
}
