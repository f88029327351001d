import NIOCore
import NIOPosix

/// One connection of a device and the one to the server that it is carried on, both on one event loop.
final class Link {
    enum Side { case device, server }

    let number: Int
    private let plan: ConnectionPlan
    private let board: Switchboard
    private let device: any Channel
    private var server: (any Channel)?
    private var copies: [any Channel] = []
    private var up: Lane
    private var down: Lane
    /// Lanes with a piece on its way.
    private var isBusy: (up: Bool, down: Bool) = (false, false)
    private var isOver = false
    /// Whether the server can be sent something.
    private var isReady = false
    private var openCopyCount = 0
    private var request: [UInt8] = []

    init(_ number: Int, plan: ConnectionPlan, device: any Channel, board: Switchboard) {
        (self.number, self.plan, self.device, self.board) = (number, plan, device, board)
        (up, down) = (Lane(plan.up), Lane(plan.down))
    }

    /// Connects to the server, then carries.
    func start() {
        guard !plan.isRefused else { return end(isReset: true) }
        if let bytes = plan.up.queueMax {
            // What the system takes before the proxy reads it waits for its turn as well.
            device.setOption(.socketOption(.so_rcvbuf), value: .init(bytes)).whenFailure { _ in }
        }
        guard plan.answer == nil else { return device.setOption(.autoRead, value: true).whenFailure { _ in } }
        let link = NIOLoopBound(self, eventLoop: device.eventLoop)
        connect(LinkEnd(link: self, side: .server)).whenComplete { result in
            let link = link.value
            switch result {
            case .failure: link.end(isReset: true)
            case .success(let server):
                link.server = server
                link.connectCopies()
            }
        }
    }

