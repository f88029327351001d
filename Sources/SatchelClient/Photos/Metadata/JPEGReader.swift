/// Walks the segments of a JPEG file up to its picture (ITU-T T.81, annex B).
enum JPEGReader {
    /// Reads the size from the frame header and all else from the first EXIF segment.
    static func read(_ file: PhotoBytes, into metadata: inout PhotoMetadata) {
        var hasExif = false
        var offset = 2
        while let segment = next(file, &offset) {
            if isFrame(segment.marker) {
                metadata.size = size(segment.content)
                // Behind the frame header come tables and the picture; no EXIF segment does.
                return
            }
            if segment.marker == 0xE1, !hasExif, segment.content.has("Exif\0\0") {
                hasExif = true
                ExifReader.read(segment.content.after(6), into: &metadata)
            }
        }
    }

    /// The segment at `offset`, which then stands behind it; `nil` at the picture's data, at the end and at anything else.
    private static func next(_ file: PhotoBytes, _ offset: inout Int) -> (marker: UInt8, content: PhotoBytes)? {
        guard file.byte(offset) == 0xFF else { return nil }
        // Any number of fill bytes may stand before a marker.
        while file.byte(offset) == 0xFF { offset += 1 }
        guard let marker = file.byte(offset), !isBare(marker), let length = file.number(offset + 1, width: 2),
            length >= 2, let content = file.part(offset + 3, count: length - 2)
        else { return nil }
        offset += 1 + length
        return (marker, content)
    }

    /// Whether a marker has no segment, or the picture's data behind it.
    private static func isBare(_ marker: UInt8) -> Bool {
        switch marker {
        case 0x00, 0x01, 0xD0...0xDA: true
        default: false
        }
    }

    private static func isFrame(_ marker: UInt8) -> Bool {
        (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
    }

    /// The size in a frame header; a height of 0 says that it comes behind the first scan, where nobody looks for it.
    private static func size(_ header: PhotoBytes) -> PhotoMetadata.Size? {
        guard let components = header.byte(5), components > 0, header.count >= 6 + 3 * Int(components) else {
            return nil
        }
        return PhotoMetadata.Size(width: header.number(3, width: 2), height: header.number(1, width: 2))
    }
}
