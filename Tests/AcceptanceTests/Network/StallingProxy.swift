import Foundation
import ScenarioRunner
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A proxy before a server that can keep back what the server says, or cut the line in the middle of it.
final class StallingProxy: Sendable {
    /// What happens to the bytes that come from the server.
    enum Mode: Sendable {
        case pass
        /// Keep what comes after so many bytes, until the mode changes.
        case hold(after: Int)
        /// Cut the line after so many bytes.
        case cut(after: Int)
    }

    private struct State {
        var mode = Mode.pass
        var connections: [Connection] = []
    }

    let port: Int
    private let listener: Int32
    private let serverPort: Int
    private let state = Mutex(State())
    private let changed = NSCondition()
    private let held = Mutex(0)

    init(before server: ServerProcess) throws {
        serverPort = server.port
        (listener, port) = try Connection.listen()
        Thread.detachNewThread { self.accept() }
    }

    /// The address for devices.
    var url: String { "http://127.0.0.1:\(port)" }

    /// Says what happens to the answers from now on; those held back go on at `pass`.
    func set(_ mode: Mode) {
        state.withLock { $0.mode = mode }
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }

    /// How many bytes of answers are held back.
    var heldCount: Int { held.withLock { $0 } }

    /// Ends it with all its connections.
    func stop() {
        set(.cut(after: 0))
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in state.withLock({ $0.connections }) { connection.cut() }
    }

    private func accept() {
        while let device = Connection(acceptedBy: listener) {
            guard let server = try? Connection(port: serverPort) else { continue }
            state.withLock { $0.connections += [device, server] }
            Thread.detachNewThread { Self.carry(from: device, to: server) }
            Thread.detachNewThread { self.answer(from: server, to: device) }
        }
        close(listener)
    }

    private static func carry(from device: Connection, to server: Connection) {
        while true {
            let bytes = device.receive()
            guard !bytes.isEmpty, server.send(bytes) else { break }
        }
        server.finishSending()
    }

    private func answer(from server: Connection, to device: Connection) {
        var passed = 0
        lines: while true {
            var bytes = server.receive()[...]
            guard !bytes.isEmpty else { break }
            while !bytes.isEmpty {
                switch state.withLock({ $0.mode }) {
                case .pass:
                    guard device.send(Array(bytes)) else { break lines }
                    passed += bytes.count
                    bytes = []
                case .hold(let count):
                    let free = bytes.prefix(max(0, count - passed))
                    guard device.send(Array(free)) else { break lines }
                    passed += free.count
                    bytes = bytes.dropFirst(free.count)
                    wait(holding: bytes.count)
                case .cut(let count):
                    device.send(Array(bytes.prefix(max(0, count - passed))))
                    break lines
                }
            }
        }
        device.cut()
        server.cut()
    }

    private func wait(holding count: Int) {
        held.withLock { $0 += count }
        changed.lock()
        while case .hold = state.withLock({ $0.mode }) { changed.wait() }
        changed.unlock()
        held.withLock { $0 -= count }
    }
}
