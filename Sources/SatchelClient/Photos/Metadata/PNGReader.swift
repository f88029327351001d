/// Reads the header of a PNG file, and finds its EXIF block.
enum PNGReader {
    /// The size in the header, which is the first chunk (ISO/IEC 15948, 11.2.2).
    static func size(of file: PhotoBytes) -> PhotoMetadata.Size? {
        guard file.number(8, width: 4) == 13, file.has("IHDR", at: 12) else { return nil }
        guard let width = file.number(16, width: 4), let height = file.number(20, width: 4),
            width <= Int32.max, height <= Int32.max
        else { return nil }
        return PhotoMetadata.Size(width: width, height: height)
    }

    /// The first EXIF chunk.
    static func exifBlock(of file: PhotoBytes) -> PhotoBytes? {
        var offset = 8
        while let length = file.number(offset, width: 4), let chunk = file.part(offset + 8, count: length) {
            if file.has("eXIf", at: offset + 4) { return chunk }
            // Length, kind and checksum have four bytes each.
            offset += 12 + length
        }
        return nil
    }
}

/// Reads the header of a WebP file (RFC 9649), and finds its EXIF block.
enum WebPReader {
    /// The size in the first chunk: the canvas of an extended file, else the picture.
    static func size(of file: PhotoBytes) -> PhotoMetadata.Size? {
        let content = file.ordered(isBigEndian: false).after(20)
        if file.has("VP8X", at: 12) {
            guard file.ordered(isBigEndian: false).number(16, width: 4) == 10 else { return nil }
            return PhotoMetadata.Size(
                width: content.number(4, width: 3).map { $0 + 1 }, height: content.number(7, width: 3).map { $0 + 1 })
        }
        if file.has("VP8L", at: 12), content.byte(0) == 0x2F, let bits = content.number(1, width: 4) {
            return PhotoMetadata.Size(width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1)
        }
        // A key frame has bit 0 of its first byte clear; its size stands behind the start code.
        guard file.has("VP8 ", at: 12), let tag = content.byte(0), tag & 1 == 0, content.has([0x9D, 0x01, 0x2A], at: 3)
        else { return nil }
        return PhotoMetadata.Size(
            width: content.number(6, width: 2).map { $0 & 0x3FFF },
            height: content.number(8, width: 2).map { $0 & 0x3FFF })
    }

    /// The first EXIF chunk; some programs put the word before the block that stands there in JPEG.
    static func exifBlock(of file: PhotoBytes) -> PhotoBytes? {
        let numbers = file.ordered(isBigEndian: false)
        var offset = 12
        while let length = numbers.number(offset + 4, width: 4), let chunk = file.part(offset + 8, count: length) {
            if file.has("EXIF", at: offset) { return chunk.has("Exif\0\0") ? chunk.after(6) : chunk }
            // Chunks begin at even places.
            offset += 8 + length + length % 2
        }
        return nil
    }
}
