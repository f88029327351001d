import AsyncHTTPClient
import NIOCore
import SatchelStorage
import SatchelSync

extension HTTPTransport {
    /// Hands over the body of an answer, piece by piece, for as long as it is worth waiting for.
    ///
    /// - Throws: `SatchelError` `network_unavailable` where the line is cut, silent for too long, or so slow that nothing comes of it; what `body`
    ///   throws.
    static func forEachPiece(
        of response: HTTPClientResponse, pace kind: AnswerPace.Kind = .bytes, _ body: ([UInt8]) async throws -> Void
    ) async throws {
        let clock = SystemClock()
        var pace = AnswerPace(kind, patience: patience)
        var failure: (any Error)?
        var begun = clock.elapsed()
        do {
            for try await chunk in response.body {
                let piece = Array(chunk.readableBytesView)
                guard pace.pays(piece, after: clock.elapsed() - begun) else { throw TricklingAnswer() }
                do {
                    try await body(piece)
                } catch {
                    failure = error
                    break
                }
                // What was done meanwhile is nobody's delay.
                begun = clock.elapsed()
            }
        } catch {
            throw networkFailure(error)
        }
        if let failure { throw failure }
    }
}

/// An answer came so slowly that it would never be whole.
private struct TricklingAnswer: Error {}
