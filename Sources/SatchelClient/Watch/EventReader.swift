/// Reads a stream of server-sent events (WHATWG HTML §9.2) while it comes, within limits.
package struct EventReader {
    /// An event that has data.
    package struct Event: Hashable, Sendable {
        /// Its type; `message` where none is said.
        package let type: String
        /// Its data, lines joined by LF.
        package let data: String

        package init(type: String, data: String) {
            self.type = type
            self.data = data
        }
    }

    /// Bytes of a line, and of the data of an event, that are taken at most.
    package static let bytesMax = 64 * 1024

    private var line: [UInt8] = []
    private var endedWithCR = false
    private var type = ""
    private var data: [String] = []
    private var dataBytes = 0
    /// Whether a limit was passed: nothing more is read then.
    package private(set) var isOverLimit = false

    package init() {}

    /// Takes bytes that came; returns the events that they complete.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [Event] {
        var events: [Event] = []
        for byte in bytes where !isOverLimit {
            switch byte {
            case UInt8(ascii: "\n") where endedWithCR: endedWithCR = false
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                endedWithCR = byte == UInt8(ascii: "\r")
                if let event = endLine() { events.append(event) }
            default:
                endedWithCR = false
                line.append(byte)
                isOverLimit = line.count > Self.bytesMax
            }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return dispatch() }
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1] : ""
        switch parts[0] {
        case "event": type = String(value)
        case "data":
            data.append(String(value))
            dataBytes += value.utf8.count + 1
            isOverLimit = dataBytes > Self.bytesMax
        default: break  // A comment, or what only browsers need.
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer { (type, data, dataBytes) = ("", [], 0) }
        return data.isEmpty ? nil : Event(type: type.isEmpty ? "message" : type, data: data.joined(separator: "\n"))
    }
}
