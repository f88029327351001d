import NIOCore

/// Sees the bytes of a connection before they are HTTP, and drops them once nothing more is taken.
final class WireMeter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never

    private let watch: PeerGuard

    init(_ watch: PeerGuard) { self.watch = watch }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = Self.unwrapInboundIn(data).readableBytes
        guard watch.takes(count) else { return }
        context.fireChannelRead(data)
        watch.requireSoundFraming()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Whoever would ask for more has stopped asking; the rest is drained all the same, so that the end is seen.
        if watch.isDiscarding { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        watch.readsOn()
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        watch.wrote()
    }
}
