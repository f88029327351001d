import NIOCore
import NIOPosix
package import SatchelTestSupport
import Synchronization

/// A TCP proxy on loopback that does to each connection what the caller's plan says: cut, reset, stall, half-open, one way, slow,
/// late, a bit turned, the same bytes on other connections, an old answer in place of the server.
///
/// It knows no chance: a plan may draw from a generator that follows from the proxy's seed and the connection's number.
package final class FaultProxy: Sendable {
    /// What is planned for a connection, by its number, from 0.
    package typealias Plan = @Sendable (Int, inout SeededRandom) -> ConnectionPlan

    /// The port for devices.
    package let port: Int
    private let board: Switchboard
    private let listener: any Channel

    /// Begins to listen, before the server on a port of this machine.
    package init(
        before serverPort: Int, seed: UInt64 = 1, plan: @escaping Plan = { _, _ in .plain }
    ) async throws {
        let board = Switchboard(serverPort: serverPort, seed: seed, plan: plan)
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let link = board.link(for: channel)
                    try channel.pipeline.syncOperations.addHandler(LinkEnd(link: link, side: .device))
                    let bound = NIOLoopBound(link, eventLoop: channel.eventLoop)
                    // Once the channel is registered: a read before that is none.
                    channel.eventLoop.execute { bound.value.start() }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.board = board
        port = listener.localAddress?.port ?? 0
    }

    /// Before a server, for the scenarios.
    package convenience init(
        before server: ServerProcess, seed: UInt64 = 1, plan: @escaping Plan = { _, _ in .plain }
    ) async throws {
        try await self.init(before: server.port, seed: seed, plan: plan)
    }

    /// Ends it with all its connections.
    package func stop() {
        listener.close(promise: nil)
        board.forAll { $0.stop() }
    }

    /// The address for devices.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Plans the connections that come from now on.
    package func set(_ plan: @escaping Plan) { board.state.withLock { $0.plan = plan } }

    /// Plans the connections that come from now on, all the same way.
    package func set(_ plan: ConnectionPlan) { set { _, _ in plan } }

    /// Lets pass what is kept back on connections that are there, and all that comes on them.
    package func release() { board.forAll { $0.release() } }

    /// Makes the connections that are there half-open: nothing passes any more, and nobody is told.
    package func freeze() { board.forAll { $0.freeze() } }

    /// Ends the connections that are there.
    package func sever(isReset: Bool = false) { board.forAll { $0.end(isReset: isReset) } }

    /// How many connections have come.
    package var connectionCount: Int { board.state.withLock { $0.count } }

    /// How many bytes are kept back now.
    package var heldCount: Int { board.state.withLock { $0.held.values.reduce(0, +) } }

    /// What passed on the connections whose plan said that it is kept, in their order.
    package var recordings: [ConnectionRecording] {
        board.state.withLock { state in state.recordings.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Forgets what passed.
    package func forgetRecordings() { board.state.withLock { $0.recordings = [:] } }
}

/// What the connections of a proxy share.
final class Switchboard: Sendable {
    struct State {
        var plan: FaultProxy.Plan
        var count = 0
        var links: [Int: NIOLoopBound<Link>] = [:]
        var loops: [Int: any EventLoop] = [:]
        var held: [Int: Int] = [:]
        var recordings: [Int: ConnectionRecording] = [:]
    }

    let serverPort: Int
    let seed: UInt64
    let state: Mutex<State>

    init(serverPort: Int, seed: UInt64, plan: @escaping FaultProxy.Plan) {
        (self.serverPort, self.seed) = (serverPort, seed)
        state = Mutex(State(plan: plan))
    }

    /// Plans a connection that has come.
    func link(for channel: any Channel) -> Link {
        let (number, draw) = state.withLock { state in
            state.count += 1
            return (state.count - 1, state.plan)
        }
        var random = SeededRandom(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
        let plan = draw(number, &random)
        let link = Link(number, plan: plan, device: channel, board: self)
        let bound = NIOLoopBound(link, eventLoop: channel.eventLoop)
        state.withLock { state in
            state.links[number] = bound
            state.loops[number] = channel.eventLoop
            if plan.isRecorded { state.recordings[number] = ConnectionRecording() }
        }
        return link
    }

    func forget(_ number: Int) {
        state.withLock { state in
            state.links[number] = nil
            state.loops[number] = nil
            state.held[number] = nil
        }
    }

    func note(_ number: Int, held: Int) { state.withLock { $0.held[number] = held == 0 ? nil : held } }

    func record(_ number: Int, _ change: (inout ConnectionRecording) -> Void) {
        state.withLock { change(&$0.recordings[number, default: ConnectionRecording()]) }
    }

    /// Does something to every connection, on its event loop.
    func forAll(_ body: @escaping @Sendable (Link) -> Void) {
        let all = state.withLock { state in state.links.compactMap { key, link in state.loops[key].map { ($0, link) } }
        }
        for (loop, link) in all { loop.execute { body(link.value) } }
    }
}
