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
        /// How its clock stood then; `nil` where nobody knows.
        package let clock: ClockOffset?
        /// How many change-sets it held then that the server had not judged.
        package let pending: UInt64

        package init(time: Timestamp, checkpoint: ServerSequence, clock: ClockOffset? = nil, pending: UInt64 = 0) {
            self.time = time
            self.checkpoint = checkpoint
            self.clock = clock
            self.pending = pending
        }
    }

    private struct Note {
        var visit: Visit
        var isWritten = false
    }

    private let notes = Mutex<[Int64: Note]>([:])
    /// The token that a line showed last, and whether the store knows of it.
    private let used = Mutex<[ActorID: (token: [UInt8], isWritten: Bool)]>([:])

    package init() {}

    /// Notes that a device came.
    package func noteVisit(device key: Int64, _ visit: Visit) {
        notes.withLock { $0[key] = Note(visit: visit) }
    }

    /// Notes that a line showed its token in force.
    func noteUse(of token: [UInt8], by actor: ActorID) {
        used.withLock { used in
            if used[actor]?.token != token { used[actor] = (token, false) }
        }
    }

    func hasUsed(_ token: [UInt8], by actor: ActorID) -> Bool {
        used.withLock { $0[actor]?.token == token }
    }

    /// The last visit of a device: what this process knows, else what the store does; `nil` where it never came.
    package func lastVisit(of device: DeviceAccount) -> Visit? {
        notes.withLock { $0[device.key]?.visit }
            ?? device.lastSeenAt.map {
                Visit(
                    time: $0, checkpoint: device.checkpoint, clock: device.clock, pending: device.reportedPending)
            }
    }

    /// Writes what is new.
    package func flush(to queue: MergeQueue<some ServerStore>) async throws {
        let seen = notes.withLock { $0.filter { !$0.value.isWritten }.mapValues(\.visit) }
        let shown = used.withLock { $0.filter { !$0.value.isWritten }.mapValues(\.token) }
        guard !seen.isEmpty || !shown.isEmpty else { return }
        try await queue.run { transaction in
            for (device, visit) in seen {
                try transaction.setLastSeen(
                    visit.time, checkpoint: visit.checkpoint, clock: visit.clock, pending: visit.pending,
                    ofDevice: device)
            }
            for (actor, token) in shown { try transaction.noteUse(ofForkToken: token, by: actor) }
        }
        notes.withLock { notes in
            for (device, visit) in seen where notes[device]?.visit == visit { notes[device]?.isWritten = true }
        }
        used.withLock { used in
            for (actor, token) in shown where used[actor]?.token == token { used[actor]?.isWritten = true }
        }
    }
}
