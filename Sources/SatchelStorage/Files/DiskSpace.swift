import Foundation

/// How much a disk still takes.
package enum DiskSpace {
    /// The bytes that a user may still write to the disk that holds `path`; `nil` where nobody can tell.
    package static func free(at path: String) -> UInt64? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        let (free, isHuge) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isHuge ? nil : free
    }
}