    private func connect(_ handler: some ChannelInboundHandler) -> EventLoopFuture<any Channel> {
        let handler = NIOLoopBound(handler, eventLoop: device.eventLoop)
        var bootstrap = ClientBootstrap(group: device.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler.value) }
            }
        if let window = plan.windowBytes {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(window))
        }
        return bootstrap.connect(host: "127.0.0.1", port: board.serverPort)
    }

    private func connectCopies() {
        let link = NIOLoopBound(self, eventLoop: device.eventLoop)
        let connections = (0..<plan.copyCount).map { connect(CopyEnd(link: self, place: $0)) }
        EventLoopFuture.whenAllSucceed(connections, on: device.eventLoop).whenComplete { result in
            let link = link.value
            link.copies = (try? result.get()) ?? []
            link.openCopyCount = link.copies.count
            link.isReady = true
            link.device.setOption(.autoRead, value: true).whenFailure { _ in }
            // What a device said and closed at once may have been read before.
            link.pump(.device)
        }
    }

    func received(_ bytes: ByteBuffer, from side: Side) {
        if let answer = plan.answer {
            request += bytes.readableBytesView
            if HTTPText.isWholeRequest(request) { send(answer, to: device) { $0.end(isReset: false) } }
            return
        }
        if side == .device { up.take(bytes.readableBytesView) } else { down.take(bytes.readableBytesView) }
        holdBack(side)
        pump(side)
        board.note(self.number, held: up.heldCount + down.heldCount)
    }

    func finished(_ side: Side) {
        if side == .device { up.finish() } else { down.finish() }
        pump(side)
    }

    /// Notes what the server answered to a copy.
    func received(_ bytes: ByteBuffer, fromCopy place: Int) {
        board.record(number) { recording in
            while recording.copyAnswers.count <= place { recording.copyAnswers.append([]) }
            recording.copyAnswers[place] += bytes.readableBytesView
        }
    }

    /// Lets everything pass that was kept back, and all that comes.
    func release() {
        guard !isOver else { return }
        up.release()
        down.release()
        board.note(number, held: 0)
        read(true)
        pump(.device)
        pump(.server)
    }

    /// Lets nothing pass any more, and tells nobody.
    func freeze() {
        up.stop()
        down.stop()
        read(false)
    }

    /// Ends the connection to both ends; copies go on until they have their answers.
    func end(isReset: Bool) {
        guard !isOver else { return }
        isOver = true
        for channel in [device, server].compactMap(\.self) {
            if isReset, let socket = channel as? any SocketOptionProvider {
                socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
            } else {
                channel.close(promise: nil)
            }
        }
        if openCopyCount == 0 { board.forget(number) }
    }

    /// Ends the copies too.
    func stop() {
        end(isReset: false)
        for copy in copies { copy.close(promise: nil) }
    }

    /// Notes that a copy is gone.
    func copyEnded() {
        openCopyCount -= 1
        if openCopyCount == 0, isOver { board.forget(number) }
    }

    /// Sends on what a side said, as far as the plan lets it.
    private func pump(_ side: Side) {
        guard isReady, !isOver, !(side == .device ? isBusy.up : isBusy.down) else { return }
        guard let target = side == .device ? server : device else { return }
        switch side == .device ? up.next() : down.next() {
        case .rest: return
        case .finish:
            target.close(mode: .output, promise: nil)
            if side == .server { finishedBoth() }
        case .end(.cut): end(isReset: false)
        case .end(.reset): end(isReset: true)
        case .end(.freeze): freeze()
        case .end(.stall):
            if side == .device { up.stop() } else { down.stop() }
            (side == .device ? device : server)?.setOption(.autoRead, value: false).whenFailure { _ in }
        case .pass(let piece, let delay):
            setBusy(side, true)
            let link = NIOLoopBound(self, eventLoop: device.eventLoop)
            if delay == .zero { return pass(piece, from: side) }
            device.eventLoop.scheduleTask(in: TimeAmount(delay)) { link.value.pass(piece, from: side) }
        }
        board.note(number, held: up.heldCount + down.heldCount)
    }

    private func pass(_ piece: [UInt8], from side: Side) {
        guard !isOver, let target = side == .device ? server : device else { return }
        if plan.isRecorded {
            board.record(number) { side == .device ? ($0.up += piece) : ($0.down += piece) }
        }
        if side == .device { for copy in copies { copy.writeAndFlush(ByteBuffer(bytes: piece), promise: nil) } }
        send(piece, to: target) { link in
            link.setBusy(side, false)
            link.holdBack(side)
            link.pump(side)
        }
    }

    private func send(_ bytes: [UInt8], to channel: any Channel, then body: @escaping @Sendable (Link) -> Void) {
        let link = NIOLoopBound(self, eventLoop: device.eventLoop)
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { result in
            if case .failure = result { link.value.end(isReset: false) } else { body(link.value) }
        }
    }

    /// Reads no more from a side than its lane takes.
    private func holdBack(_ side: Side) {
        let lane = side == .device ? up : down
        guard lane.plan.queueMax != nil, !lane.isStopped else { return }
        (side == .device ? device : server)?.setOption(.autoRead, value: !lane.isFull).whenFailure { _ in }
    }

    private func setBusy(_ side: Side, _ value: Bool) {
        if side == .device { isBusy.up = value } else { isBusy.down = value }
    }

    /// A server that has said all has heard all that it wants.
    private func finishedBoth() {
        let link = NIOLoopBound(self, eventLoop: device.eventLoop)
        device.eventLoop.execute { link.value.end(isReset: false) }
    }

    private func read(_ value: Bool) {
        for channel in [device, server].compactMap(\.self) {
            channel.setOption(.autoRead, value: value).whenFailure { _ in }
        }
    }
}

/// Hands what comes on one of the two connections to their link.
final class LinkEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: Link
    private let side: Link.Side

    init(link: Link, side: Link.Side) { (self.link, self.side) = (link, side) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data), from: side)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { link.finished(side) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) { link.finished(side) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        link.finished(side)
        context.close(promise: nil)
    }
}

/// Hands the server's answer to a copy to the link.
final class CopyEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: Link
    private let place: Int
    private var answer: [UInt8] = []

    init(link: Link, place: Int) { (self.link, self.place) = (link, place) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        answer += bytes.readableBytesView
        link.received(bytes, fromCopy: place)
        if HTTPAnswer(answer)?.isWhole == true { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { link.copyEnded() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
