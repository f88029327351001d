/// Reads the boxes of a HEIF file that tell its kind, its size and where its EXIF block lies (ISO/IEC 14496-12, 23008-12).
enum HEIFReader {
    /// What the file type box says; `nil` for a file that has none, or is no picture.
    static func format(of file: PhotoBytes) -> PhotoMetadata.Format? {
        guard let type = Box(file, at: 0), type.isOf("ftyp") else { return nil }
        // The brand that it is, a version, then brands that it may be read as.
        for offset in [0] + Array(stride(from: 8, to: min(type.content.count, brandBytesMax), by: 4)) {
            if let format = format(ofBrandAt: offset, in: type.content) { return format }
        }
        return ["mif1", "msf1"].contains { type.content.has($0) } ? .heif : nil
    }

    /// A file has a handful of brands.
    private static let brandBytesMax = 256

    private static func format(ofBrandAt offset: Int, in content: PhotoBytes) -> PhotoMetadata.Format? {
        if ["heic", "heix", "heim", "heis", "hevc", "hevx"].contains(where: { content.has($0, at: offset) }) {
            return .heic
        }
        return ["avif", "avis"].contains { content.has($0, at: offset) } ? .avif : nil
    }

    /// Reads size and turn of the primary picture, and the EXIF block of the file.
    static func read(_ file: PhotoBytes, into metadata: inout PhotoMetadata) {
        // A full box has a version and flags before its content.
        guard let meta = box("meta", in: file)?.after(4) else { return }
        if let block = exifBlock(meta, of: file) { ExifReader.read(block, into: &metadata) }
        // What a decoder turns by stands in the boxes; what EXIF says of it need not be so any more.
        metadata.orientation = nil
        guard let primary = box("pitm", in: meta),
            let item = primary.number(4, width: primary.byte(0) == 0 ? 2 : 4),
            let properties = box("iprp", in: meta), let list = box("ipco", in: properties),
            let associations = box("ipma", in: properties)
        else { return }
        var isMirrored = false
        let wanted = Set(indices(of: item, in: associations))
        var (offset, index) = (0, 1)
        while let property = Box(list, at: offset) {
            if wanted.contains(index) {
                if property.isOf("ispe"), metadata.size == nil {
                    metadata.size = PhotoMetadata.Size(
                        width: property.content.number(4, width: 4), height: property.content.number(8, width: 4))
                } else if property.isOf("irot") {
                    // Quarters of a turn against the clock.
                    metadata.orientation = property.content.byte(0).map { [1, 8, 3, 6][Int($0 & 3)] }
                } else if property.isOf("imir") {
                    isMirrored = true
                }
            }
            (offset, index) = (property.end, index + 1)
        }
        // Mirrored and turned, it depends on which of them came first.
        if isMirrored { metadata.orientation = nil }
    }

    /// The block of the first EXIF item, where it lies in the file in one piece.
    private static func exifBlock(_ meta: PhotoBytes, of file: PhotoBytes) -> PhotoBytes? {
        guard let items = box("iinf", in: meta), let locations = box("iloc", in: meta), let item = exifItem(items),
            let place = HEIFLocations(locations)?.place(of: item),
            let content = file.part(place.offset, count: place.count), let skipped = content.number(0, width: 4)
        else { return nil }
        return content.after(4 + skipped)
    }

    /// The number of the first item that is EXIF.
    private static func exifItem(_ items: PhotoBytes) -> Int? {
        var offset = items.byte(0) == 0 ? 6 : 8
        while let entry = Box(items, at: offset) {
            let width = entry.content.byte(0) == 2 ? 2 : 4
            if entry.isOf("infe"), (2...3).contains(entry.content.byte(0) ?? 0),
                entry.content.has("Exif", at: 6 + width)
            {
                return entry.content.number(4, width: width)
            }
            offset = entry.end
        }
        return nil
    }

    /// The content of the first box of a kind.
    private static func box(_ kind: StaticString, in content: PhotoBytes) -> PhotoBytes? {
        var offset = 0
        while let box = Box(content, at: offset) {
            if box.isOf(kind) { return box.content }
            offset = box.end
        }
        return nil
    }

