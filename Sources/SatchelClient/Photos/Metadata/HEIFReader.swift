/// Reads the boxes of a HEIF file that tell its kind and size (ISO/IEC 14496-12, 23008-12).
enum HEIFReader {
    /// What the file type box says; `nil` for a file that has none, or is no picture.
    static func format(of file: PhotoBytes) -> PhotoMetadata.Format? {
        guard let type = Box(file, at: 0), type.isOf("ftyp"), file.number(0, width: 4) != 0 else { return nil }
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

    /// The size of the primary picture.
    static func size(of file: PhotoBytes) -> PhotoMetadata.Size? {
        // A full box has a version and flags before its content.
        guard let meta = box("meta", in: file)?.after(4), let primary = box("pitm", in: meta),
            let item = primary.byte(0) == 0 ? primary.number(4, width: 2) : primary.number(4, width: 4),
            let properties = box("iprp", in: meta), let list = box("ipco", in: properties),
            let associations = box("ipma", in: properties)
        else { return nil }
        let wanted = Set(indices(of: item, in: associations))
        var (offset, index) = (0, 1)
        while let property = Box(list, at: offset) {
            if property.isOf("ispe"), wanted.contains(index) {
                return PhotoMetadata.Size(
                    width: property.content.number(4, width: 4), height: property.content.number(8, width: 4))
            }
            (offset, index) = (property.end, index + 1)
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
        } else if short == 0 {
            size = bytes.count - offset
        }
        guard size >= headerSize, let content = bytes.part(offset + headerSize, count: size - headerSize) else {
            return nil
        }
        self.header = header
        self.content = content
        end = offset + size
    }

    func isOf(_ kind: StaticString) -> Bool { header.has(kind, at: 4) }
}
