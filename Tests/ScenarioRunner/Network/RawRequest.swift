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

    /// Sends it, and reads the answer to its end; status 0 stands for no answer.
    package func send(to server: ServerProcess) async throws -> Answer {
        let port = server.port
        let bytes: [UInt8] = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try exchange(port: port) }) }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return Answer(status: Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, text: text)
    }

    private func exchange(port: Int) throws -> [UInt8] {
        let connection = try Connection(port: port)
        defer { connection.cut() }
        var head = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        head += "Content-Length: \(claimedLength ?? body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let bytes = Array((head + "\r\n").utf8) + body
        if claimedLength == nil {
            // Beside the reading, for a server may answer before it has taken all.
            Thread.detachNewThread { connection.send(bytes) }
        } else {
            connection.send(bytes)
            connection.cut()
        }
        var answer: [UInt8] = []
        while true {
            let bytes = connection.receive()
            if bytes.isEmpty { return answer }
            answer += bytes
        }
    }
}
