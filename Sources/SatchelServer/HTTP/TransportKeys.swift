import HummingbirdTLS
import NIOSSL
package import SatchelSync

/// The certificate that a server shows, and its key.
package struct TransportKeys: Sendable {
    let configuration: TLSConfiguration

    /// Reads a chain of certificates and a private key, both PEM.
    ///
    /// - Throws: `SatchelError` `invalid_request` where a file cannot be read as that, or the two do not belong together.
    package init(certificatePath: String, keyPath: String) throws(SatchelError) {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
            let key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            // Looks whether the two belong together, before the server says that it listens.
            _ = try NIOSSLContext(configuration: configuration)
            self.configuration = configuration
        } catch {
            throw SatchelError(
                .invalidRequest, "The certificate \(certificatePath) and the key \(keyPath) cannot be read as a pair.",
                remedy: "Give PEM files that belong together and that this user may read.", cause: error)
        }
    }
}
