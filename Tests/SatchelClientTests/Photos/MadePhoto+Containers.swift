extension MadePhoto {
    private static func big(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func little(_ value: Int, _ width: Int) -> [UInt8] { big(value, width).reversed() }

    /// A PNG file with the block behind its header; its checksums are zeros.
    var png: [UInt8] {
        func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
            Self.big(content.count, 4) + Array(kind.utf8) + content + [0, 0, 0, 0]
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", Self.big(width, 4) + Self.big(height, 4) + [8, 2, 0, 0, 0])
            + chunk("gAMA", [0, 0, 0xB1, 0x8F]) + chunk("eXIf", block) + chunk("IEND", [])
    }

    /// An extended WebP file with the block at its end, behind a picture of an odd number of bytes.
    func webP(saysExif: Bool = false) -> [UInt8] {
        func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
            Array(kind.utf8) + Self.little(content.count, 4) + content + (content.count.isMultiple(of: 2) ? [] : [0])
        }
        let content =
            chunk("VP8X", [8, 0, 0, 0] + Self.little(width - 1, 3) + Self.little(height - 1, 3))
            + chunk("VP8L", [0x2F, 0, 0, 0, 0]) + chunk("EXIF", (saysExif ? Array("Exif\0\0".utf8) : []) + block)
        return Array("RIFF".utf8) + Self.little(content.count + 4, 4) + Array("WEBP".utf8) + content
    }

    private static func box(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        big(content.count + 8, 4) + Array(kind.utf8) + content
    }

    private static func full(_ kind: String, version: UInt8 = 0, _ content: [UInt8]) -> [UInt8] {
        box(kind, [version, 0, 0, 0] + content)
    }

    /// How a HEIF file says where its items lie.
    enum Place: CaseIterable {
        case narrow, wide, withBase, inPieces, inside
    }

    /// A HEIF file whose item 1 is a picture and item 2 the block, turned by so many quarters against the clock.
    func heif(quarters: UInt8? = nil, isMirrored: Bool = false, place: Place = .narrow) -> [UInt8] {
        let type = Self.box("ftyp", Array("heic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8))
        let length = meta(quarters, isMirrored, place, blockAt: 0).count
        let meta = meta(quarters, isMirrored, place, blockAt: type.count + length + 8)
        return type + meta + Self.box("mdat", Self.big(6, 4) + Array("Exif\0\0".utf8) + block)
    }

    private func meta(_ quarters: UInt8?, _ isMirrored: Bool, _ place: Place, blockAt offset: Int) -> [UInt8] {
        func item(_ number: Int, _ kind: String) -> [UInt8] {
            Self.full("infe", version: 2, Self.big(number, 2) + [0, 0] + Array(kind.utf8) + [0])
        }
        var properties = Self.full("ispe", Self.big(width, 4) + Self.big(height, 4))
        var indices: [UInt8] = [1]
        if let quarters {
            properties += Self.box("irot", [quarters])
            indices.append(UInt8(indices.count + 1))
        }
        if isMirrored {
            properties += Self.box("imir", [0])
            indices.append(UInt8(indices.count + 1))
        }
        let ownership = Self.big(1, 4) + Self.big(1, 2) + [UInt8(indices.count)] + indices
        return Self.full(
            "meta",
            Self.full("hdlr", Array(repeating: 0, count: 4) + Array("pict".utf8)) + Self.full("pitm", Self.big(1, 2))
                + locations(place, blockAt: offset)
                + Self.full("iinf", Self.big(2, 2) + item(1, "hvc1") + item(2, "Exif"))
                + Self.box("iprp", Self.box("ipco", properties) + Self.full("ipma", ownership)))
    }

    private func locations(_ place: Place, blockAt offset: Int) -> [UInt8] {
        let size = block.count + 10
        let other = Self.big(1, 2) + [0, 0]
        switch place {
        case .narrow:
            return Self.full(
                "iloc",
                [0x44, 0x00] + Self.big(2, 2) + other + Self.big(1, 2) + Self.big(0, 8) + Self.big(2, 2) + [0, 0]
                    + Self.big(1, 2) + Self.big(offset, 4) + Self.big(size, 4))
        case .wide, .inside:
            // Version 1 has a method, 1 for bytes inside the box of all this, and an index of each extent.
            let method: [UInt8] = [0, place == .inside ? 1 : 0]
            return Self.full(
                "iloc", version: 1,
                [0x88, 0x08] + Self.big(1, 2) + Self.big(2, 2) + method + [0, 0] + Self.big(1, 2) + Self.big(7, 8)
                    + Self.big(offset, 8) + Self.big(size, 8))
        case .withBase:
            return Self.full(
                "iloc", version: 2,
                [0x04, 0x40] + Self.big(1, 4) + Self.big(2, 4) + [0, 0, 0, 0] + Self.big(offset, 4) + Self.big(1, 2)
                    + Self.big(size, 4))
        case .inPieces:
            return Self.full(
                "iloc",
                [0x44, 0x00] + Self.big(1, 2) + Self.big(2, 2) + [0, 0] + Self.big(2, 2) + Self.big(offset, 4)
                    + Self.big(100, 4) + Self.big(offset + 100, 4) + Self.big(size - 100, 4))
        }
    }
}
