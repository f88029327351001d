import Foundation
import SatchelSync
import Synchronization

/// A connection that sends, byte by byte, what no HTTP client would, and does not read unless told to.
///
/// Its calls block, so they run on threads of their own.
final class RawPeer: Sendable {
    private let descriptor: Int32
    private let isClosed = Mutex(false)

    /// Connects to a port of this machine; a small `window` makes the other end wait for a reader early.
    init(port: Int, window: Int? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Self.unreachable }
        var patience = timeval(tv_sec: 40, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = unsafe setsockopt(
                descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        if var bytes = window.map({ Int32($0) }) {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Self.unreachable }
    }

    deinit { close() }

    /// Closes it at once.
    func close() {
        isClosed.withLock { isClosed in
            if !isClosed { Foundation.close(descriptor) }
            isClosed = true
        }
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends as much as the other end takes; whether that was all.
    @discardableResult func send(_ bytes: [UInt8]) async -> Bool {
        await Self.onThread { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Sends a text.
    @discardableResult func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

    /// All that comes until the other end closes.
    func readToEnd() async -> RawReply {
        await Self.onThread { [descriptor] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else {
                    let isTimeout = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
                    return RawReply(bytes: bytes, isEnded: !isTimeout)
                }
                bytes += buffer[0..<count]
            }
        }
    }

    /// What comes until it holds a text; less where the other end closes before.
    func read(until text: String) async -> String {
        await Self.onThread { [descriptor] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            while !String(decoding: bytes, as: UTF8.self).contains(text) {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                bytes += buffer[0..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// What comes until a reply with a length is whole; less where the other end closes before.
    func readReply() async -> RawReply {
        await Self.onThread { [descriptor] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            while !RawReply(bytes: bytes, isEnded: false).isWhole {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return RawReply(bytes: bytes, isEnded: true) }
                bytes += buffer[0..<count]
            }
            return RawReply(bytes: bytes, isEnded: false)
        }
    }

    /// Sends beside the reading, for a server may answer before it has taken all; reads to the end.
    static func exchange(_ bytes: [UInt8], port: Int) async throws -> RawReply {
        let peer = try RawPeer(port: port)
        async let isSent = peer.send(bytes)
        let reply = await peer.readToEnd()
        peer.close()
        _ = await isSent
        return reply
    }

    /// The same for a text.
    static func exchange(_ text: String, port: Int) async throws -> RawReply {
        try await exchange(Array(text.utf8), port: port)
    }

    private static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private static let unreachable = SatchelError(
        .networkUnavailable, "The server of the test cannot be reached.")
}

/// What came over a connection.
struct RawReply: Sendable {
    let bytes: [UInt8]
    /// Whether the other end closed.
    let isEnded: Bool

    /// The bytes as a text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The status of the first reply; 0 where there is none.
    var status: Int { Int(text.split(separator: " ", maxSplits: 2).dropFirst().first ?? "") ?? 0 }

    /// How many replies there are.
    var count: Int { text.ranges(of: "HTTP/1.1 ").count }

    /// The code of the problem that the last reply tells.
    var code: String? {
        guard let start = text.range(of: "\r\n\r\n", options: .backwards)?.upperBound else { return nil }
        let object = try? JSONSerialization.jsonObject(with: Data(text[start...].utf8))
        return (object as? [String: Any])?["code"] as? String
    }

    /// A field of the first reply's head.
    func header(_ name: String) -> String? {
        text.components(separatedBy: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    /// Whether a head and as many bytes as it announces are there.
    var isWhole: Bool {
        guard let end = text.range(of: "\r\n\r\n"), let length = header("content-length").flatMap({ Int($0) }) else {
            return false
        }
        return text[end.upperBound...].utf8.count >= length
    }
}
