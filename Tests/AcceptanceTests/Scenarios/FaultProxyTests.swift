import Foundation
import SatchelTestSupport
import ScenarioRunner
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Each fault of the proxy does what it says, to bytes that a listener of the test's own receives and sends.
@Suite struct FaultProxyTests {
    /// Bytes of which no two neighbours are alike.
    private static let request = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    private static let answer = (0..<800).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ 5) }

    private static func proxy(
        _ plan: ConnectionPlan
    ) async throws -> (proxy: FaultProxy, peer: Listener, device: Connection) {
        let peer = try Listener(answer: answer, after: request.count)
        let proxy = try await FaultProxy(before: peer.port) { _, _ in plan }
        return (proxy, peer, try Connection(port: proxy.port))
    }

    @Test func `a plain connection carries everything, and is kept where that is wanted`() async throws {
        let (proxy, peer, device) = try await Self.proxy(.recorded)
        defer { proxy.stop() }
        device.send(Self.request)
        device.finishSending()
        #expect(await device.all() == Self.answer)
        #expect(try await peer.received(1) == [Self.request])
        #expect(proxy.recordings.map(\.up) == [Self.request])
        #expect(proxy.recordings.map(\.down) == [Self.answer])
        #expect(proxy.connectionCount == 1)
    }

    @Test(arguments: [1, 2, 500, 999, 1_000]) func `a cut lets so many bytes of a request through`(count: Int)
        async throws
    {
        let (proxy, peer, device) = try await Self.proxy(.up(.cut(after: count)))
        defer { proxy.stop() }
        device.send(Self.request)
        _ = await device.all()
        #expect(try await peer.received(1) == [Array(Self.request.prefix(count))])
    }

    @Test(arguments: [0, 1, 400, 799, 800]) func `a cut lets so many bytes of an answer through`(count: Int)
        async throws
    {
        let (proxy, peer, device) = try await Self.proxy(.down(.cut(after: count)))
        defer { proxy.stop() }
        device.send(Self.request)
        #expect(await device.all() == Array(Self.answer.prefix(count)))
        #expect(try await peer.received(1) == [Self.request])
    }

    @Test func `a reset ends a connection as no orderly end does`() async throws {
        let (proxy, _, device) = try await Self.proxy(.down(.reset(after: 100)))
        defer { proxy.stop() }
        device.send(Self.request)
        let (bytes, error) = await device.allAndError()
        #expect(error == ECONNRESET)
        #expect(Self.answer.starts(with: bytes))
        let (refusedProxy, _, refused) = try await Self.proxy(.refused)
        defer { refusedProxy.stop() }
        #expect(await refused.allAndError().error == ECONNRESET)
    }

    @Test func `one way: what a device says stops, what the server says goes on; later all of it comes`() async throws {
        let (proxy, peer, device) = try await Self.proxy(.up(.stall(after: 300)))
        defer { proxy.stop() }
        device.send(Self.request)
        device.finishSending()
        try await Patience.until("bytes that are held back") { proxy.heldCount > 0 ? true : nil }
        #expect(try await peer.received(1, isEnded: false) == [Array(Self.request.prefix(300))])
        peer.say([1, 2, 3])
        #expect(await device.receiveSome() == [1, 2, 3])
        proxy.release()
        #expect(await device.all() == Self.answer)
        #expect(try await peer.received(1) == [Self.request])
    }

    @Test func `half-open: nothing passes either way, and neither end is told`() async throws {
        let (proxy, peer, device) = try await Self.proxy(.up(.freeze(after: 300)))
        defer { proxy.stop() }
        device.send(Self.request)
        #expect(try await peer.received(1, isEnded: false) == [Array(Self.request.prefix(300))])
        peer.say([1, 2, 3])
        device.finishSending()
        try await Patience.until("bytes that are held back") { proxy.heldCount > 0 ? true : nil }
        #expect(!device.hasSomething)
        #expect(try await peer.received(1, isEnded: false) == [Array(Self.request.prefix(300))])
        proxy.release()
        #expect(await device.all() == [1, 2, 3] + Self.answer)
        #expect(try await peer.received(1) == [Self.request])
    }

    @Test func `the same bytes come on other connections, and the device hears one answer`() async throws {
        let (proxy, peer, device) = try await Self.proxy(.recorded.with { $0.copyCount = 3 })
        defer { proxy.stop() }
        device.send(Self.request)
        device.finishSending()
        #expect(await device.all() == Self.answer)
        #expect(try await peer.received(4, isEnded: false) == Array(repeating: Self.request, count: 4))
        let answers = try await Patience.until("the answers to the copies") {
            let answers = proxy.recordings.first?.copyAnswers ?? []
            return answers.count == 3 && answers.allSatisfy { $0.count == Self.answer.count } ? answers : nil
        }
        #expect(answers == Array(repeating: Self.answer, count: 3))
    }

    @Test func `an old answer takes the place of the server`() async throws {
        let (proxy, peer, device) = try await Self.proxy(.plain.with { $0.answer = [7, 8, 9] })
        defer { proxy.stop() }
        device.send(Array("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo".utf8))
        #expect(!device.hasSomething)
        device.send(Array("dy".utf8))
        #expect(await device.all() == [7, 8, 9])
        #expect(peer.connectionCount == 0)
    }

    @Test func `a bit is turned where the plan says, both ways`() async throws {
        let (proxy, peer, device) = try await Self.proxy(
            .plain.with {
                $0.up.flips = [0: 0x80, 998: 1]
                $0.down.flips = [400: 0x10]
            })
        defer { proxy.stop() }
        device.send(Self.request)
        device.finishSending()
        var (request, answer) = (Self.request, Self.answer)
        request[0] ^= 0x80
        request[998] ^= 1
        answer[400] ^= 0x10
        #expect(await device.all() == answer)
        #expect(try await peer.received(1) == [request])
    }

    @Test func `a slow line takes its time, and a late one too`() async throws {
        let start = ContinuousClock.now
        let (proxy, peer, device) = try await Self.proxy(.plain.with { $0.up.bytesPerSecond = 4_000 })
        defer { proxy.stop() }
        device.send(Self.request)
        device.finishSending()
        #expect(await device.all() == Self.answer)
        #expect(try await peer.received(1) == [Self.request])
        #expect(ContinuousClock.now - start >= .milliseconds(249))
        let later = ContinuousClock.now
        let (lateProxy, _, late) = try await Self.proxy(.plain.with { $0.down.delay = .milliseconds(200) })
        defer { lateProxy.stop() }
        late.send(Self.request)
        late.finishSending()
        #expect(await late.all() == Self.answer)
        #expect(ContinuousClock.now - later >= .milliseconds(199))
    }

    @Test func `all connections can be ended, and each is planned by its number and the seed alone`() async throws {
        let peer = try Listener(answer: Self.answer, after: Self.request.count)
        var drawn: [[UInt8]] = []
        for _ in 0..<2 {
            let proxy = try await FaultProxy(before: peer.port, seed: 5) { number, random in
                let answer = [UInt8(number), random.byte()]
                return .plain.with { $0.answer = answer }
            }
            defer { proxy.stop() }
            for _ in 0..<3 {
                let device = try Connection(port: proxy.port)
                device.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                drawn.append(await device.all())
            }
        }
        #expect(Array(drawn.prefix(3)) == Array(drawn.suffix(3)))
        #expect(Set(drawn.prefix(3).map(\.last)).count > 1)

        let (proxy, _, device) = try await Self.proxy(.plain)
        defer { proxy.stop() }
        device.send([1])
        try await Patience.until("the connection") { proxy.connectionCount == 1 ? true : nil }
        proxy.sever()
        #expect(await device.all() == [])
    }
}

