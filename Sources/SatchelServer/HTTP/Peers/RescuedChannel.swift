import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// A connection that is closed where nobody ever handled it, since it was accepted while the server was being cancelled.
///
/// Let go as it is, the writer of such a connection stops the process (swift-nio 2.101.2).
struct RescuedChannel<Base: ServerChildChannel, In: Sendable, Out: Sendable>: ServerChildChannel
where Base.Value == NIOAsyncChannel<In, Out> {
    /// What a connection is, until somebody takes it.
    final class Value: ServerChildChannelValue {
        let channel: any Channel
        private let untaken: Mutex<NIOAsyncChannel<In, Out>?>

        init(_ inner: NIOAsyncChannel<In, Out>) {
            channel = inner.channel
            untaken = Mutex(inner)
        }

        deinit {
            guard let inner = take() else { return }
            Task { try? await inner.executeThenClose { _, _ in } }
        }

        func take() -> NIOAsyncChannel<In, Out>? {
            untaken.withLock { untaken in
                defer { untaken = nil }
                return untaken
            }
        }
    }

    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).map { Value($0) }
    }

    func handle(value: Value, logger: Logger) async {
        guard let inner = value.take() else { return }
        await base.handle(value: inner, logger: logger)
    }
}
