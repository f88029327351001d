import Hummingbird
import NIOCore
import NIOHTTP1
import SatchelSync

/// Holds a connection to the rules: deadlines, sizes, numbers, one meaning.
///
/// It stands behind the HTTP decoder and has a ``WireMeter`` before it; both live on the connection's event loop.
/// What breaks a rule before a route has the request gets its answer here; what breaks one while its body is read fails that body,
/// and the route answers. Either way nothing more is taken, and what still comes is dropped for a while, so that the answer arrives.
final class PeerGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: PeerLimits
    private let desk: ConnectionDesk
    private var clock: PeerClock
    private var replies: ReplyProgress
    private var context: ChannelHandlerContext?
    private var timer: (task: Scheduled<Void>, at: NIODeadline)?

    /// Whether bytes that come are dropped unseen.
    private(set) var isDiscarding = false
    private var wireBytes = 0
    private var bodyBytes = 0
    /// Waits for the replies before it.
    private var refusal: Refusal?
    /// No later reply follows the one that is owed.
    private var endsAfterReply = false
    private var isAnswered = false
    private var isOutputClosed = false

    init(limits: PeerLimits, desk: ConnectionDesk) {
        self.limits = limits
        self.desk = desk
        clock = PeerClock(limits: limits, now: .now())
        replies = ReplyProgress(patience: TimeAmount(limits.replyPatience))
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { open(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    private func open(_ context: ChannelHandlerContext) {
        guard desk.open(ObjectIdentifier(context.channel), from: context.channel.remoteAddress?.ipAddress) else {
            drop(context)
            return
        }
        clock = PeerClock(limits: limits, now: .now())
        schedule()
    }

    private func leave() {
        timer?.task.cancel()
        timer = nil
        guard let context else { return }
        desk.close(ObjectIdentifier(context.channel))
        desk.endRequests(requestsBegun)
        requestsBegun = 0
    }

    private var requestsBegun = 0

    private func note(_ rule: PeerRule) { desk.tally.note(rule, from: context?.channel.remoteAddress?.ipAddress) }

    // MARK: What comes

    /// Whether bytes that came are wanted.
    func takes(_ count: Int) -> Bool {
        guard !isDiscarding else { return false }
        wireBytes += count
        clock.bytesCame(at: .now())
        clock.pause(at: .now())
        schedule()
        return true
    }

    /// Looks, after bytes were parsed, at how many of them were neither a head of moderate size nor a body.
    func requireSoundFraming() {
        guard !isDiscarding, wireBytes - bodyBytes > limits.framingBytesMax + bodyBytes else { return }
        if clock.reading == .body {
            note(.wastefulFraming)
            fail(Refusal.brokenBody)
        } else {
            refuse(.largeHead(limits))
        }
    }

    /// The server asks for more.
    func readsOn() {
        clock.resume(at: .now())
        schedule()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDiscarding else { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head): guard takes(head) else { return }
        case .body(let buffer): guard takes(buffer) else { return }
        case .end:
            clock.requestEnded(at: .now())
            (wireBytes, bodyBytes) = (0, 0)
            if endsAfterReply { isDiscarding = true }
        }
        schedule()
        context.fireChannelRead(data)
    }

    private func takes(_ head: HTTPRequestHead) -> Bool {
        if let refusal = head.refusal(limits) {
            refuse(refusal)
            return false
        }
        guard desk.beginRequest() else {
            refuse(.busy)
            return false
        }
        requestsBegun += 1
        clock.headCame(at: .now())
        (wireBytes, bodyBytes) = (0, 0)
        if head.isLast { endsAfterReply = true }
        return true
    }

    private func takes(_ buffer: ByteBuffer) -> Bool {
        bodyBytes += buffer.readableBytes
        clock.bodyCame(buffer.readableBytes, at: .now())
        guard bodyBytes <= limits.bodyBytesMax else {
            note(.largeBody)
            fail(Refusal.bodyTooLarge(limits.bodyBytesMax))
            return false
        }
        return true
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDiscarding else { return }
        switch error {
        case HTTPParserError.invalidEOFState where clock.reading != .body: break  // whoever leaves breaks no rule
        case HTTPParserError.headerOverflow where clock.reading != .body: refuse(.largeHead(limits))
        case is HTTPParserError where clock.reading != .body:
            refuse(.malformedHead("What came is not a request of HTTP."))
        case is HTTPParserError: fail(Refusal.brokenBody)
        default: clock.reading == .body ? fail(Refusal.brokenBody) : context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if event as? ChannelEvent == .inputClosed, isOutputClosed { context.close(promise: nil) }
    }

    // MARK: What goes

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isAnswered else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(var head):
            // What is refused while its body is read ends the connection, too.
            if endsAfterReply || refusal != nil { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let sent = promise ?? context.eventLoop.makePromise()
            sent.futureResult.assumeIsolated().whenComplete { _ in self.replied() }
            context.write(data, promise: sent)
        }
    }

    /// A reply has left, or never will.
    private func replied() {
        guard context != nil, requestsBegun > 0 else { return }
        requestsBegun -= 1
        desk.endRequests(1)
        clock.replyEnded(at: .now())
        if clock.repliesOwed == 0 {
            if let refusal { send(refusal) } else if endsAfterReply { end() }
        }
        schedule()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            isOutputClosed = true
            isDiscarding = true
            clock.closes(at: .now())
            schedule()
        }
        context.close(mode: mode, promise: promise)
    }

    /// Something was written to the wire.
    func wrote() {
        replies.wrote(at: .now())
        schedule()
    }

    // MARK: Ends

    /// Answers in place of a route, after the replies that are owed.
    private func refuse(_ refusal: Refusal) {
        note(refusal.rule)
        isDiscarding = true
        clock.requestFailed()
        if clock.repliesOwed > 0 { self.refusal = refusal } else { send(refusal) }
        schedule()
    }

    /// Fails the body that is being read: its route answers.
    private func fail(_ error: SatchelError) {
        isDiscarding = true
        endsAfterReply = true
        clock.requestFailed()
        schedule()
        context?.fireErrorCaught(error)
        if clock.repliesOwed == 0 { end() }
    }

    private func send(_ refusal: Refusal) {
        guard let context, !isOutputClosed, !isAnswered else { return }
        isAnswered = true
        let (head, body) = refusal.answer()
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.end() }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: sent)
        clock.closes(at: .now())
    }

    /// Says that nothing more will be said, and drops for a while what still comes.
    private func end() {
        guard let context, !isOutputClosed else { return }
        isOutputClosed = true
        isDiscarding = true
        clock.closes(at: .now())
        schedule()
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Ends the connection without a word.
    private func drop(_ context: ChannelHandlerContext) {
        isDiscarding = true
        context.close(promise: nil)
    }

    // MARK: Time

    private func schedule() {
        guard let context else { return }
        let deadlines = [clock.deadline, replies.deadline].compactMap(\.self)
        guard let next = deadlines.min() else { return }
        // A timer that rings early looks, finds nothing, and is set again.
        if let timer, timer.at <= next { return }
        timer?.task.cancel()
        timer = (context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.ring() }, next)
    }

    private func ring() {
        timer = nil
        guard let context else { return }
        let now = NIODeadline.now()
        let buffered = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if replies.isStuck(at: now, buffered: buffered) {
            note(.slowReader)
            drop(context)
            return
        }
        switch clock.overdue(at: now) {
        case .head where clock.reading == .head: refuse(.slowHead)
        case .head:
            note(.slowHead)
            drop(context)
        case .body:
            note(.slowBody)
            fail(Refusal.slowBody)
        case .idle, .closing: drop(context)
        case nil: break
        }
        schedule()
    }
}
