/// Text that is compared, ordered and hashed by its UTF-8 bytes.
///
/// Swift's `==` on strings is canonical equivalence: `é` typed as one scalar equals `é` typed as two. Two replicas whose
/// bytes differ must not call themselves equal, so field values never compare as `String`.
public struct UTF8Text: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The text as typed.
    public let string: String

    /// Keeps `string` as it is.
    public init(_ string: String) { self.string = string }

    /// Keeps the literal as it is.
    public init(stringLiteral value: String) { string = value }

    /// The text as typed.
    public var description: String { string }

    /// Whether both have the same bytes.
    public static func == (left: UTF8Text, right: UTF8Text) -> Bool {
        // The same storage is the same text: most comparisons are of a value with itself.
        if unsafe unsafeBitCast(left.string, to: (UInt64, UInt64).self)
            == unsafeBitCast(right.string, to: (UInt64, UInt64).self)
        {
            return true
        }
        let (one, other) = (left.string.utf8, right.string.utf8)
        guard one.count == other.count else { return false }
        // The bytes of native strings lie in one piece; others are compared one by one.
        let isEqual = unsafe one.withContiguousStorageIfAvailable { bytes in
            unsafe other.withContiguousStorageIfAvailable { unsafe bytes.elementsEqual($0) }
        }
        return (isEqual ?? nil) ?? one.elementsEqual(other)
    }

    /// Byte order.
    public static func < (left: UTF8Text, right: UTF8Text) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) {
        let isHashed: Void? = unsafe string.utf8.withContiguousStorageIfAvailable { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if isHashed == nil { for byte in string.utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }
}