/// A server that keeps what each connection says and answers once a request is whole.
private final class Listener: Sendable {
    private struct State {
        var connections: [Connection] = []
        var received: [[UInt8]] = []
        var isEnded: [Bool] = []
    }

    let port: Int
    private let descriptor: Int32
    private let state = Locked(State())

    init(answer: [UInt8], after count: Int) throws {
        (descriptor, port) = try Connection.listen()
        let descriptor = descriptor, state = state
        Thread.detachNewThread {
            while let connection = Connection(acceptedBy: descriptor) {
                let place = state.withLock { state in
                    state.connections.append(connection)
                    state.received.append([])
                    state.isEnded.append(false)
                    return state.received.count - 1
                }
                Thread.detachNewThread { Self.serve(connection, place, state, answer, after: count) }
            }
            close(descriptor)
        }
    }

    private static func serve(
        _ connection: Connection, _ place: Int, _ state: Locked<State>, _ answer: [UInt8], after count: Int
    ) {
        while true {
            let bytes = connection.receive()
            let total = state.withLock { state in
                state.received[place] += bytes
                state.isEnded[place] = bytes.isEmpty
                return state.received[place].count
            }
            if !bytes.isEmpty, total == count { connection.send(answer) }
            if bytes.isEmpty { return connection.finishSending() }
        }
    }

    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Says something on the first connection.
    func say(_ bytes: [UInt8]) { state.withLock { $0.connections.first }?.send(bytes) }

    /// What so many connections said, once they have ended; else once they have said something.
    func received(_ count: Int, isEnded: Bool = true) async throws -> [[UInt8]] {
        try await Patience.until("\(count) connections that said all") {
            state.withLock { state in
                let isThere = isEnded ? state.isEnded.allSatisfy(\.self) : state.received.allSatisfy { !$0.isEmpty }
                return state.received.count >= count && isThere ? state.received : nil
            }
        }
    }
}

extension Connection {
    /// All that comes until the other end is gone.
    fileprivate func all() async -> [UInt8] { await allAndError().bytes }

    /// The same, and the error that ended it; 0 for an orderly end.
    fileprivate func allAndError() async -> (bytes: [UInt8], error: Int32) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var all: [UInt8] = []
                while true {
                    errno = 0
                    let bytes = self.receive()
                    if bytes.isEmpty { return continuation.resume(returning: (all, errno)) }
                    all += bytes
                }
            }
        }
    }

    /// What comes first.
    fileprivate func receiveSome() async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.receive()) }
        }
    }

    /// Whether something came, or the other end is gone.
    fileprivate var hasSomething: Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 50) > 0
    }
}
