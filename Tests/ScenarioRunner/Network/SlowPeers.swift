import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Many connections that bring a byte a second each, on one thread, until the server has ended them all.
package final class SlowPeers: Sendable {
    private let open: Mutex<Int>

    /// How many are not ended yet.
    package var openCount: Int { open.withLock { $0 } }

    /// Connects once for each beginning, sends it, and goes on with a byte a second.
    package init(port: Int, beginnings: [String]) throws {
        open = Mutex(beginnings.count)
        let connections = try beginnings.map { beginning in
            let connection = try Connection(port: port)
            connection.send(Array(beginning.utf8))
            return connection
        }
        let thread = Thread { [weak self] in
            var polls = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            var next = ContinuousClock.now + .seconds(1)
            while let self, polls.contains(where: { $0.fd >= 0 }) {
                let patience = max(1, Int32((next - .now) / .milliseconds(1)))
                _ = unsafe poll(&polls, nfds_t(polls.count), patience)
                for index in polls.indices where polls[index].revents != 0 {
                    if connections[index].receive().isEmpty { self.end(&polls[index]) }
                }
                guard ContinuousClock.now >= next else { continue }
                next += .seconds(1)
                for index in polls.indices where polls[index].fd >= 0 { connections[index].send([0x61]) }
            }
        }
        thread.start()
    }

    private func end(_ poll: inout pollfd) {
        poll.fd = -1
        open.withLock { $0 -= 1 }
    }
}
