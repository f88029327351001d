import Synchronization

/// Counts the bytes of bodies that go out and come in, and knows how many of them a line is to carry.
///
/// What counts is what the line carries: bodies as they are compressed, without what HTTP and TLS put around them.
package final class ByteMeter: Sendable {
    /// Bytes in both directions.
    package struct Count: Hashable, Sendable {
        /// Bytes that went out.
        package var sent = 0
        /// Bytes that came in.
        package var received = 0

        package init() {}
    }

    /// How many bytes may pass; `nil` where nobody says.
    package let bytesMax: Int?
    private let state = Mutex(Count())

    /// Counts from zero.
    package init(bytesMax: Int? = nil) { self.bytesMax = bytesMax }

    /// What has passed so far.
    package var count: Count { state.withLock { $0 } }

    /// How many bytes may still pass, below zero where more have passed than may; `nil` where nobody says.
    package var left: Int? {
        let count = count
        return bytesMax.map { $0 - count.sent - count.received }
    }

    /// A body of so many bytes goes out.
    package func noteSent(_ bytes: Int) { state.withLock { $0.sent += bytes } }

    /// So many bytes of a body came in.
    package func noteReceived(_ bytes: Int) { state.withLock { $0.received += bytes } }
}
