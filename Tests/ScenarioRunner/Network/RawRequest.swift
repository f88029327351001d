import Foundation

/// An HTTP request byte by byte, so that it may be wrong in any way.
package struct RawRequest: Sendable {
    package var path: String
    package var headers: [String: String]
    package var body: [UInt8]
    /// The length that is claimed, where it is not the body's; the line is cut then.
    package var claimedLength: Int?

    package init(
        path: String = "/v1/sync", headers: [String: String] = ["Content-Type": "application/x-protobuf"],
        body: [UInt8] = [], claimedLength: Int? = nil
    ) {
        (self.path, self.headers, self.body, self.claimedLength) = (path, headers, body, claimedLength)
    }

    package struct Answer: Sendable {
        package let status: Int
        package let text: String

        /// The code of the problem that it tells.
        package var code: String? {
            struct ProblemForm: Decodable { let code: String }
            let body = text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
            return try? JSONDecoder().decode(ProblemForm.self, from: Data(body.utf8)).code
        }
    }

    /// The whole request, byte by byte; `isChunked` gives the body in chunks of 100 bytes.
    package func bytes(isChunked: Bool = false) -> [UInt8] {
        var head = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        head += isChunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(claimedLength ?? body.count)\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        let start = Array((head + "\r\n").utf8)
        guard isChunked else { return start + body }
        let chunks = stride(from: 0, to: body.count, by: 100).flatMap { place in
            let chunk = body[place..<min(place + 100, body.count)]
            return Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
        }
        return start + chunks + Array("0\r\n\r\n".utf8)
    }

    /// Sends it, and reads the answer to its end; status 0 stands for no answer.
    package func send(to server: ServerProcess) async throws -> Answer {
        let bytes = try await Self.exchange(
            self.bytes(), port: server.port, cutsAfter: claimedLength == nil ? nil : .max)
        let text = String(decoding: bytes, as: UTF8.self)
        return Answer(status: Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, text: text)
    }

    /// Sends it, and reads the answer.
    package func exchange(with server: ServerProcess) async throws -> HTTPAnswer {
        let bytes = try await Self.exchange(self.bytes(), port: server.port)
        guard let answer = HTTPAnswer(bytes) else { throw AcceptanceFailure("No answer came.") }
        return answer
    }

    /// Sends bytes and reads what is answered, to its end; after `cutsAfter` of them the line is cut.
    package static func exchange(_ bytes: [UInt8], port: Int, cutsAfter: Int? = nil) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingExchange(bytes, port: port, cutsAfter: cutsAfter) })
            }
        }
    }

    private static func blockingExchange(_ bytes: [UInt8], port: Int, cutsAfter: Int?) throws -> [UInt8] {
        let connection = try Connection(port: port)
        defer { connection.cut() }
        if let cutsAfter {
            connection.send(Array(bytes.prefix(cutsAfter)))
            // An orderly end of what is said, to which an answer can still come; nobody waits for one behind more than all.
            if cutsAfter > bytes.count { connection.cut() } else { connection.finishSending() }
        } else {
            // Beside the reading, for a server may answer before it has taken all.
            Thread.detachNewThread { connection.send(bytes) }
        }
        var answer: [UInt8] = []
        while true {
            let bytes = connection.receive()
            if bytes.isEmpty { return answer }
            answer += bytes
        }
    }
}
