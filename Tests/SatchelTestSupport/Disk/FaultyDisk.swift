import CFaultVFS
package import Foundation
import Synchronization

/// The disk under a folder, for the databases in it: its power can be cut, and any of its calls can fail.
///
/// Until something is asked of it all goes as ever. Files of other folders are not touched. Every call may come from any thread.
@safe
package final class FaultyDisk: @unchecked Sendable {
    /// Kinds of calls.
    package struct Calls: OptionSet, Hashable, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let open = Calls(rawValue: 1), read = Calls(rawValue: 2), write = Calls(rawValue: 4)
        package static let sync = Calls(rawValue: 8), truncate = Calls(rawValue: 16), delete = Calls(rawValue: 32)
        package static let size = Calls(rawValue: 64)
        /// The shared memory of a write-ahead log's index.
        package static let shared = Calls(rawValue: 128)
        package static let all = Calls(rawValue: 255)

        /// Each kind with its name.
        package static let named: [(calls: Calls, name: String)] = [
            (.open, "open"), (.read, "read"), (.write, "write"), (.sync, "sync"), (.truncate, "truncate"),
            (.delete, "delete"), (.size, "size"), (.shared, "shared memory"),
        ]
    }

    /// How a call fails.
    package enum Failure: Int32, Sendable, CaseIterable {
        /// The disk reports an error, and nothing was done.
        case error = 1
        /// The disk is full.
        case full = 2
        /// Half of a write is done, then the disk is full.
        case short = 3
    }

    /// What a power cut did to what was not synced.
    package struct Loss: Hashable, Sendable {
        /// Changes that stayed, were lost, and were torn.
        package let kept: Int, lost: Int, torn: Int
        /// Deleted files that came back, and new ones that are gone.
        package let revived: Int, vanished: Int
    }

    /// What the power cut that a count brings is told to.
    private let onCut = Mutex<(@Sendable () -> Void)?>(nil)
    /// Guarded by a lock of its own; freed by `deinit` alone.
    private let area: OpaquePointer

    /// Takes over the files in `folder`, which is there; what a power cut keeps follows from `seed`.
    package init(folder: URL, seed: UInt64) throws {
        guard fault_install() == 0 else { throw NotInstalled() }
        let path = folder.resolvingSymlinksInPath().path
        unsafe area = fault_area_make(path, seed)
    }

    deinit { unsafe fault_area_end(area) }

    // MARK: - Calls that fail

    /// The n-th call of these kinds from now on fails like this, and where it lasts every later one.
    package func fail(_ calls: Calls, _ failure: Failure, at nth: Int, lasting: Bool = false) {
        unsafe fault_area_fail(area, calls.rawValue, failure.rawValue, Int64(nth), lasting ? 1 : 0)
    }

    /// From now on no call fails.
    package func heal() { unsafe fault_area_fail(area, 0, 0, 0, 0) }

    /// How many calls have failed since ``fail(_:_:at:lasting:)``.
    package var failureCount: Int { Int(unsafe fault_area_failures(area)) }
    /// How many calls of those kinds were made since then, the first that failed included.
    package var callCount: Int { Int(unsafe fault_area_calls(area)) }
    /// How many files are open.
    package var openCount: Int { Int(unsafe fault_area_handles(area)) }

    // MARK: - The power

    /// Whether the power is off: every call fails then.
    package var isCut: Bool { unsafe fault_area_is_cut(area) != 0 }

    /// Cuts the power.
    package func cut() { unsafe fault_area_cut(area) }

    /// Cuts the power with the n-th change of a file from now on, and tells of it on that call's thread; 0 calls it off.
    package func cut(atChange nth: Int, told: @escaping @Sendable () -> Void = {}) {
        onCut.withLock { $0 = told }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        // The disk outlives its files, and with them every call.
        let hear: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
            guard let context = unsafe context else { return }
            let disk = unsafe Unmanaged<FaultyDisk>.fromOpaque(context).takeUnretainedValue()
            disk.onCut.withLock { $0 }?()
        }
        unsafe fault_area_cut_at(area, Int64(nth), hear, context)
    }

    /// Runs `body` so that its calls neither fail nor count, unless the power is off: it only looks.
    package func sparing<Result>(_ body: () throws -> Result) rethrows -> Result {
        unsafe fault_area_spare(area, 1)
        defer { unsafe fault_area_spare(area, 0) }
        return try body()
    }

    /// All that was done is on the disk by now: other files were put in the place of these, and no power cut mixes the two.
    package func settle() { unsafe fault_area_settle(area) }

    /// The power comes back, and what the cut lost is gone; every file has to be closed.
    package func restore() throws -> Loss {
        var loss = fault_loss()
        let status = unsafe fault_area_restore(area, &loss)
        guard status == 0 else { throw StillOpen(count: Int(status)) }
        return Loss(
            kept: Int(loss.kept), lost: Int(loss.lost), torn: Int(loss.torn), revived: Int(loss.revived),
            vanished: Int(loss.vanished))
    }

    /// The process's SQLite takes no other file system.
    package struct NotInstalled: Error {}

    /// Files are open that a dead process cannot have.
    package struct StillOpen: Error {
        /// How many; -1 where a file could not be written.
        package let count: Int
    }
}
