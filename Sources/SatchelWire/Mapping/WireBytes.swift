import SatchelSync

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Ids and tokens as SwiftProtobuf keeps them.
enum WireBytes {
    /// Sixteen bytes, most significant first.
    static func id(_ high: UInt64, _ low: UInt64) -> Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        bytes.write(bigEndian: high)
        bytes.write(bigEndian: low)
        return Data(bytes)
    }

    /// The two halves of sixteen bytes; `nil` for any other number of bytes.
    static func halves(_ data: Data) -> (high: UInt64, low: UInt64)? {
        guard data.count == 16 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in data.prefix(8) { high = high << 8 | UInt64(byte) }
        for byte in data.suffix(8) { low = low << 8 | UInt64(byte) }
        return (high, low)
    }

    static func data(_ bytes: [UInt8]) -> Data { Data(bytes) }

    static func array(_ data: Data) -> [UInt8] { [UInt8](data) }
}
