import Dispatch
import Foundation
import Synchronization

/// Notices that a network came up: an interface got its carrier or an address, or a way to elsewhere was learnt.
///
/// It asks the kernel (rtnetlink(7), Linux), which needs no right; elsewhere there is no such watch, and time has to tell.
final class NetworkWatch: Sendable {
    #if os(Linux)
        private let source: Mutex<any DispatchSourceRead>

        /// Watches from now until it is released; `nil` where the system has no watch to give.
        ///
        /// `onUp` runs on a queue of its own, once for all that happened meanwhile.
        init?(onUp: @escaping @Sendable () -> Void) {
            let descriptor = socket(
                AF_NETLINK, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            guard Self.join(descriptor) else {
                Glibc.close(descriptor)
                return nil
            }
            let source = DispatchSource.makeReadSource(
                fileDescriptor: descriptor, queue: DispatchQueue(label: "satchel.network"))
            source.setEventHandler {
                if Self.hearsOfNetwork(descriptor) { onUp() }
            }
            source.setCancelHandler { Glibc.close(descriptor) }
            source.activate()
            self.source = Mutex(source)
        }

        deinit { source.withLock { $0.cancel() } }

        /// Asks for news of links, addresses and routes: a `sockaddr_nl` in three words (family and padding, process, groups), since
        /// Glibc's module does not have it.
        private static func join(_ descriptor: CInt) -> Bool {
            let groups: UInt32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
            let address = [UInt32(AF_NETLINK), 0, groups]
            let length = socklen_t(address.count * 4)
            return unsafe address.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return false }
                return unsafe bind(descriptor, start.assumingMemoryBound(to: sockaddr.self), length) == 0
            }
        }

        private static func hearsOfNetwork(_ descriptor: CInt) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            var isUp = false
            while true {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 {
                    isUp = NetworkNotice.tellsOfNetwork(buffer[..<count]) || isUp
                } else if count < 0, errno == EINTR {
                    continue
                } else {
                    // Where the kernel had more to say than was read in time, something happened.
                    return isUp || count < 0 && errno == ENOBUFS
                }
            }
        }
    #else
        init?(onUp: @escaping @Sendable () -> Void) { return nil }
    #endif
}

/// What the kernel tells of networks, as far as it is understood here.
package enum NetworkNotice {
    /// Whether messages of rtnetlink tell of a network that came up.
    ///
    /// A message is a head of 16 bytes (length, type, flags, …, the least significant byte first) and what it is about.
    package static func tellsOfNetwork(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while rest.count >= headBytes {
            let length = number(rest, at: 0, count: 4)
            guard length >= headBytes, length <= rest.count else { return false }
            switch number(rest, at: 4, count: 2) {
            case newAddress, newRoute: return true
            case newLink where length >= headBytes + 12:
                if number(rest, at: headBytes + 8, count: 4) & running != 0 { return true }
            default: break
            }
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return false
    }

    private static let headBytes = 16
    private static let newLink = 16, newAddress = 20, newRoute = 24
    /// `IFF_RUNNING`: the interface has a carrier.
    private static let running = 0x40

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int, count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[bytes.startIndex + offset + $1]) << (8 * $1) }
    }
}
