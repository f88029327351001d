package import SatchelSync

/// What a picture's bytes tell of it.
///
/// What is not there, is damaged or makes no sense is `nil`: nothing is guessed, and nothing is taken from the file's name.
package struct PhotoMetadata: Hashable, Sendable {
    /// A format that is known by its bytes.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// ISO/IEC 10918.
        case jpeg = "image/jpeg"
        /// ISO/IEC 15948.
        case png = "image/png"
        /// RFC 9649.
        case webp = "image/webp"
        /// ISO/IEC 23008-12 with pictures in HEVC.
        case heic = "image/heic"
        /// ISO/IEC 23008-12 with pictures in AV1.
        case avif = "image/avif"
        /// ISO/IEC 23008-12 with pictures in something else.
        case heif = "image/heif"

        /// The media type.
        package var mediaType: String { rawValue }
    }

    /// When a picture was taken, as the camera's clock said.
    package struct Moment: Hashable, Sendable {
        /// The date and time of day where it was taken, written as if that were UTC.
        package var local: Timestamp
        /// Minutes by which local time was ahead of UTC; `nil` where the file does not say.
        package var offset: Int?

        package init(local: Timestamp, offset: Int?) {
            self.local = local
            self.offset = offset
        }

        /// The instant, with an offset in minutes.
        package static func instant(local: Timestamp, offset: Int) -> Timestamp {
            Timestamp(milliseconds: local.milliseconds - Int64(offset) * 60_000)
        }
    }

    /// Where the camera looked.
    package struct Direction: Hashable, Sendable {
        /// From which north degrees are counted.
        package enum North: String, Hashable, Sendable {
            /// The pole of the earth's axis.
            case geographic
            /// Where a compass points.
            case magnetic
        }

        /// Hundredths of a degree, clockwise from north, 0 to 36,000.
        package var hundredths: Int
        /// `nil` where the file does not say.
        package var north: North?

        package init(hundredths: Int, north: North?) {
            self.hundredths = hundredths
            self.north = north
        }
    }

    /// Pixels from left to right and from top to bottom, as they are stored: before a turn that the orientation asks for.
    package struct Size: Hashable, Sendable {
        /// Pixels from left to right.
        package var width: Int
        /// Pixels from top to bottom.
        package var height: Int

        /// `nil` where there is not one pixel.
        package init?(width: Int?, height: Int?) {
            guard let width, let height, width > 0, height > 0 else { return nil }
            self.width = width
            self.height = height
        }
    }

    /// The format, by the bytes.
    package var format: Format?
    /// The size, from what a decoder goes by.
    package var size: Size?
    /// How the picture is to be turned, 1 to 8, as EXIF counts.
    package var orientation: Int?
    /// Who made the camera.
    package var make: String?
    /// What the camera is called.
    package var model: String?
    /// When it was taken; not when the file was last changed.
    package var taken: Moment?
    /// Where it was taken, with how far off that may be.
    package var position: Location?
    /// Where the camera looked.
    package var direction: Direction?

    /// How much of a file's head is enough: what stands behind it is not looked at.
    package static let headBytesMax = 4 * 1024 * 1024

    /// Nothing is known.
    package init() {}

    /// Reads a file, or its head.
    ///
    /// - Complexity: O(bytes), whatever they claim; a copy is made of texts alone.
    package init(reading bytes: ArraySlice<UInt8>) {
        let file = PhotoBytes(bytes.prefix(Self.headBytesMax))
        if file.has([0xFF, 0xD8, 0xFF]) {
            format = .jpeg
            JPEGReader.read(file, into: &self)
        } else if file.has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            format = .png
            size = PNGReader.size(of: file)
            if let block = PNGReader.exifBlock(of: file) { ExifReader.read(block, into: &self) }
        } else if file.has("RIFF"), file.has("WEBP", at: 8) {
            format = .webp
            size = WebPReader.size(of: file)
            if let block = WebPReader.exifBlock(of: file) { ExifReader.read(block, into: &self) }
        } else if let format = HEIFReader.format(of: file) {
            self.format = format
            HEIFReader.read(file, into: &self)
        }
    }

    /// Make and model in one, the make once.
    package var camera: String? {
        guard let make, let model else { return model ?? make }
        return model.lowercased().hasPrefix(make.lowercased()) ? model : "\(make) \(model)"
    }
}
