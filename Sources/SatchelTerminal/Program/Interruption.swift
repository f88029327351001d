import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What becomes of a program that is asked to stop, by Ctrl-C (SIGINT) or SIGTERM.
///
/// Nothing is taken back that was recorded: databases and staged pages survive any end of the process, so it ends at once, and leaves no
/// draft of a file behind. The progress line is ended, and a sentence says what is safe and how to go on. Work that has to end in an order of its
/// own is cancelled in place of that (``untilInterrupted(_:)``).
package final class Interruption: Sendable {
    private struct State {
        var sentence: String?
        var isQuiet = false
        var drafts: Set<String> = []
        var endLine: (@Sendable () -> Void)?
        var waiting: AsyncStream<Void>.Continuation?
        var sources: [any DispatchSourceSignal] = []
    }

    /// That of this process.
    package static let ofProcess = Interruption()

    private static let signals = [SIGINT, SIGTERM]

    private let state = Mutex(State())
    // A serial queue has a thread of its own, however busy the others are.
    private let queue = DispatchQueue(label: "satchel.interruption")

    private init() {}

    /// Listens from now on; `sentence` says what is safe, `nil` where there is nobody to tell.
    ///
    /// A signal that whoever started the program told it to ignore stays ignored.
    func listen(saying sentence: String?) {
        state.withLock { $0.sentence = sentence }
        for number in Self.signals where !Self.isIgnored(number) { listen(to: number) }
    }

    /// A file that is of no use before it is whole: it is removed where the program is stopped.
    package func begin(draft path: String) { state.withLock { _ = $0.drafts.insert(path) } }

    /// The file has its name, or is gone.
    package func end(draft path: String) { state.withLock { _ = $0.drafts.remove(path) } }

    /// What ends a line that is rewritten.
    func endLine(by action: @escaping @Sendable () -> Void) { state.withLock { $0.endLine = action } }

    /// The signals, one element each, in place of the end of the process; a second signal ends it as usual.
    fileprivate func wait() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let isListening = state.withLock { state in
            state.waiting = continuation
            return !state.sources.isEmpty
        }
        if !isListening { for number in Self.signals { listen(to: number) } }
        return stream
    }

    private func listen(to number: Int32) {
        _ = signal(number, SIG_IGN)
        state.withLock { state in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in received(number) }
            source.activate()
            state.sources.append(source)
        }
    }

    private func received(_ number: Int32) {
        _ = signal(number, SIG_DFL)
        let (sentence, drafts, endLine, waiting) = state.withLock { state in
            (state.sentence, state.drafts, state.endLine, state.waiting)
        }
        if let waiting {
            waiting.yield()
            return
        }
        endLine?()
        for path in drafts { unsafe unlink(path) }
        // Nobody may be there to read it.
        if let sentence { try? StandardStream.error.write(sentence + "\n") }
        _exit(128 + number)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// A command that says itself what is safe when it is stopped.
package protocol StoppableCommand {
    /// What is kept, and how to go on.
    var stopped: String { get }
}

/// Runs `body` until it returns, or until SIGINT or SIGTERM comes: then it is cancelled, and this returns once it has ended.
///
/// A second signal ends the process as usual.
///
/// - Throws: What `body` throws, except `CancellationError` after a signal.
package func untilInterrupted(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let interruptions = Interruption.ofProcess.wait()
    try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
            try await body()
            return false
        }
        group.addTask {
            for await _ in interruptions { return true }
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
