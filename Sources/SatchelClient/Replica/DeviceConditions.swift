#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the machine around a replica is like now.
public struct DeviceConditions: Hashable, Sendable {
    /// Whether there is a way to other machines; `nil` where the system does not say.
    public let hasNetwork: Bool?
    /// How many bytes the replica's file system has left for its user; `nil` where that cannot be found.
    public let freeBytes: Int64?

    /// Looks around; nothing is sent.
    package init(home: String) {
        hasNetwork = Self.hasRoute()
        freeBytes = Self.free(at: home)
    }

    private static func free(at path: String) -> Int64? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Whether the kernel knows a route that leads away from this machine (Linux: proc(5), `net/route` and `net/ipv6_route`).
    private static func hasRoute() -> Bool? {
        guard let four = lines(of: "/proc/net/route") else { return nil }
        let isFour = four.dropFirst().contains { line in
            let columns = line.split(whereSeparator: \.isWhitespace)
            return columns.count > 3 && columns[0] != "lo"
                && columns[3].last.flatMap({ Int(String($0), radix: 16) }).map { $0 & 1 == 1 } ?? false
        }
        let isSix = (lines(of: "/proc/net/ipv6_route") ?? []).contains { line in
            let columns = line.split(whereSeparator: \.isWhitespace)
            // A gateway, on another interface than the machine's own.
            return columns.count > 9 && columns[9] != "lo" && columns[4].contains { $0 != "0" }
        }
        return isFour || isSix
    }

    private static func lines(of path: String) -> [Substring]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < 1_048_576 {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
