import SatchelSync

/// Reads the directories of an EXIF block that tell of the picture (CIPA DC-008, Exif 3.0).
///
/// Three directories are looked at, each once, wherever their pointers lead; chains are not followed.
enum ExifReader {
    /// Reads a block from its byte order mark on.
    static func read(_ block: PhotoBytes, into metadata: inout PhotoMetadata) {
        guard let block = ordered(block), block.number(2, width: 2) == 42, let first = block.number(4, width: 4),
            let main = ExifDirectory(block, at: first)
        else { return }
        metadata.make = main.name(0x010F)
        metadata.model = main.name(0x0110)
        metadata.orientation = main.number(0x0112).flatMap { (1...8).contains($0) ? $0 : nil }
        if let offset = main.number(0x8769), let exif = ExifDirectory(block, at: offset) {
            metadata.taken = moment(exif)
        }
        if let offset = main.number(0x8825), let gps = ExifDirectory(block, at: offset) {
            metadata.position = position(gps)
            metadata.direction = direction(gps)
        }
    }

    private static func ordered(_ block: PhotoBytes) -> PhotoBytes? {
        if block.has("II") { return block.ordered(isBigEndian: false) }
        return block.has("MM") ? block.ordered(isBigEndian: true) : nil
    }

    /// When the picture was taken; zeros and spaces, by which cameras say that they do not know, are no date.
    private static func moment(_ exif: ExifDirectory) -> PhotoMetadata.Moment? {
        var letters = Array((exif.text(0x9003) ?? "").utf8)
        guard letters.count == 19 else { return nil }
        for (index, letter) in [(4, "-"), (7, "-"), (10, "T")] as [(Int, Unicode.Scalar)] {
            let allowed: [UInt8] = index == 10 ? [0x20] : [UInt8(ascii: ":"), UInt8(ascii: "-")]
            guard allowed.contains(letters[index]) else { return nil }
            letters[index] = UInt8(ascii: letter)
        }
        let fraction = milliseconds(exif.text(0x9291))
        guard let local = Timestamp(String(decoding: letters, as: UTF8.self) + fraction + "Z"),
            local >= Timestamp(milliseconds: yearOne)
        else { return nil }
        return PhotoMetadata.Moment(local: local, offset: exif.text(0x9011).flatMap(offset))
    }

    /// Where year 1 begins: the year 0000 is a clock that was never set.
    private static let yearOne: Int64 = -62_135_596_800_000

    /// The fraction of a second, as the text of an instant has it; empty where there is none.
    private static func milliseconds(_ text: String?) -> String {
        let digits = (text ?? "").prefix { $0 != " " }
        guard !digits.isEmpty, digits.utf8.count <= 9, UInt64(decimalDigits: digits.utf8) != nil else { return "" }
        return "." + digits
    }

    /// Minutes ahead of UTC, from `+08:00`; `nil` for an offset that no place has.
    private static func offset(_ text: String) -> Int? {
        let letters = Array(text.utf8)
        guard letters.count == 6, letters[3] == UInt8(ascii: ":"),
            let hours = UInt64(decimalDigits: letters[1...2]), let minutes = UInt64(decimalDigits: letters[4...5]),
            minutes < 60
        else { return nil }
        let total = Int(hours * 60 + minutes)
        switch letters[0] {
        case UInt8(ascii: "+"): return total <= 14 * 60 ? total : nil
        case UInt8(ascii: "-"): return total <= 12 * 60 ? -total : nil
        default: return nil
        }
    }

    /// Where the picture was taken; `nil` without both hemispheres, and at 0, 0, which devices write that have no position.
    private static func position(_ gps: ExifDirectory) -> Location? {
        guard let latitude = degrees(gps, 2, max: 90), let longitude = degrees(gps, 4, max: 180),
            let isSouth = side(gps.text(1), "N", "S"), let isWest = side(gps.text(3), "E", "W"),
            latitude != 0 || longitude != 0
        else { return nil }
        let accuracy = gps.ratio(0x1F)?.scaled(by: 1, .up)
        return Location(
            latitude: Int64(isSouth ? -latitude : latitude), longitude: Int64(isWest ? -longitude : longitude),
            accuracy: accuracy.flatMap { $0 <= Location.accuracyMax ? Int64($0) : nil })
    }

    /// Whether a reference says the second of two words; `nil` where it says neither.
    private static func side(_ text: String?, _ first: String, _ second: String) -> Bool? {
        text == first ? false : text == second ? true : nil
    }

    /// Degrees, minutes and seconds as 10⁻⁷ degree.
    ///
    /// Some programs write minutes with a fraction and then 0/0 seconds; after whole minutes that is a place nobody knows.
    private static func degrees(_ gps: ExifDirectory, _ tag: Int, max: Int) -> Int? {
        guard let parts = gps.ratios(tag, count: 3), let degrees = parts[0], let minutes = parts[1],
            minutes.isAtMost(60), let seconds = parts[2] ?? (minutes.isWhole ? nil : .zero), seconds.isAtMost(60)
        else { return nil }
        // Summed in 10⁻⁹ degree, so that what is cut of the parts cannot be seen in the whole.
        var sum = 0
        for (part, share) in [(degrees, 1), (minutes, 60), (seconds, 3_600)] {
            guard let units = part.divided(by: share).scaled(by: 1_000_000_000, .toNearestOrAwayFromZero) else {
                return nil
            }
            sum += units
        }
        let units = (sum + 50) / 100
        return units <= max * 10_000_000 ? units : nil
    }

    private static func direction(_ gps: ExifDirectory) -> PhotoMetadata.Direction? {
        guard let ratio = gps.ratio(0x11), ratio.isAtMost(360),
            let hundredths = ratio.scaled(by: 100, .toNearestOrAwayFromZero)
        else { return nil }
        let isMagnetic = side(gps.text(0x10), "T", "M")
        return PhotoMetadata.Direction(
            hundredths: hundredths, north: isMagnetic.map { $0 ? .magnetic : .geographic })
    }
}
