import Foundation
import SatchelSchemaFile
package import SatchelStorage
import SatchelSync

/// Does to a copy what a disaster would have an operator do to the store: restores the newest backup, begins a new life of it, merges
/// its log once more, and lets what devices hold come back.
///
/// The store itself is only read, also beside a running server. The copy lies in a folder of its own, and is gone in the end.
package struct RestoreDrill: Sendable {
    /// Told now and then how far it came.
    package typealias Progress = @Sendable (_ step: DrillReport.Step, _ done: Int, _ total: Int) -> Void

    private let data: DataFolder?
    private let scratch: DataFolder
    private let clock: any WallClock
    private let readSchema: @Sendable (String) throws -> Schema = { try SchemaFile.parse($0).schema }

    /// Names the folder of the store, `nil` where there is none to compare with, and the one in which the copy is made.
    package init(path: String?, scratch: String, clock: any WallClock = SystemClock()) {
        data = path.map { DataFolder(path: $0) }
        self.scratch = DataFolder(path: scratch + "/satchel.drill")
        self.clock = clock
    }

    /// Tries `file`, or where none is named the newest backup that the store knows of and whose file is there.
    ///
    /// - Throws: `SatchelError` `missing_data` where there is no backup to try, `disk_full` where the copy would leave no space,
    ///   `database_in_use` while another drill runs, and what the store fails with where it has to say which backup is the newest.
    ///   What is wrong with the backup itself is in the report.
    package func run(file: String?, progress: @escaping Progress = { _, _, _ in }) async throws -> DrillReport {
        let report = try await choice(file)
        try scratch.prepare()
        let lease = try Lease(folder: scratch.url, purpose: "drill", subject: .drill, patience: .zero)
        scratch.removeStore()
        let result: Result<DrillReport, any Error>
        do {
            result = .success(try await tried(report, progress))
        } catch {
            result = .failure(error)
        }
        scratch.remove()
        _ = consume lease
        return try result.get()
    }

    private func tried(_ chosen: DrillReport, _ progress: @escaping Progress) async throws -> DrillReport {
        let began = clock.now()
        var report = chosen
        do {
            try requireSpace(for: &report)
            try restore(&report, began: began, progress)
            try await replay(&report, progress)
        } catch let error as SatchelError where Self.isOfBackup(error) {
            report.problem = error
            return report
        }
        guard let data, let point = report.point else { return report }
        let start = ContinuousClock.now
        report.since = try await ReturnRehearsal(
            live: data, copy: scratch, point: point, clock: clock, readSchema: readSchema
        ).run { progress(.returning, $0, $1) }
        report.returnTime = ContinuousClock.now - start
        return report
    }

    /// Whether an error says that the file is no use, and not that the drill could not be made.
    private static func isOfBackup(_ error: SatchelError) -> Bool {
        [.damagedData, .foreignData, .newerData, .missingData, .invalidSchema].contains(error.code)
    }

    private func choice(_ file: String?) async throws -> DrillReport {
        if let file { return DrillReport(path: file, missingPaths: []) }
        guard let data else {
            throw SatchelError.wrongUsage(
                "Neither a backup nor a data folder is named.", remedy: "Name a file, or give --data DIR.")
        }
        let known = try await ServerStoreView.read(data, readSchema: readSchema) { try $0.ownBackups(limit: 1_000) }
        let there = known.firstIndex { FileManager.default.fileExists(atPath: $0.path) }
        guard let there else {
            throw SatchelError(
                .missingData,
                known.isEmpty
                    ? "The store knows of no verified backup."
                    : "None of the backups that the store knows of is there.",
                remedy: "Make one with `satchel-server backup FILE`, or name the file that was put elsewhere.")
        }
        return DrillReport(path: known[there].path, missingPaths: known[..<there].map(\.path))
    }

    /// The copy shall not fill the disk that the store is on.
    private func requireSpace(for report: inout DrillReport) throws {
        let facts = try? FileManager.default.attributesOfItem(atPath: report.path)
        report.byteCount = (facts?[.size] as? NSNumber)?.int64Value ?? 0
        let needed = UInt64(clamping: report.byteCount).multipliedReportingOverflow(by: 2).partialValue
        guard let free = DiskSpace.free(at: scratch.url.path), free < needed else { return }
        throw SatchelError(
            .diskFull, "The disk of \(scratch.url.path) has less than twice the size of the backup left.",
            remedy: "Name a folder on another one with --scratch DIR.")
    }

    private func restore(_ report: inout DrillReport, began: Timestamp, _ progress: Progress) throws {
        let start = ContinuousClock.now
        defer { report.restoreTime = ContinuousClock.now - start }
        let restored = try SQLiteServerStore.restore(
            report.path, into: scratch, clock: clock, readSchema: readSchema,
            progress: { progress(.restoring, $0.done, $0.total) })
        report.point = restored.point
        report.ageSeconds = max(0, (began.milliseconds - restored.point.madeAt.milliseconds) / 1_000)
        report.epoch = restored.epoch
    }

    /// Opens the copy as a server does, and holds it against its own log.
    private func replay(_ report: inout DrillReport, _ progress: @escaping Progress) async throws {
        let start = ContinuousClock.now
        defer { report.replayTime = ContinuousClock.now - start }
        let store = try SQLiteServerStore(folder: scratch, purpose: "drill", readSchema: readSchema)
        let (head, standing) = try await store.read { (try $0.head(), try $0.epochStanding()) }
        let epoch = store.identity.epoch
        try store.close()
        guard head == report.point?.head, epoch == report.epoch, standing.isRecovering else {
            throw SatchelError(.damagedData, "The restored copy does not stand where the backup says.")
        }
        let found = try await StoreVerifier(path: scratch.url.path, clock: clock, readSchema: readSchema)
            .verify { progress(.replaying, $0.done, $0.total) }
        report.replayedDigest = found.digest
        report.findings = found.findings
        guard found.digest == report.point?.digest, found.findings.beyondMendingCount == 0 else {
            throw SatchelError(
                .damagedData, "Its log, merged once more, gives other records than the store had at that sequence.",
                remedy: "Try an older backup.")
        }
    }
}

extension DataFolder {
    /// Makes the scratch folder.
    fileprivate func prepare() throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SatchelError(
                .storageFailed, "The folder \(url.path) cannot be made.",
                remedy: "Name a folder that can be written to with --scratch DIR.", cause: error)
        }
    }

    /// Takes away what a drill left that was killed.
    fileprivate func removeStore() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        for name in names where name.hasPrefix("satchel.sqlite") {
            try? FileManager.default.removeItem(at: url.appending(path: name))
        }
    }

    fileprivate func remove() { try? FileManager.default.removeItem(at: url) }
}
