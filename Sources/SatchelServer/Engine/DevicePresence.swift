package import SatchelStorage
package import SatchelSync
import Synchronization

/// When devices last came, how far they were then, and which fork tokens they showed: in memory, written by the minute, so that a quiet sync writes
/// nothing.
///
/// What a crash forgets only makes the server honour a previous fork token a little longer; counters and digests still find a
/// copy.
package final class DevicePresence: Sendable {
    /// One visit of a device.
    package struct Visit: Hashable, Sendable {
        /// When it came.
        package let time: Timestamp
        /// Up to where its base was complete, as its checkpoint proved; zero before its first.
        package let checkpoint: ServerSequence
    }

    private struct Note {
        var visit: Visit?
        var usedToken: [UInt8]?
        var isWritten = false
    }

    private let notes = Mutex<[Int64: Note]>([:])

    package init() {}

    /// Notes that a device came.
    package func noteVisit(device key: Int64, _ visit: Visit) {
        notes.withLock { notes in
            notes[key, default: Note()].visit = visit
            notes[key]?.isWritten = false
        }
    }

    func noteUse(of token: [UInt8], device key: Int64) {
        notes.withLock { $0[key, default: Note()].usedToken = token }
    }

    func hasUsed(_ token: [UInt8], device key: Int64) -> Bool {
        notes.withLock { $0[key]?.usedToken == token }
    }

    /// The last visit of a device: what this process knows, else what the store does; `nil` where it never came.
    package func lastVisit(of device: DeviceAccount) -> Visit? {
        notes.withLock { $0[device.key]?.visit }
            ?? device.lastSeenAt.map { Visit(time: $0, checkpoint: device.checkpoint) }
    }

    /// Writes what is new.
    package func flush(to queue: MergeQueue<some ServerStore>) async throws {
        let fresh = notes.withLock { notes in notes.filter { !$0.value.isWritten } }
        let rows = fresh.compactMap { key, note in note.visit.map { (key: key, visit: $0, token: note.usedToken) } }
        guard !rows.isEmpty else { return }
        try await queue.run { transaction in
            for row in rows {
                try transaction.setLastSeen(
                    row.visit.time, checkpoint: row.visit.checkpoint, usedForkToken: row.token, ofDevice: row.key)
            }
        }
        notes.withLock { notes in
            for row in rows where notes[row.key]?.visit == row.visit { notes[row.key]?.isWritten = true }
        }
    }
}
