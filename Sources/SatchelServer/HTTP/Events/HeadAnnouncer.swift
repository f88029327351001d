import SatchelStorage
import SatchelSync
import ServiceLifecycle

/// Looks after each commit where the head of the store is, and tells those who listen.
///
/// Many commits in a row are told as one.
struct HeadAnnouncer<Store: ServerStore>: Service {
    let store: Store
    let listeners: HeadListeners
    /// How long a line may be silent.
    let heartbeat: Duration
    let commits: CommitSignal

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while (try? await Task.sleep(for: heartbeat)) != nil { listeners.beat() }
                }
                await announce()
                group.cancelAll()
            }
        }
        // Before the devices' port stops: it waits for the answers that are under way.
        listeners.finish()
    }

    private func announce() async {
        var told = ServerSequence.zero
        for await _ in commits.signals {
            // A store that cannot be read now is looked at after the next commit; devices ask by themselves now and then.
            if let head = try? await store.read({ try $0.head().sequence }), head > told {
                told = head
                listeners.announce(head)
            }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }

    private static var pause: Duration { .milliseconds(20) }
}

/// Says that something was committed, to the one who listens; several are one.
final class CommitSignal: Sendable {
    let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was committed.
    func give() { continuation.yield() }
}
