import SatchelStorage
package import SatchelSync
import Synchronization

/// When devices last came and which fork tokens they showed: in memory, written by the minute, so that a quiet sync writes
/// nothing.
///
/// What a crash forgets only makes the server honour a previous fork token a little longer; counters and digests still find a
/// copy.
package final class DevicePresence: Sendable {
    private struct Note {
        var lastSeen: Timestamp?
        var usedToken: [UInt8]?
        var isWritten = false
    }

    private let notes = Mutex<[Int64: Note]>([:])

    package init() {}

    /// Notes that a device came.
    package func noteVisit(device key: Int64, at time: Timestamp) {
        notes.withLock { notes in
            notes[key, default: Note()].lastSeen = time
            notes[key]?.isWritten = false
        }
    }

    func noteUse(of token: [UInt8], device key: Int64) {
        notes.withLock { $0[key, default: Note()].usedToken = token }
    }

    func hasUsed(_ token: [UInt8], device key: Int64) -> Bool {
        notes.withLock { $0[key]?.usedToken == token }
    }

    /// When the device last came, as far as this process knows.
    package func lastSeen(device key: Int64) -> Timestamp? { notes.withLock { $0[key]?.lastSeen } }

    /// Writes what is new.
    package func flush(to queue: MergeQueue<some ServerStore>) async throws {
        let fresh = notes.withLock { notes in notes.filter { !$0.value.isWritten && $0.value.lastSeen != nil } }
        guard !fresh.isEmpty else { return }
        let rows = fresh.map {
            (key: $0.key, time: $0.value.lastSeen ?? .init(milliseconds: 0), token: $0.value.usedToken)
        }
        try await queue.run { transaction in
            for row in rows { try transaction.setLastSeen(row.time, usedForkToken: row.token, ofDevice: row.key) }
        }
        notes.withLock { notes in
            for row in rows where notes[row.key]?.lastSeen == row.time { notes[row.key]?.isWritten = true }
        }
    }
}
