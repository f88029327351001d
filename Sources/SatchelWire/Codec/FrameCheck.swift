import CZlib

/// The checksum behind each frame of a binary reply: CRC-32 as gzip has it (RFC 1952), least significant byte first.
///
/// A device acts on a frame as soon as it is there, long before the checksum of the whole body comes. A turned bit in a verdict would
/// be kept for good by then.
package enum FrameCheck {
    /// How many bytes it takes.
    package static let byteCount = 4

    /// The checksum of a frame's message.
    package static func bytes(of message: [UInt8]) -> [UInt8] {
        let sum = unsafe message.withUnsafeBufferPointer { buffer in
            unsafe crc32(0, buffer.baseAddress, UInt32(buffer.count))
        }
        return (0..<byteCount).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    }
}
