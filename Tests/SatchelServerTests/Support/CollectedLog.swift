import Logging
import Synchronization

/// A log that a test reads.
final class CollectedLog: Sendable {
    /// One event.
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let collected = Mutex<[Line]>([])

    /// All events so far.
    var lines: [Line] { collected.withLock { $0 } }

    /// What was told of broken rules: rule and connections.
    var brokenRules: [(rule: String, connections: Int)] {
        lines.compactMap { line in
            line.metadata["rule"].map { ($0, line.metadata["connections"].flatMap { Int($0) } ?? 0) }
        }
    }

    /// A logger that writes here.
    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    fileprivate func add(_ line: Line) { collected.withLock { $0.append(line) } }
}

private struct Handler: LogHandler {
    let log: CollectedLog
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        log.add(.init(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
    }
}
