/// A stretch of a file's bytes, read by position: every read is checked against its ends, and none of them can trap.
struct PhotoBytes {
    private let bytes: ArraySlice<UInt8>
    /// Whether numbers begin with their highest byte.
    let isBigEndian: Bool

    /// The whole of these bytes.
    init(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool = true) {
        self.bytes = bytes
        self.isBigEndian = isBigEndian
    }

    /// How many bytes there are.
    var count: Int { bytes.count }

    /// The byte at a position; `nil` outside.
    func byte(_ offset: Int) -> UInt8? {
        offset >= 0 && offset < bytes.count ? bytes[bytes.startIndex + offset] : nil
    }

    /// A number of `width` bytes, at most seven; `nil` where some of them lie outside.
    func number(_ offset: Int, width: Int) -> Int? {
        guard let part = part(offset, count: width) else { return nil }
        let digits = isBigEndian ? Array(part.bytes) : part.bytes.reversed()
        return digits.reduce(0) { $0 << 8 | Int($1) }
    }

    /// A stretch of it; `nil` where not all of it lies inside.
    func part(_ offset: Int, count: Int) -> PhotoBytes? {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        let start = bytes.startIndex + offset
        return PhotoBytes(bytes[start..<(start + count)], isBigEndian: isBigEndian)
    }

    /// What is behind a position; empty where that is behind the end.
    func after(_ offset: Int) -> PhotoBytes {
        PhotoBytes(bytes.dropFirst(max(offset, 0)), isBigEndian: isBigEndian)
    }

    /// The same bytes, with numbers read the other way or not.
    func ordered(isBigEndian: Bool) -> PhotoBytes { PhotoBytes(bytes, isBigEndian: isBigEndian) }

    /// Whether these bytes stand at a position.
    func has(_ word: StaticString, at offset: Int = 0) -> Bool {
        let word = word.description.utf8
        return part(offset, count: word.count).map { $0.bytes.elementsEqual(word) } ?? false
    }

    /// Whether these bytes stand at a position.
    func has(_ wanted: [UInt8], at offset: Int = 0) -> Bool {
        part(offset, count: wanted.count).map { $0.bytes.elementsEqual(wanted) } ?? false
    }

    /// The bytes as one text, up to the first zero; `nil` where they are no UTF-8.
    var text: String? { String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}
