import Foundation

/// As much of HTTP/1.1 as a proxy and a player of devices need.
package enum HTTPText {
    private static let blankLine = Array("\r\n\r\n".utf8)

    /// Where the body begins; `nil` while the head is not whole.
    package static func bodyStart(_ bytes: [UInt8]) -> Int? { bytes.firstRange(of: blankLine)?.upperBound }

    /// The value of a header field of a head; `nil` where it has none.
    package static func header(_ name: String, of bytes: [UInt8]) -> String? {
        guard let start = bodyStart(bytes) else { return nil }
        let lines = String(decoding: bytes[..<start], as: UTF8.self).split(separator: "\r\n")
        let line = lines.dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        return line.map { String($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
    }

    /// A request whose connection ends with the answer.
    package static func closing(_ request: [UInt8]) -> [UInt8] {
        guard let start = bodyStart(request) else { return request }
        let lines = String(decoding: request[..<(start - 4)], as: UTF8.self).components(separatedBy: "\r\n")
        let head = lines.filter { !$0.lowercased().hasPrefix("connection:") } + ["Connection: close"]
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + request[start...]
    }

    /// Whether a request with a counted body is there whole.
    package static func isWholeRequest(_ bytes: [UInt8]) -> Bool {
        guard let start = bodyStart(bytes) else { return false }
        return bytes.count >= start + (header("content-length", of: bytes).flatMap { Int($0) } ?? 0)
    }
}

/// An answer, read from the bytes of a connection.
package struct HTTPAnswer: Sendable {
    package let status: Int
    package let contentType: String
    package let contentEncoding: String
    /// The body without its chunks.
    package let body: [UInt8]
    /// Whether it came to its end.
    package let isWhole: Bool

    /// Reads what has come; `nil` while the head is not whole.
    package init?(_ bytes: [UInt8]) {
        guard let start = HTTPText.bodyStart(bytes) else { return nil }
        let first = String(decoding: bytes[..<start], as: UTF8.self).split(separator: " ").dropFirst().first
        status = first.flatMap { Int($0) } ?? 0
        contentType = HTTPText.header("content-type", of: bytes) ?? ""
        contentEncoding = HTTPText.header("content-encoding", of: bytes) ?? ""
        if HTTPText.header("transfer-encoding", of: bytes)?.lowercased() == "chunked" {
            (body, isWhole) = Self.joined(bytes[start...])
        } else {
            let length = HTTPText.header("content-length", of: bytes).flatMap { Int($0) } ?? 0
            body = Array(bytes[start...].prefix(length))
            isWhole = body.count == length
        }
    }

    private static func joined(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], isWhole: Bool) {
        var rest = bytes
        var body: [UInt8] = []
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let digits = String(decoding: rest[..<end.lowerBound], as: UTF8.self).prefix { $0 != ";" }
            guard let count = Int(digits, radix: 16) else { return (body, false) }
            guard count > 0 else { return (body, true) }
            let chunk = rest[end.upperBound...].prefix(count)
            body += chunk
            guard chunk.count == count else { return (body, false) }
            rest = rest[(end.upperBound + count)...].dropFirst(2)
        }
        return (body, false)
    }
}
