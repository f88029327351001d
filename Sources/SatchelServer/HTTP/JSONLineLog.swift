import Foundation
package import Logging
import Synchronization

/// Writes the log as JSON lines on standard error, UTC, one event a line, control characters escaped.
package struct JSONLineLog: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    private let label: String

    package init(label: String) { self.label = label }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var members: [String: String] = [:]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            members[key] = "\(value)"
        }
        members["time"] = Date().ISO8601Format(.init(includingFractionalSeconds: true))
        members["level"] = event.level.rawValue
        members["message"] = "\(event.message)"
        members["logger"] = label
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(members) else { return }
        line.append(UInt8(ascii: "\n"))
        Self.lock.withLock { _ in try? FileHandle.standardError.write(contentsOf: line) }
    }

    /// One line at a time, whatever thread it comes from.
    private static let lock = Mutex(())
}
