import SatchelClient
import SatchelSync
import Testing

@Suite struct PhotoMetadataTests {
    private static func read(_ photo: MadePhoto) -> PhotoMetadata { PhotoMetadata(reading: photo.bytes[...]) }

    @Test(arguments: [true, false]) func `all that a phone writes is read, in both byte orders`(isBigEndian: Bool)
        throws
    {
        var photo = MadePhoto.complete
        photo.isBigEndian = isBigEndian
        let read = Self.read(photo)
        #expect(read.format == .jpeg)
        #expect(read.size == PhotoMetadata.Size(width: 4_032, height: 3_024))
        #expect(read.orientation == 6)
        #expect(read.make == "Aster" && read.model == "Aster 9 Pro" && read.camera == "Aster 9 Pro")
        #expect(
            read.taken == PhotoMetadata.Moment(local: try #require(Timestamp("2026-03-02T09:30:07.042Z")), offset: 480))
        #expect(read.position?.description == "31.2304000,121.4737000,5")
        #expect(read.direction == PhotoMetadata.Direction(hundredths: 9_125, north: .geographic))
    }

    @Test(arguments: [
        ("2026:03:02 09:30:07", "2026-03-02T09:30:07.000Z"), ("2026-03-02 09:30:07", "2026-03-02T09:30:07.000Z"),
        ("2024:02:29 23:59:59", "2024-02-29T23:59:59.000Z"), ("0000:00:00 00:00:00", nil), ("    :  :     :  :  ", nil),
        ("                   ", nil), ("", nil), ("2026:02:29 10:00:00", nil), ("2026:13:01 10:00:00", nil),
        ("2026:03:02 24:00:00", nil), ("2026:03:02 10:60:00", nil), ("2026:03:02 10:00:60", nil), ("2026:03:02", nil),
        ("2026:03:02 09:30:07+08:00", nil), ("2026:03:02T09:30:07", nil), ("0000:01:01 00:00:00", nil),
        ("二〇二六:03:02 09:30", nil),
    ])
    func `a date that no calendar has is none`(text: String, expected: String?) {
        var photo = MadePhoto()
        photo.exif = [(0x9003, .text(text))]
        #expect(Self.read(photo).taken?.local.description == expected)
        #expect(Self.read(photo).taken?.offset == nil)
    }

    @Test func `the time of the last change is not when a picture was taken`() {
        var photo = MadePhoto()
        photo.main = [(0x0132, .text("2026:03:02 09:30:07"))]
        photo.exif = [(0x9004, .text("2026:03:02 09:30:07")), (0x9011, .text("+08:00"))]
        #expect(Self.read(photo).taken == nil)
    }

    @Test(arguments: [
        ("+08:00", 480), ("-03:30", -210), ("+14:00", 840), ("-12:00", -720), ("+00:00", 0), ("-00:00", 0),
        ("+14:15", nil), ("-12:15", nil), ("+08:60", nil), ("   :  ", nil), ("+0800", nil), ("Z", nil), ("", nil),
        ("08:00 ", nil), ("+08:00:00", nil),
    ])
    func `an offset that no place has is none`(text: String, minutes: Int?) {
        var photo = MadePhoto.complete
        photo.exif[1] = (0x9011, .text(text))
        #expect(Self.read(photo).taken != nil)
        #expect(Self.read(photo).taken?.offset == minutes)
    }

    @Test(arguments: [
        ("042", "042"), ("5", "500"), ("12 ", "120"), ("123456", "123"), ("", "000"), ("   ", "000"), ("1x", "000"),
        ("-12", "000"), ("1234567890", "000"),
    ])
    func `a fraction of a second is digits alone`(text: String, milliseconds: String) {
        var photo = MadePhoto.complete
        photo.exif[2] = (0x9291, .text(text))
        #expect(Self.read(photo).taken?.local.description == "2026-03-02T09:30:07.\(milliseconds)Z")
    }

    /// The reference and the three ratios of a latitude, and what is read where the longitude is 7° east.
    struct Latitude: Sendable, CustomTestStringConvertible {
        var side: String?
        var parts: [[Int]]
        var expected: String?
        init(_ side: String?, _ parts: [[Int]], _ expected: String?) {
            (self.side, self.parts, self.expected) = (side, parts, expected)
        }
        var testDescription: String { "\(side ?? "no reference") \(parts)" }
    }

    @Test(arguments: [
        Latitude("N", [[51, 1], [1, 1], [30, 1]], "51.0250000"),
        Latitude("S", [[51, 1], [1, 1], [30, 1]], "-51.0250000"),
        Latitude("N", [[90, 1], [0, 1], [0, 1]], "90.0000000"),
        Latitude("N", [[1, 3], [0, 1], [0, 1]], "0.3333333"),
        Latitude("N", [[48, 1], [5_332_358, 100_000], [0, 1]], "48.8887263"),
        // A fraction of a minute stands for the seconds; after whole minutes nobody knows them.
        Latitude("N", [[48, 1], [5_332_358, 100_000], [0, 0]], "48.8887263"),
        Latitude("N", [[48, 1], [53, 1], [0, 0]], nil), Latitude("N", [[48, 1], [0, 0], [0, 1]], nil),
        Latitude("N", [[0, 0], [0, 0], [0, 0]], nil), Latitude("N", [[90, 1], [0, 1], [1, 1]], nil),
        Latitude("N", [[91, 1], [0, 1], [0, 1]], nil), Latitude("N", [[48, 1], [61, 1], [0, 1]], nil),
        Latitude("N", [[48, 1], [1, 1], [6_001, 100]], nil), Latitude("N", [[0xFFFF_FFFF, 1], [0, 1], [0, 1]], nil),
        Latitude("N", [[0xFFFF_FFFF, 0xFFFF_FFFF], [0xFFFF_FFFF, 0xFFFF_FFFF], [60, 1]], "1.0333333"),
        Latitude("N", [[48, 1], [53, 1]], nil), Latitude("N", [[48, 1]], nil),
        Latitude(nil, [[51, 1], [1, 1], [30, 1]], nil),
        Latitude("", [[51, 1], [1, 1], [30, 1]], nil), Latitude("E", [[51, 1], [1, 1], [30, 1]], nil),
        Latitude("North", [[51, 1], [1, 1], [30, 1]], nil),
    ])
    func `a latitude that is no place on the earth is none`(latitude: Latitude) {
        var photo = MadePhoto()
        if let side = latitude.side { photo.gps.append((1, .text(side))) }
        photo.gps += [
            (2, .ratios(latitude.parts.map { ($0[0], $0[1]) })), (3, .text("E")),
            (4, .ratios([(7, 1), (0, 1), (0, 1)])),
        ]
        #expect(Self.read(photo).position?.description == latitude.expected.map { $0 + ",7.0000000" })
    }

    @Test func `a position needs both halves, and zeros are what devices write that have none`() {
        var photo = MadePhoto.complete
        photo.gps[2] = (3, .text("W"))
        #expect(Self.read(photo).position?.description == "31.2304000,-121.4737000,5")
        photo.gps[3] = (4, .ratios([(180, 1), (0, 1), (1, 10)]))
        #expect(Self.read(photo).position == nil)
        photo.gps = [
            (1, .text("N")), (2, .ratios([(0, 1), (0, 1), (0, 1)])), (3, .text("E")),
            (4, .ratios([(0, 1), (0, 1), (0, 1)])),
        ]
        #expect(Self.read(photo).position == nil)
        photo.gps[3] = (4, .ratios([(7, 1), (0, 1), (0, 1)]))
        #expect(Self.read(photo).position?.description == "0.0000000,7.0000000")
    }

    @Test(
        arguments: [
            ([12, 1], 12), ([12, 5], 3), ([0, 1], 0), ([20_100_000, 1], 20_100_000), ([20_100_001, 1], nil),
            ([0, 0], nil),
            ([5, 0], nil), ([0xFFFF_FFFF, 1], nil),
        ] as [([Int], UInt32?)])
    func `the accuracy is rounded up, and none is not zero`(ratio: [Int], metres: UInt32?) {
        var photo = MadePhoto.complete
        photo.gps[6] = (0x1F, .ratios([(ratio[0], ratio[1])]))
        let position = Self.read(photo).position
        #expect(position != nil && position?.accuracy == metres)
    }

    @Test(
        arguments: [
            ([9_125, 100], "M", 9_125, PhotoMetadata.Direction.North.magnetic), ([0, 1], "T", 0, .geographic),
            ([360, 1], "T", 36_000, .geographic), ([1_740_660_173, 10_000_000], "", 17_407, nil),
            ([36_001, 100], "T", nil, nil),
            ([0, 0], "T", nil, nil),
        ] as [([Int], String, Int?, PhotoMetadata.Direction.North?)])
    func `a direction is part of a circle`(
        ratio: [Int], reference: String, hundredths: Int?, north: PhotoMetadata.Direction.North?
    ) {
        var photo = MadePhoto.complete
        photo.gps[4] = (0x10, .text(reference))
        photo.gps[5] = (0x11, .ratios([(ratio[0], ratio[1])]))
        #expect(Self.read(photo).direction == hundredths.map { PhotoMetadata.Direction(hundredths: $0, north: north) })
    }

    @Test(arguments: [(0, nil), (1, 1), (8, 8), (9, nil), (65_535, nil)] as [(Int, Int?)])
    func `an orientation is one of eight`(value: Int, expected: Int?) {
        var photo = MadePhoto()
        photo.main = [(0x0112, .short(value))]
        #expect(Self.read(photo).orientation == expected)
    }

    @Test(arguments: [
        ("Aster  ", "Aster"), ("  Aster", "Aster"), ("   ", nil), ("", nil), ("As\u{1B}[2J", nil), ("徕卡", "徕卡"),
        ("Ast\u{0}er", "Ast"),
    ])
    func `a name is without spaces at its ends and drives no terminal`(text: String, expected: String?) {
        var photo = MadePhoto()
        photo.main = [(0x010F, .text(text))]
        #expect(Self.read(photo).make == expected)
    }

    @Test(
        arguments: [
            ("Canon", "Canon EOS", "Canon EOS"), ("CANON", "Canon EOS", "Canon EOS"), ("HTC", "Desire", "HTC Desire"),
            (nil, "Desire", "Desire"), ("HTC", nil, "HTC"), (nil, nil, nil),
        ] as [(String?, String?, String?)])
    func `a camera names its maker once`(make: String?, model: String?, expected: String?) {
        var metadata = PhotoMetadata()
        (metadata.make, metadata.model) = (make, model)
        #expect(metadata.camera == expected)
    }

    @Test func `the first of two blocks counts, and one behind the frame header does not`() {
        let first = Array("Exif\0\0".utf8) + MadePhoto(main: [(0x0112, .short(3))]).block
        let second = Array("Exif\0\0".utf8) + MadePhoto(main: [(0x0112, .short(5)), (0x010F, .text("Aster"))]).block
        let frame: [UInt8] = [8, 0, 20, 0, 10, 1, 1, 0x11, 0]
        func read(_ segments: [(UInt8, [UInt8])]) -> PhotoMetadata {
            PhotoMetadata(reading: MadePhoto.file(segments)[...])
        }
        let both = read([(0xE1, first), (0xE1, second), (0xC2, frame)])
        #expect(both.orientation == 3 && both.make == nil && both.size == PhotoMetadata.Size(width: 10, height: 20))
        #expect(read([(0xC2, frame), (0xE1, first)]).orientation == nil)
        // Other uses of the segment, such as XMP, come before and between.
        #expect(read([(0xE1, Array("http://ns.adobe.com/xap/1.0/".utf8)), (0xE1, first)]).orientation == 3)
    }
}
