import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The certificate that new connections are shown; it may be replaced while the server runs.
final class ShownCertificate: Sendable {
    private let shown: Mutex<TransportKeys>

    init(_ keys: TransportKeys) { shown = Mutex(keys) }

    /// What is shown now.
    var keys: TransportKeys { shown.withLock { $0 } }

    /// Reads the files again; where they cannot be read, what was shown stays.
    ///
    /// - Throws: `SatchelError` `invalid_request`.
    func reread() throws {
        let keys = try keys.reread()
        shown.withLock { $0 = keys }
    }
}

/// A connection that is encrypted below everything that looks at it: deadlines and sizes hold for what is inside, and for the handshake.
struct EncryptedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let certificate: ShownCertificate

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.keys.context))
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Reads the certificate's files again whenever the server gets SIGHUP.
struct CertificateRenewal: Service {
    let certificate: ShownCertificate
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                try certificate.reread()
                logger.notice("the certificate was read again", metadata: ["key": "\(certificate.keys.key)"])
            } catch {
                logger.error(
                    "the certificate was not read again, and the one before is still shown",
                    metadata: ["cause": "\(String(describing: error).prefix(400))"])
            }
        }
    }
}
