import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SatchelSync

/// The operator's socket of a running server: the same requests as in the process, as JSON.
enum OperatorSocket {
    /// Where requests go.
    static let route = "/operator"

    /// The application that answers on the socket.
    static func application(
        at socket: SocketPath, access: any OperatorAccess, logger: Logger
    ) -> some ApplicationProtocol {
        let router = Router(context: BasicRequestContext.self)
        router.post(RouterPath(stringLiteral: route)) { request, _ in
            await answer(request, access: access, logger: logger)
        }
        return Application(
            router: router, server: HTTPServerBuilder { RescuedChannel(base: HTTP1Channel(responder: $0)) },
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket.path)),
            onServerRunning: { _ in
                do { try socket.restrict() } catch { logger.error("the operator's socket keeps the folder's rights") }
            },
            logger: logger)
    }

    private static func answer(_ request: Request, access: any OperatorAccess, logger: Logger) async -> Response {
        do {
            let body = try await request.wireBody(bytesMax: ServerLimits.operatorBodyBytesMax)
            let wish = try JSONDecoder().decode(OperatorRequest.self, from: Data(body))
            return response(.ok, try JSONEncoder().encode(try await access.perform(wish)))
        } catch let error as SatchelError {
            return problem(error)
        } catch is DecodingError {
            return problem(
                SatchelError(
                    .malformedBody, "The request is not one that this server knows.",
                    remedy: "Use the satchel-server of the same version as the running one."))
        } catch {
            logger.error(
                "an operator's request failed", metadata: ["cause": "\(String(describing: error).prefix(400))"])
            return problem(ExchangeFailure(any: error).error)
        }
    }

    private static func problem(_ error: SatchelError) -> Response {
        let bytes = (try? JSONEncoder().encode(OperatorProblem(error))) ?? Data()
        return response(ProblemResponse.status(of: error.code), bytes)
    }

    private static func response(_ status: HTTPResponse.Status, _ bytes: Data) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
