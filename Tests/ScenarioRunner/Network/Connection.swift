import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A TCP connection on loopback, with calls that block: for threads of one's own.
package final class Connection: Sendable {
    package let descriptor: Int32

    /// Connects to a port of this machine.
    package init(port: Int) throws {
        descriptor = try Self.makeSocket()
        let status = unsafe Self.withAddress(port: port) { address, length in
            unsafe connect(descriptor, address, length)
        }
        guard status == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw AcceptanceFailure("Port \(port) takes no connection: \(reason)")
        }
    }

    /// Waits for a device that connects to a listening socket; `nil` when the socket is shut.
    package init?(acceptedBy listener: Int32) {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends all of it; whether the other end took it.
    @discardableResult package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What has come; empty when the other end is gone.
    package func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            return Array(buffer.prefix(max(count, 0)))
        }
    }

    /// Says that nothing more will be sent.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both directions, so that whoever waits for it wakes up.
    package func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Opens a socket that children do not inherit.
    package static func makeSocket() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw AcceptanceFailure("No socket could be made: \(errno)") }
        return descriptor
    }

    /// Opens a socket that listens on a free port of this machine; says which.
    package static func listen() throws -> (descriptor: Int32, port: Int) {
        let socket = try makeSocket()
        let bound = unsafe withAddress(port: 0) { address, length in unsafe bind(socket, address, length) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(socket, $0, &length)
            }
        }
        guard bound == 0, named == 0, Glibc.listen(socket, 16) == 0 else {
            throw AcceptanceFailure("The proxy cannot listen: \(errno)")
        }
        return (socket, Int(in_port_t(bigEndian: address.sin_port)))
    }

    /// The address of a port of this machine, for the kernel.
    static func withAddress<Result>(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }
}
