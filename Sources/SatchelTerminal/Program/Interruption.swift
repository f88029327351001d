import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs `body` until it returns, or until SIGINT or SIGTERM comes: then it is cancelled, and this returns once it has ended.
///
/// A second signal ends the process as usual.
///
/// - Throws: What `body` throws, except `CancellationError` after a signal.
package func untilInterrupted(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let interruptions = Interruptions()
    try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
            try await body()
            return false
        }
        group.addTask {
            for await _ in interruptions.stream { return true }
            return false
        }
        let isInterrupted = try await group.next() ?? false
        group.cancelAll()
        do {
            try await group.waitForAll()
        } catch is CancellationError where isInterrupted {
            // As it should.
        }
    }
}

/// The signals that ask a program to stop, from now on and for as long as this lives.
private final class Interruptions: Sendable {
    let stream: AsyncStream<Void>
    private let sources: Mutex<[any DispatchSourceSignal]>

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        sources = Mutex(
            [SIGINT, SIGTERM].map { number in
                _ = signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    _ = signal(number, SIG_DFL)
                    continuation.yield()
                }
                source.activate()
                return source
            })
    }

    deinit { sources.withLock { for source in $0 { source.cancel() } } }
}
