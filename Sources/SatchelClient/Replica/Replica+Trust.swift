import SatchelStorage
import SatchelSync

extension Replica {
    /// The address of the server, and by what it is known.
    ///
    /// - Throws: `SatchelError` `missing_data`, `damaged_data` and what opening throws.
    public func serverTrust() throws -> (serverURL: String, trust: ServerTrust) {
        let identity = try reading { try $0.identity() }
        return (identity.serverURL, try ServerTrust(stored: identity.serverTrust))
    }

    /// Knows the server by something else from now on, such as the key of its new certificate; nothing is sent.
    ///
    /// - Throws: `SatchelError` `missing_data` and what opening throws.
    public func setServerTrust(_ trust: ServerTrust) throws {
        try withTurn(purpose: "trust") { store in
            try store.write { try $0.setServerTrust(trust.stored) }
        }
    }
}
