package import Logging
package import SatchelStorage
import SatchelSync
import ServiceLifecycle
import Synchronization

/// Takes what an operator should look at: a line in the log at once, a row in the store a moment later.
package final class AlarmDesk: Sendable {
    private struct Note: Sendable {
        let code: String
        let subject: String
        let sentence: String
        let doubtMilliseconds: Int64
        let time: Timestamp
    }

    private let clock: any WallClock
    private let logger: Logger
    /// Whether the server's clock can be believed.
    package let watch: ClockWatch
    private let notes = Mutex<[Note]>([])
    private let isRolledBack = Mutex(false)

    package init(clock: any WallClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
        watch = ClockWatch(clock: clock)
    }

    /// The server's clock was moved, or is behind what the store has seen.
    package static let clockJumped = "server_clock_jumped"

    /// The store lacks what it has served: an older file stands in its place.
    package static let rolledBack = SatchelError.Code.storeRolledBack.word

    /// A device has shown a checkpoint that this server made, past all that the store has: nothing more is exchanged until a restore
    /// has begun a new life of the store.
    ///
    /// What is taken now would get the numbers of what is missing, and devices that have these would never fetch it.
    func noteRollback(_ error: SatchelError, shownBy device: DeviceAccount) {
        let isNew = isRolledBack.withLock { isKnown in
            defer { isKnown = true }
            return !isKnown
        }
        guard isNew else { return }
        raise(
            Self.rolledBack, subject: device.id.description,
            "\(error.message) Device \(device.name) of \(device.user) has shown it. An older file was put in the store's place, or its write-ahead log was lost; devices are turned away until you restore the newest backup, or one of the store as it is."
        )
    }

    /// Refuses an exchange with a store that lacks what it has served.
    func requireWholeStore() throws(SatchelError) {
        guard isRolledBack.withLock({ $0 }) else { return }
        throw SatchelError(
            .storeRolledBack, "The server's store lacks what it has served before.",
            remedy: "Everything is kept; the operator has to look (`satchel-server alarms list`).", isTransient: true)
    }

    /// An operator has looked at the alarms of a code.
    func confirm(_ code: String) {
        if code == Self.clockJumped { watch.confirm() }
    }

    /// Takes note; `subject` is what it is about, such as a device.
    func raise(_ code: String, subject: String = "", _ sentence: String, doubtMilliseconds: Int64 = 0) {
        let note = Note(
            code: code, subject: subject, sentence: sentence, doubtMilliseconds: doubtMilliseconds, time: clock.now())
        notes.withLock { $0.append(note) }
        log(note)
    }

    /// Takes note where a request failed for what an operator should look at: a disk that is full or fails, a file that is damaged.
    ///
    /// Once, until it is written: on a full disk that cannot be, and everybody who comes meanwhile meets the same.
    func note(_ failure: any Error) {
        let error = ExchangeFailure(any: failure).error
        guard [.diskFull, .storageFailed, .damagedData].contains(error.code) else { return }
        let note = Note(
            code: error.code.word, subject: "", sentence: error.message, doubtMilliseconds: 0, time: clock.now())
        let isNew = notes.withLock { notes in
            guard !notes.contains(where: { $0.code == note.code }) else { return false }
            notes.append(note)
            return true
        }
        if isNew { log(note) }
    }

    private func log(_ note: Note) {
        // Names of people and devices are for the operator's list, not for the log.
        logger.warning(
            "\(note.subject.isEmpty ? note.sentence : "an operator should look at a device")",
            metadata: ["alarm": "\(note.code)", "subject": "\(note.subject)"])
    }

    /// Looks at the server's clock.
    package func lookAtClock() {
        let jump = watch.look()
        guard jump != 0 else { return }
        let offset = ClockOffset(milliseconds: -jump, errorMilliseconds: 0)
        raise(
            Self.clockJumped,
            "The server's clock jumped: it is \(offset.wrongness ?? "a minute off") of where it was. Times are uncertain until the clock is confirmed.",
            doubtMilliseconds: abs(jump))
    }

    /// Looks at what was left unconfirmed, and whether the clock stands behind the last change-set that the store has taken.
    package func begin(with store: some ServerStore) async throws {
        let (doubt, last, isRolledBack) = try await store.read { snapshot -> (Int64, Timestamp?, Bool) in
            let unconfirmed = try snapshot.alarms().filter { $0.confirmedAt == nil }
            let open = unconfirmed.filter { $0.code == Self.clockJumped }
            let head = try snapshot.head().position
            var last: Timestamp?
            try snapshot.forEachLogEntry(after: head - 1) { entry, _, _ in
                last = entry.acceptedAt
                return false
            }
            return (
                open.reduce(0) { $0 &+ $1.doubtMilliseconds }, last,
                unconfirmed.contains { $0.code == Self.rolledBack }
            )
        }
        self.isRolledBack.withLock { $0 = isRolledBack }
        watch.doubt(by: doubt)
        guard let last, doubt == 0, last.milliseconds - clock.now().milliseconds > ClockWatch.jumpMin else { return }
        let behind = last.milliseconds - clock.now().milliseconds
        watch.doubt(by: behind)
        let offset = ClockOffset(milliseconds: behind, errorMilliseconds: 0)
        raise(
            Self.clockJumped,
            "The server's clock is \(offset.wrongness ?? "a minute behind") of the last change-set that it took. Times are uncertain until the clock is confirmed.",
            doubtMilliseconds: behind)
    }

    /// Writes what is new; what cannot be written now is written later.
    package func write(to queue: MergeQueue<some ServerStore>) async throws {
        let fresh = notes.withLock { notes in
            defer { notes = [] }
            return notes
        }
        guard !fresh.isEmpty else { return }
        do {
            try await queue.run { transaction in
                for note in fresh {
                    try transaction.raiseAlarm(
                        code: note.code, subject: note.subject, sentence: note.sentence,
                        doubtMilliseconds: note.doubtMilliseconds, at: note.time)
                }
            }
        } catch {
            notes.withLock { $0 = fresh + $0 }
            throw error
        }
    }
}

/// Looks at the clock and writes alarms every few seconds, by a clock that nobody sets.
struct AlarmWriter<Store: ServerStore>: Service {
    let desk: AlarmDesk
    let queue: MergeQueue<Store>
    let logger: Logger

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var isWritten = true
                while true {
                    isWritten = await write(tells: isWritten)
                    try await Task.sleep(for: .seconds(2))
                }
            }
        } catch is CancellationError {
            // The server stops, and writes once more after the last request.
        }
    }

    /// Writes what is new; returns whether it could.
    ///
    /// What cannot be written is logged, unless it was the last time too, and is no reason to stop.
    @discardableResult
    func write(tells: Bool = true) async -> Bool {
        desk.lookAtClock()
        do {
            try await desk.write(to: queue)
            return true
        } catch {
            if tells {
                logger.error(
                    "alarms were not written", metadata: ["cause": "\(String(describing: error).prefix(400))"])
            }
            return false
        }
    }
}
