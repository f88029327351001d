import Foundation
import ScenarioRunner
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A proxy before a server that carries whole requests and whole answers, and can lose an answer or bring a request twice.
///
/// The server has always done all that it was asked before the device hears or does not hear of it.
final class RepeatingProxy: Sendable {
    /// What happens to a request and to its answer.
    enum Mode: Sendable {
        case pass
        /// The server answers, and the device never hears of it.
        case loseAnswer
        /// The same bytes reach the server twice, one after the other; the device hears one of the answers.
        case deliverTwice(hearsFirst: Bool)
    }

    let port: Int
    private let listener: Int32
    private let serverPort: Int
    private let mode = Mutex(Mode.pass)

    init(before server: ServerProcess) throws {
        serverPort = server.port
        (listener, port) = try Connection.listen()
        Thread.detachNewThread { self.accept() }
    }

    /// The address for devices.
    var url: String { "http://127.0.0.1:\(port)" }

    /// Says what happens to requests from now on.
    func set(_ mode: Mode) { self.mode.withLock { $0 = mode } }

    /// Takes no more connections.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        while let device = Connection(acceptedBy: listener) {
            Thread.detachNewThread {
                self.carry(from: device)
                device.cut()
            }
        }
        close(listener)
    }

    private func carry(from device: Connection) {
        guard let request = Self.request(from: device) else { return }
        switch mode.withLock({ $0 }) {
        case .pass: device.send(answer(to: request))
        case .loseAnswer: _ = answer(to: request)
        case .deliverTwice(let hearsFirst):
            let answers = [answer(to: request), answer(to: request)]
            device.send(answers[hearsFirst ? 0 : 1])
        }
    }

    /// The whole of an answer; empty where there is none.
    private func answer(to request: [UInt8]) -> [UInt8] {
        guard let server = try? Connection(port: serverPort), server.send(request) else { return [] }
        defer { server.cut() }
        var answer: [UInt8] = []
        while true {
            let bytes = server.receive()
            if bytes.isEmpty { return answer }
            answer += bytes
        }
    }

    /// A request, whose head is made to say that its connection ends with the answer; `nil` where none comes.
    private static func request(from device: Connection) -> [UInt8]? {
        var bytes: [UInt8] = []
        while !HTTPText.isWholeRequest(bytes) {
            let more = device.receive()
            guard !more.isEmpty else { return nil }
            bytes += more
        }
        return HTTPText.closing(bytes)
    }
}
