import AsyncHTTPClient
import NIOCore
import NIOSSL
import SatchelStorage
package import SatchelSync
import SatchelWire
import Synchronization

/// The clients of HTTP that this process has, one for each way to know a server, for as long as it lives.
enum ServerClients {
    private static let clients = Mutex<[ServerTrust: HTTPClient]>([:])

    /// The client that sends nothing to whoever is not known by `trust`; made from `configuration` when it is asked for first.
    ///
    /// - Throws: `SatchelError` `invalid_request` where the certificate of an authority cannot be read.
    static func client(
        for trust: ServerTrust, configuration: HTTPClient.Configuration
    ) throws(SatchelError) -> HTTPClient {
        if let client = clients.withLock({ $0[trust] }) { return client }
        var configuration = configuration
        try prepare(&configuration, for: trust)
        let made = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let kept = clients.withLock { clients in
            let kept = clients[trust] ?? made
            clients[trust] = kept
            return kept
        }
        // A client that goes without being shut down ends the process.
        if kept !== made { made.shutdown { _ in } }
        return kept
    }

    /// How many certificates a text has.
    static func certificateCount(inPEM text: String) -> Int {
        (try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8)).count) ?? 0
    }

    /// What the system keeps for the line nobody sees go: with little of it, a slow line shows that it goes on.
    @Sendable private static func limitKept(on channel: any Channel) -> EventLoopFuture<Void> {
        channel.setOption(.socketOption(.so_sndbuf), value: 64 * 1024)
    }

    private static func prepare(
        _ configuration: inout HTTPClient.Configuration, for trust: ServerTrust
    ) throws(SatchelError) {
        configuration.http1_1ConnectionDebugInitializer = limitKept(on:)
        configuration.http2ConnectionDebugInitializer = limitKept(on:)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        switch trust.kind {
        case .system: break
        case .authority(let pem):
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
            } catch {
                throw SatchelError(
                    .invalidRequest, "The certificate of the authority cannot be read.",
                    remedy: "Give a file in PEM.", cause: error)
            }
        case .key(let key):
            // The key is looked at once the handshake has proved that the server has it, and before anything is sent.
            tls.certificateVerification = .none
            configuration.httpVersion = .http1Only
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
                    let shown = try certificate.flatMap {
                        ServerKey(hash: Hashing.sha256(try $0.extractPublicKey().toSPKIBytes()))
                    }
                    guard let shown, shown.matches(key) else { throw WrongServerKey(shown: shown, wanted: key) }
                }.flatMap { limitKept(on: channel) }.flatMapErrorThrowing { error in
                    channel.close(promise: nil)
                    throw error
                }
            }
        }
        configuration.tlsConfiguration = tls
    }
}

/// A server has another key than the one that it is known by.
struct WrongServerKey: Error {
    let shown: ServerKey?
    let wanted: ServerKey
}

extension SatchelError {
    /// Why nobody was spoken to, where the one who answered is not known; `nil` where the failure is another.
    ///
    /// A portal that answers for everybody shows its own certificate: so it is tried again.
    package static func distrust(_ error: any Error, serverURL: String) -> SatchelError? {
        let server = Excerpt.of(serverURL)
        switch error {
        case let wrong as WrongServerKey:
            let shown = wrong.shown?.description ?? "none"
            return SatchelError(
                .wrongServerKey,
                "\(server) shows the key \(shown), but this device knows its server by \(wrong.wanted). Nothing was sent.",
                remedy:
                    "Somebody else may answer in its place. Ask the operator for the server's key (`satchel-server certificate show`), and if it is a new one: `satchel trust KEY`. Everything is kept.",
                isTransient: true, cause: error)
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch:
            return untrusted("The certificate of \(server) is for another host. Nothing was sent.", cause: error)
        case NIOSSLError.handshakeFailed(.sslError(let stack))
        where stack.contains { "\($0)".contains("CERTIFICATE_VERIFY_FAILED") }:
            return untrusted(
                "The certificate of \(server) is out of date, or of an authority that this device does not trust. Nothing was sent.",
                cause: error)
        case NIOSSLError.handshakeFailed:
            return SatchelError(
                .unknownAnswer, "What answers at \(server) does not speak TLS 1.2 or 1.3.",
                remedy: "Check the address, and whether a proxy stands between. Everything is kept.", isTransient: true,
                cause: error)
        default: return nil
        }
    }

    private static func untrusted(_ message: String, cause: any Error) -> SatchelError {
        SatchelError(
            .untrustedServer, message,
            remedy:
                "Check the address, the network and this device's date; for a server with a key or an authority of its own ask the operator for a code, or for the authority's certificate (--ca FILE). Everything is kept.",
            isTransient: true, cause: cause)
    }
}
