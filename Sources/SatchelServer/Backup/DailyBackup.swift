import Foundation
import Logging
import SatchelStorage
import SatchelSync
import ServiceLifecycle

/// Makes a backup every day, keeps the last ones, and raises an alarm when the last one is old.
struct DailyBackup<Store: ServerStore>: Service {
    /// Where they are put, and how many are kept; `nil` where none is made.
    let plan: BackupPlan?
    let store: Store
    let desk: BackupDesk<Store>
    let queue: MergeQueue<Store>
    let alarms: AlarmDesk
    let clock: any WallClock
    let logger: Logger

    /// What was told of an old backup.
    struct Notice {
        /// When it was told last.
        var toldAt: Timestamp?
        /// Whether an alarm may stand open.
        var mayBeOpen = true
    }

    private static var isOldCode: String { "backup_old" }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var notice = Notice()
                while true {
                    try await Task.sleep(for: .seconds(60))
                    await look(&notice)
                }
            }
        } catch is CancellationError {
            // The server stops; one that is being made is given up.
        }
        await desk.stop()
    }

    /// Makes the backup of the day where it is due.
    func look(_ notice: inout Notice) async {
        do {
            let now = clock.now()
            let newest = try await store.read { try $0.newestBackup() }
            if let plan, BackupPlan.isDue(last: newest?.point.madeAt, now: now) {
                let note = try await desk.make(plan.begin(at: now))
                plan.removeOld()
                logger.info(
                    "a backup was made and verified",
                    metadata: ["path": "\(note.path)", "sequence": "\(note.point.sequence)"])
                try await settle(&notice, now: now)
            } else if BackupPlan.isOld(last: newest?.point.madeAt, now: now) {
                guard notice.toldAt.map({ now.milliseconds - $0.milliseconds >= 3_600_000 }) ?? true else { return }
                notice.toldAt = now
                notice.mayBeOpen = true
                try await tell(newest?.point.madeAt, now: now)
            } else {
                try await settle(&notice, now: now)
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "the daily backup was not made",
                metadata: ["code": "backup_failed", "cause": "\(String(describing: error).prefix(400))"])
        }
    }

    /// Says that the last one is old: an alarm, or, for a day after an operator has confirmed that, a line in the log.
    private func tell(_ last: Timestamp?, now: Timestamp) async throws {
        let known = try await store.read { try $0.alarms().first { $0.code == Self.isOldCode } }
        let isKnown = known?.confirmedAt.map { now.milliseconds - $0.milliseconds < 86_400_000 } ?? false
        if isKnown {
            logger.warning(
                "the last verified backup is old",
                metadata: ["code": "\(Self.isOldCode)", "made_at": "\(last?.description ?? "never")"])
        } else {
            alarms.raise(
                Self.isOldCode,
                last.map {
                    "The last verified backup is of \($0): what came since is on this machine's disk and on devices alone."
                }
                    ?? "No verified backup was made yet: what devices sent is on this machine's disk and on devices alone."
            )
        }
    }

    /// A backup that is not old ends the alarm.
    private func settle(_ notice: inout Notice, now: Timestamp) async throws {
        guard notice.mayBeOpen else { return }
        let isOpen = try await store.read {
            try $0.alarms().contains { $0.code == Self.isOldCode && $0.confirmedAt == nil }
        }
        if isOpen { _ = try await queue.run { try $0.confirmAlarms(code: Self.isOldCode, at: now) } }
        notice = Notice(toldAt: nil, mayBeOpen: false)
    }
}

/// Where daily backups are put, and how many are kept.
package struct BackupPlan: Hashable, Sendable {
    /// The folder, which is made where it is not there.
    package let folder: String
    /// How many of its daily backups are kept.
    package let keptMax: Int

    package init(folder: String, keptMax: Int) {
        self.folder = folder
        self.keptMax = keptMax
    }

    private static let dayMilliseconds: Int64 = 86_400_000

    /// Whether a backup is to be made: the last is a day old, or of a day to come, or there is none.
    static func isDue(last: Timestamp?, now: Timestamp) -> Bool {
        guard let last else { return true }
        return abs(now.milliseconds - last.milliseconds) >= dayMilliseconds
    }

    /// Whether the last one is so old that somebody should look: a day and a half.
    static func isOld(last: Timestamp?, now: Timestamp) -> Bool {
        guard let last else { return true }
        return abs(now.milliseconds - last.milliseconds) >= dayMilliseconds * 3 / 2
    }

    private static let prefix = "satchel-"
    private static let suffix = ".backup"

    /// Makes the folder, takes away what a server that was killed left there, and names the file of this moment.
    func begin(at time: Timestamp) throws -> String {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SatchelError(
                .storageFailed, "The folder \(folder) for backups cannot be made.",
                remedy: "Check the path and who owns the folder above it.", cause: error)
        }
        for name in names(endingIn: Self.suffix + ".part") { try? manager.removeItem(atPath: "\(folder)/\(name)") }
        return "\(folder)/\(Self.prefix)\(time.description.replacing(":", with: "-"))\(Self.suffix)"
    }

    /// Removes the oldest but those that are kept: their names are in the order in which they were made.
    func removeOld() {
        for name in names(endingIn: Self.suffix).dropLast(keptMax) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private func names(endingIn ending: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasPrefix(Self.prefix) && $0.hasSuffix(ending) }.sorted()
    }
}
