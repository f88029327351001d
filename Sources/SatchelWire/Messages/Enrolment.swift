package import SatchelSync

/// What a new device says to become one of a user's devices.
package struct EnrolRequest: Hashable, Sendable {
    /// The protocol that the request is written in.
    package let protocolVersion: UInt32
    /// The one-time code that the operator gave out.
    package let code: String
    /// What people call the device.
    package let deviceName: String

    /// Describes an enrolment.
    package init(protocolVersion: UInt32 = SyncProtocol.version, code: String, deviceName: String) {
        self.protocolVersion = protocolVersion
        self.code = code
        self.deviceName = deviceName
    }
}

/// All that a new device needs to begin.
package struct EnrolReply: Hashable, Sendable {
    /// The user whose device it is.
    package let user: String
    /// The server's name for the device.
    package let deviceID: String
    /// The device's first actor.
    package let actor: ActorID
    /// The credential of every later request, a secret.
    package let token: String
    /// The fork token of the first request.
    package let forkToken: [UInt8]
    /// The life of the server's store.
    package let epoch: StoreEpoch
    /// The version of the schema.
    package let schemaVersion: UInt32
    /// The text of the schema file.
    package let schemaSource: String
    /// What people call the server.
    package let serverName: String

    /// Describes the answer to an enrolment.
    package init(
        user: String, deviceID: String, actor: ActorID, token: String, forkToken: [UInt8], epoch: StoreEpoch,
        schemaVersion: UInt32, schemaSource: String, serverName: String
    ) {
        self.user = user
        self.deviceID = deviceID
        self.actor = actor
        self.token = token
        self.forkToken = forkToken
        self.epoch = epoch
        self.schemaVersion = schemaVersion
        self.schemaSource = schemaSource
        self.serverName = serverName
    }
}
