import SatchelSchemaFile
import SatchelStorage
public import SatchelSync
import SatchelWire

/// Whose device a replica has become.
public struct Enrolment: Hashable, Sendable {
    /// The user.
    public let user: String
    /// The device's name.
    public let device: String
    /// What the server calls itself.
    public let server: String
    /// The replica's actor.
    public let actor: ActorID
}

extension Replica {
    /// Makes this home a replica of the server, with a one-time code that the operator gave.
    ///
    /// By `trust` the server is known from now on; where it is `nil`, by the key that the code names, else by the authorities that the system trusts.
    ///
    /// - Throws: `SatchelError` `data_exists`, `foreign_data` and `storage_failed` before the code is spent, and so are `insecure_transport`,
    ///   `untrusted_server` and `wrong_server_key`; `invalid_code`, `network_unavailable`. Where the reply is lost the code may be spent: ask for
    ///   another.
    public func enrol(
        serverURL: String, code: String, deviceName: String, trust: ServerTrust? = nil
    ) async throws -> Enrolment {
        try folder.requireRoom()
        let typed = EnrolmentCode(typed: code)
        let trust = trust ?? typed.key.map { ServerTrust(.key($0)) } ?? .system
        let transport = try HTTPTransport(serverURL: serverURL, trust: trust)
        let reply = try await transport.enrol(EnrolRequest(code: typed.code, deviceName: deviceName))
        try FaultPoint.enrolAnswered.reach()
        let schema = try SchemaFile.parse(reply.schemaSource).schema
        let identity = ReplicaIdentity(
            actor: reply.actor, lineage: Lineage(), user: reply.user, device: deviceName, serverURL: serverURL,
            serverName: reply.serverName, token: reply.token,
            serverTrust: transport.isEncrypted ? trust.stored : nil)
        try ReplicaStore.create(
            in: folder, identity: identity, facts: ExchangeFacts(epoch: reply.epoch, forkToken: reply.forkToken),
            schema: schema, schemaSource: reply.schemaSource)
        return Enrolment(user: reply.user, device: deviceName, server: reply.serverName, actor: reply.actor)
    }
}
