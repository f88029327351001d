import SatchelSync

extension EnrolRequest {
    func message() -> ProtoEnrolRequest {
        var message = ProtoEnrolRequest()
        message.protocolVersion = protocolVersion
        message.code = code
        message.deviceName = deviceName
        return message
    }
}

extension EnrolReply {
    func message() -> ProtoEnrolReply {
        var message = ProtoEnrolReply()
        message.user = user
        message.deviceID = deviceID
        message.actor = WireBytes.id(actor.high, actor.low)
        message.token = token
        message.forkToken = WireBytes.data(forkToken)
        message.epoch = WireBytes.id(epoch.high, epoch.low)
        message.schemaVersion = schemaVersion
        message.schemaSource = schemaSource
        message.serverName = serverName
        return message
    }
}

extension FormReader {
    private static let name = 1...Limits.nameBytesMax

    func enrolRequest(_ message: ProtoEnrolRequest) throws(FormError) -> EnrolRequest {
        EnrolRequest(
            protocolVersion: message.protocolVersion, code: try text(message.code, "code", bytes: Self.name),
            deviceName: try text(message.deviceName, "device_name", bytes: Self.name))
    }

    func enrolReply(_ message: ProtoEnrolReply) throws(FormError) -> EnrolReply {
        EnrolReply(
            user: try text(message.user, "user", bytes: Self.name),
            deviceID: try text(message.deviceID, "device_id", bytes: Self.name),
            actor: try ordinaryActor(message.actor, "actor"),
            token: try text(message.token, "token", bytes: Self.name),
            forkToken: try opaque(message.forkToken, "fork_token", bytesMax: WireLimits.forkTokenBytesMax),
            epoch: try epoch(message.epoch), schemaVersion: message.schemaVersion,
            schemaSource: try text(message.schemaSource, "schema_source", bytes: 1...Limits.schemaBytesMax),
            serverName: try text(message.serverName, "server_name", bytes: 0...Limits.nameBytesMax))
    }
}
