import SatchelClient
import Testing

@Suite struct PhotoFormatTests {
    private static func read(_ bytes: [UInt8]) -> PhotoMetadata { PhotoMetadata(reading: bytes[...]) }

    private static func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func little(_ value: Int, _ width: Int) -> [UInt8] { number(value, width).reversed() }

    @Test func `bytes that are no picture have no format, whatever they begin with`() {
        for bytes in [
            [], [0xFF], [0xFF, 0xD8], Array("GIF89a".utf8), Array("RIFF\0\0\0\0AVI ".utf8), Array("ftypheic".utf8),
        ] {
            #expect(Self.read(bytes) == PhotoMetadata())
        }
    }

    @Test(arguments: [(640, 480), (1, 1), (0x7FFF_FFFF, 2)]) func `a PNG has its size in the first chunk`(
        width: Int, height: Int
    ) {
        let bytes =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.number(13, 4) + Array("IHDR".utf8)
            + Self.number(width, 4) + Self.number(height, 4) + [8, 6, 0, 0, 0]
        #expect(Self.read(bytes).format == .png)
        #expect(Self.read(bytes).size == PhotoMetadata.Size(width: width, height: height))
        #expect(Self.read(Array(bytes.prefix(23))).size == nil)
    }

    @Test func `a PNG of no pixels, or with another chunk first, has no size`() {
        let start: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        for (kind, width) in [("IHDR", 0), ("IHDR", 0x8000_0000), ("CgBI", 9)] {
            let bytes = start + Self.number(13, 4) + Array(kind.utf8) + Self.number(width, 4) + Self.number(9, 4)
            #expect(Self.read(bytes).format == .png && Self.read(bytes).size == nil)
        }
    }

    private static func webP(_ kind: String, _ content: [UInt8], length: Int? = nil) -> [UInt8] {
        Array("RIFF".utf8) + little(content.count + 12, 4) + Array("WEBP".utf8) + Array(kind.utf8)
            + little(length ?? content.count, 4) + content
    }

    @Test func `each of the three kinds of WebP has its size`() {
        let lossy = Self.webP(
            "VP8 ", [0x10, 0, 0, 0x9D, 0x01, 0x2A] + Self.little(550 | 0x4000, 2) + Self.little(368, 2))
        #expect(Self.read(lossy).format == .webp)
        #expect(Self.read(lossy).size == PhotoMetadata.Size(width: 550, height: 368))
        let lossless = Self.webP("VP8L", [0x2F] + Self.little(399 | 300 << 14, 4))
        #expect(Self.read(lossless).size == PhotoMetadata.Size(width: 400, height: 301))
        let extended = Self.webP("VP8X", [0, 0, 0, 0] + Self.little(4_031, 3) + Self.little(3_023, 3))
        #expect(Self.read(extended).size == PhotoMetadata.Size(width: 4_032, height: 3_024))
    }

    @Test func `a WebP that contradicts itself has no size`() {
        let between = Self.webP("VP8 ", [0x11, 0, 0, 0x9D, 0x01, 0x2A, 1, 0, 1, 0])
        let unsigned = Self.webP("VP8L", [0x2E, 0, 0, 0, 0])
        let long = Self.webP("VP8X", Array(repeating: 0, count: 10), length: 0x7FFF_FFFF)
        for bytes in [between, unsigned, long, Self.webP("ALPH", [0, 0, 0, 0])] {
            #expect(Self.read(bytes).format == .webp && Self.read(bytes).size == nil)
        }
    }

    private static func box(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        number(content.count + 8, 4) + Array(kind.utf8) + content
    }

    /// A HEIF file with a thumbnail, item 1, and a picture, item 2, which is the primary one.
    private static func heif(
        brands: [String], indices: [UInt8] = [0x83, 2], before: [UInt8] = [], version: UInt8 = 0
    ) -> [UInt8] {
        let type = box("ftyp", Array(brands[0].utf8) + [0, 0, 0, 0] + brands.flatMap { Array($0.utf8) })
        let extents = [(160, 120), (4_032, 3_024)].map { size in
            box("ispe", [0, 0, 0, 0] + number(size.0, 4) + number(size.1, 4))
        }
        let name = version == 0 ? 2 : 4
        let properties = box(
            "iprp",
            box("ipco", extents[0] + extents[1] + box("irot", [1]))
                + box(
                    "ipma",
                    [version, 0, 0, 0] + number(2, 4) + number(1, name) + [1, 1] + number(2, name)
                        + [UInt8(indices.count)] + indices))
        let primary = box("pitm", [version, 0, 0, 0] + number(2, name))
        return type + before + box("meta", [0, 0, 0, 0] + box("hdlr", [0, 0, 0, 0]) + primary + properties)
    }

    @Test(arguments: [
        (["heic", "mif1"], PhotoMetadata.Format.heic), (["mif1", "heic"], .heic), (["mif1", "heix"], .heic),
        (["avif", "mif1"], .avif), (["mif1", "miaf"], .heif),
    ])
    func `a HEIF file is what its brands say, and has the size of its primary picture`(
        brands: [String], format: PhotoMetadata.Format
    ) {
        for version: UInt8 in [0, 1] {
            let read = Self.read(Self.heif(brands: brands, version: version))
            #expect(read.format == format)
            #expect(read.size == PhotoMetadata.Size(width: 4_032, height: 3_024))
        }
    }

    @Test func `what stands before the boxes that are read is stepped over`() {
        let long = Self.number(1, 4) + Array("mdat".utf8) + Self.number(24, 8) + Array(repeating: 9, count: 8)
        #expect(Self.read(Self.heif(brands: ["heic"], before: long)).size?.width == 4_032)
        #expect(Self.read(Self.heif(brands: ["heic"], before: Self.box("free", []))).size?.width == 4_032)
    }

    @Test func `boxes that go on for ever end the reading`() {
        let brands = ["heic"]
        // A size less than its header, a size of 2⁶³, and one to the end of the file.
        for head in [Self.number(4, 4), Self.number(1, 4), Self.number(0, 4)] {
            let endless = head + Array("free".utf8) + Array(repeating: 0x80, count: 8)
            #expect(Self.read(Self.heif(brands: brands, before: endless)).size == nil)
        }
        // No such property, none at all, and more properties named than there are.
        for indices: [UInt8] in [[9], [], [3], Array(repeating: 0x7F, count: 255)] {
            #expect(Self.read(Self.heif(brands: brands, indices: indices)).size == nil)
        }
        #expect(Self.read(Self.box("ftyp", Array("isom\0\0\0\0isommp42".utf8))) == PhotoMetadata())
    }
}
