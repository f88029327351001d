import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import SatchelStorage
import SatchelSync

/// Asks a running server through the socket in its data folder.
package final class OperatorClient: OperatorAccess {
    private let socket: SocketPath
    private let client: HTTPClient

    /// Looks at the folder's socket; `nil` where there is none or nobody answers it.
    package static func connect(folder: DataFolder) async throws -> OperatorClient? {
        let socket = try SocketPath(folder: folder)
        guard socket.isThere else { return nil }
        let client = OperatorClient(socket: socket)
        do {
            _ = try await client.perform(.identity)
            return client
        } catch {
            // Whatever was answered: a client that is not closed ends the process when it goes.
            try? await client.close()
            guard (error as? SatchelError)?.code == .networkUnavailable else { throw error }
            return nil
        }
    }

    private init(socket: SocketPath) {
        self.socket = socket
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .milliseconds(500)
        configuration.decompression = .disabled
        configuration.redirectConfiguration = .disallow
        // A socket that nobody answers says so at once: it was left by a server that was killed.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    package func perform(_ request: OperatorRequest) async throws -> OperatorReply {
        let allowed = CharacterSet.alphanumerics
        guard let host = socket.path.addingPercentEncoding(withAllowedCharacters: allowed) else {
            throw SatchelError(.internalError, "The path of the operator's socket cannot be written as an address.")
        }
        var message = HTTPClientRequest(url: "http+unix://\(host)\(OperatorSocket.route)")
        message.method = .POST
        message.headers.add(name: "Content-Type", value: "application/json")
        message.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(request)))
        let (status, bytes): (UInt, [UInt8])
        do {
            let response = try await client.execute(message, timeout: .minutes(10))
            let body = try await response.body.collect(upTo: ServerLimits.operatorBodyBytesMax)
            (status, bytes) = (response.status.code, Array(body.readableBytesView))
        } catch {
            throw SatchelError(
                .networkUnavailable, "The server that holds this data folder does not answer on its socket.",
                remedy: "Check whether it is stopping, and try again.", isTransient: true, cause: error)
        }
        return try Self.reply(status: status, Data(bytes))
    }

    private static func reply(status: UInt, _ bytes: Data) throws -> OperatorReply {
        do {
            if status == 200 { return try JSONDecoder().decode(OperatorReply.self, from: bytes) }
            throw try JSONDecoder().decode(OperatorProblem.self, from: bytes).error
        } catch is DecodingError {
            throw SatchelError.unexpectedReply
        }
    }

    /// Closes the connection; must be called once.
    package func close() async throws { try await client.shutdown() }
}
