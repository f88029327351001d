extension ReplicaTransaction {
    /// Says anew whom this replica takes for its server; `nil` for whoever shows a certificate that the system trusts.
    package func setServerTrust(_ text: String?) throws { try meta.set(.serverTrust, text) }
}
