import NIOCore
import SatchelSync
import Synchronization

/// A body that is handed over in parts as the line takes them, and whoever waits for that.
///
/// Handed over as a whole, a large body is on its way unseen: on a slow line its answer would be given up before it was sent. With
/// parts each of them shows that the line goes on.
///
/// The client takes parts on any thread and writes them on the loop of the connection; only there it learns that the line is full.
/// So the next part is not handed over before every loop has had its turn: else all of them would wait in the client at once.
final class Upload: AsyncSequence, Sendable {
    private struct State {
        var rest: ByteBuffer
        var takenAt: ContinuousClock.Instant
        var isTaken = false
    }

    /// A body of up to so many bytes is handed over at once.
    static let partBytes = 16 * 1024

    private let state: Mutex<State>
    private let loops: [any EventLoop]

    /// A body that goes out on a loop of `group`.
    init(_ body: [UInt8], on group: any EventLoopGroup) {
        state = Mutex(State(rest: ByteBuffer(bytes: body), takenAt: .now))
        loops = Array(group.makeIterator())
    }

    /// The next part, once the line takes it.
    private func next() async throws -> ByteBuffer? {
        for loop in loops { try await loop.submit {}.get() }
        return state.withLock { state in
            state.takenAt = .now
            let part = state.rest.readSlice(length: Swift.min(Self.partBytes, state.rest.readableBytes))
            guard let part, part.readableBytes > 0 else {
                state.isTaken = true
                return nil
            }
            return part
        }
    }

    /// Returns once all parts are taken, or is cancelled.
    ///
    /// - Throws: ``SilentLine`` where none was taken for so long.
    func watch(patience: Duration) async throws {
        while true {
            let (isTaken, silence) = state.withLock { ($0.isTaken, ContinuousClock.now - $0.takenAt) }
            if isTaken { return }
            guard silence < patience else { throw SilentLine() }
            try await Task.sleep(for: Swift.min(.seconds(1), patience - silence))
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(upload: self) }

    struct Iterator: AsyncIteratorProtocol {
        let upload: Upload
        mutating func next() async throws -> ByteBuffer? { try await upload.next() }
    }
}

/// Nothing of a body was taken for as long as a line is waited for.
struct SilentLine: Error {}
