import Foundation
import SatchelClient
import SatchelTestSupport
import Testing

/// The EXIF block in files that are no JPEG.
@Suite struct PhotoContainerTests {
    private static let whole = PhotoMetadata(reading: MadePhoto.complete.bytes[...])

    private static func read(_ bytes: [UInt8]) -> PhotoMetadata { PhotoMetadata(reading: bytes[...]) }

    @Test(arguments: [true, false]) func `a block says the same in a PNG, a WebP and a HEIC as in a JPEG`(
        isBigEndian: Bool
    ) {
        var photo = MadePhoto.complete
        photo.isBigEndian = isBigEndian
        var expected = Self.whole
        #expect(expected.position != nil && expected.taken?.offset == 480 && expected.orientation == 6)
        expected.format = .png
        #expect(Self.read(photo.png) == expected)
        expected.format = .webp
        #expect(Self.read(photo.webP()) == expected && Self.read(photo.webP(saysExif: true)) == expected)
        expected.format = .heic
        for place: MadePhoto.Place in [.narrow, .wide, .withBase] {
            #expect(Self.read(photo.heif(quarters: 3, place: place)) == expected, "\(place)")
        }
    }

    @Test func `a HEIC is turned by its boxes, whatever its block says`() {
        let turns = [nil, 0, 1, 2, 3].map { Self.read(MadePhoto.complete.heif(quarters: $0)).orientation }
        #expect(turns == [nil, 1, 8, 3, 6])
        #expect(Self.read(MadePhoto.complete.heif(quarters: 1, isMirrored: true)).orientation == nil)
    }

    @Test(arguments: [MadePhoto.Place.inPieces, .inside])
    func `a block that is not in the file in one piece is left alone`(
        place: MadePhoto.Place
    ) {
        let read = Self.read(MadePhoto.complete.heif(quarters: 0, place: place))
        #expect(read.size == Self.whole.size && read.taken == nil && read.make == nil)
    }

    @Test func `files that were cut or have bits turned say no more`() {
        let photo = MadePhoto.complete
        for var bytes in [photo.png, photo.webP(), photo.heif(quarters: 3), photo.heif(quarters: 3, place: .wide)] {
            let whole = Self.read(bytes)
            for count in bytes.indices {
                let part = PhotoMetadata(reading: bytes.prefix(count))
                #expect(part.format == nil || part.format == whole.format)
                #expect(part.size == nil || part.size == whole.size)
                #expect(part.taken == nil || part.taken == whole.taken)
                #expect(part.position == nil || part.position == whole.position)
                #expect(part.orientation == nil || part.orientation == whole.orientation)
            }
            for index in bytes.indices {
                for bit in 0..<8 {
                    bytes[index] ^= 1 << UInt8(bit)
                    let read = Self.read(bytes)
                    #expect(read.orientation.map { (1...8).contains($0) } ?? true, "byte \(index), bit \(bit)")
                    #expect(read.size.map { $0.width > 0 && $0.height > 0 } ?? true, "byte \(index), bit \(bit)")
                    bytes[index] ^= 1 << UInt8(bit)
                }
            }
        }
    }

    @Test(.enabled(if: ExifTool.path != nil, "needs exiftool, which is not installed; .ci/run installs it"))
    func `exiftool says the same of each`() async throws {
        let folder = try TemporaryFolder()
        let photo = MadePhoto.complete
        let made = [
            ("a.jpg", photo.bytes), ("b.png", photo.png), ("c.webp", photo.webP()), ("d.heic", photo.heif(quarters: 3)),
            ("e.heic", photo.heif(quarters: 3, place: .wide)), ("f.heic", photo.heif(quarters: 3, place: .withBase)),
        ]
        for (name, bytes) in made { try Data(bytes).write(to: folder[name]) }
        for (file, told) in try await ExifTool.read(made.map { folder[$0.0] }) {
            let own = ToldOfPhoto(Self.read([UInt8](try Data(contentsOf: file))))
            let tolerance = ToldOfPhoto.Tolerance(degrees: 1e-7, metres: 1, direction: 0.006)
            #expect(own.fieldsThatDiffer(from: told, tolerance: tolerance) == [], "\(file.lastPathComponent)")
        }
    }
}