    /// Which properties an item has, as numbers from 1.
    private static func indices(of item: Int, in associations: PhotoBytes) -> [Int] {
        guard let version = associations.byte(0), let flags = associations.byte(3),
            let count = associations.number(4, width: 4)
        else { return [] }
        let (nameWidth, indexWidth) = (version == 0 ? 2 : 4, flags & 1 == 0 ? 1 : 2)
        var offset = 8
        for _ in 0..<count {
            guard let name = associations.number(offset, width: nameWidth),
                let indexCount = associations.byte(offset + nameWidth)
            else { return [] }
            offset += nameWidth + 1
            let (width, size) = (indexWidth, Int(indexCount) * indexWidth)
            if name == item {
                guard let indices = associations.part(offset, count: size) else { return [] }
                // The highest bit says that a reader must know the property.
                let mask = width == 1 ? 0x7F : 0x7FFF
                return stride(from: 0, to: size, by: width).compactMap { place in
                    indices.number(place, width: width).map { $0 & mask }
                }
            }
            offset += size
        }
        return []
    }
}

/// Where the items of a HEIF file lie (ISO/IEC 14496-12, 8.11.3).
private struct HEIFLocations {
    private let box: PhotoBytes
    private let version: UInt8
    /// How many bytes an offset, a length, a base and an index have: 0, 4 or 8.
    private let widths: (offset: Int, length: Int, base: Int, index: Int)

    init?(_ box: PhotoBytes) {
        guard let version = box.byte(0), version <= 2, let first = box.byte(4), let second = box.byte(5) else {
            return nil
        }
        self.box = box
        self.version = version
        widths = (Int(first >> 4), Int(first & 15), Int(second >> 4), version == 0 ? 0 : Int(second & 15))
        guard [widths.offset, widths.length, widths.base, widths.index].allSatisfy([0, 4, 8].contains) else {
            return nil
        }
    }

    /// Where an item lies; `nil` unless it is in the file itself and in one piece.
    func place(of item: Int) -> (offset: Int, count: Int)? {
        let nameWidth = version == 2 ? 4 : 2
        guard let count = box.number(6, width: nameWidth) else { return nil }
        var offset = 6 + nameWidth
        let extentSize = widths.index + widths.offset + widths.length
        for _ in 0..<count {
            guard let name = box.number(offset, width: nameWidth) else { return nil }
            offset += nameWidth
            var method = 0
            if version > 0 {
                method = (box.number(offset, width: 2) ?? 0) & 15
                offset += 2
            }
            guard let source = box.number(offset, width: 2), let base = wide(offset + 2, widths.base),
                let extentCount = box.number(offset + 2 + widths.base, width: 2)
            else { return nil }
            offset += 4 + widths.base
            if name == item {
                guard method == 0, source == 0, extentCount == 1,
                    let start = wide(offset + widths.index, widths.offset),
                    let length = wide(offset + widths.index + widths.offset, widths.length)
                else { return nil }
                return (base + start, length)
            }
            offset += extentCount * extentSize
        }
        return nil
    }

    /// A number of 0, 4 or 8 bytes; `nil` for 2⁵⁶ and more, where no file ends.
    private func wide(_ offset: Int, _ width: Int) -> Int? {
        guard width == 8 else { return box.number(offset, width: width) }
        return box.byte(offset) == 0 ? box.number(offset + 1, width: 7) : nil
    }
}

/// A box of an ISO base media file.
private struct Box {
    private let header: PhotoBytes
    /// What is in it, as far as the bytes go.
    let content: PhotoBytes
    /// Where the next box begins.
    let end: Int

    /// The box at an offset; `nil` where it does not lie inside, header and all.
    init?(_ bytes: PhotoBytes, at offset: Int) {
        guard let header = bytes.part(offset, count: 8), let short = header.number(0, width: 4) else { return nil }
        var (size, headerSize) = (short, 8)
        if short == 1 {
            // The size stands behind the kind; nothing of 2⁵⁶ bytes is read here.
            guard bytes.byte(offset + 8) == 0, let long = bytes.number(offset + 9, width: 7) else { return nil }
            (size, headerSize) = (long, 16)
        }
        // A size of 0, to the end of the file, is the last box's: nothing that is read here.
        guard size >= headerSize, let content = bytes.part(offset + headerSize, count: size - headerSize) else {
            return nil
        }
        self.header = header
        self.content = content
        end = offset + size
    }

    func isOf(_ kind: StaticString) -> Bool { header.has(kind, at: 4) }
}
