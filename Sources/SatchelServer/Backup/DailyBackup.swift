import Foundation
import Logging
import SatchelStorage
import SatchelSync
import ServiceLifecycle

/// Makes a backup every day, keeps the last ones, and says in the log when the last one is old.
struct DailyBackup<Store: ServerStore>: Service {
    /// Where they are put, and how many are kept; `nil` where none is made.
    let plan: BackupPlan?
    let store: Store
    let desk: BackupDesk<Store>
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var warnedAt: Timestamp?
                while true {
                    try await Task.sleep(for: .seconds(60))
                    await look(&warnedAt)
                }
            }
        } catch is CancellationError {
            // The server stops; one that is being made is given up.
        }
        await desk.stop()
    }

    /// Makes the backup of the day where it is due.
    func look(_ warnedAt: inout Timestamp?) async {
        do {
            let now = clock.now()
            let newest = try await store.read { try $0.newestBackup() }
            if let plan, BackupPlan.isDue(last: newest?.point.madeAt, now: now) {
                let note = try await desk.make(plan.begin(at: now))
                plan.removeOld()
                logger.info(
                    "a backup was made and verified",
                    metadata: ["path": "\(note.path)", "sequence": "\(note.point.sequence)"])
            } else if BackupPlan.isOld(last: newest?.point.madeAt, now: now),
                warnedAt.map({ now.milliseconds - $0.milliseconds >= 3_600_000 }) ?? true
            {
                warnedAt = now
                logger.warning(
                    "the last verified backup is old",
                    metadata: ["code": "backup_old", "made_at": "\(newest?.point.madeAt.description ?? "never")"])
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "the daily backup was not made",
                metadata: ["code": "backup_failed", "cause": "\(String(describing: error).prefix(400))"])
        }
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
