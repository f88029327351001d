import Logging
import Synchronization

/// What is worth a line in the log of one request: ids, codes and counts, never values or secrets.
final class RequestNotes: Sendable {
    private let notes = Mutex<Logger.Metadata>([:])

    /// Notes a fact.
    func note(_ key: String, _ value: String) { notes.withLock { $0[key] = .string(value) } }

    /// All that was noted.
    var metadata: Logger.Metadata { notes.withLock { $0 } }
}
