package import SatchelStorage
package import SatchelSync
package import SatchelWire

/// Gives out enrolment codes, and makes devices of those who bring one.
package struct EnrolmentDesk<Store: ServerStore>: Sendable {
    private let store: Store
    private let queue: MergeQueue<Store>
    private let clock: any WallClock

    package init(store: Store, queue: MergeQueue<Store>, clock: any WallClock) {
        self.store = store
        self.queue = queue
        self.clock = clock
    }

    /// How long a code can be used.
    package static var codeLifetimeMilliseconds: Int64 { 10 * 60 * 1_000 }

    /// Makes a one-time code for a user; only its hash is kept.
    ///
    /// - Throws: `SatchelError` `unknown_user`.
    package func makeCode(forUser name: String) async throws -> (code: String, expiresAt: Timestamp) {
        let code = EnrolCodeText.random()
        let now = clock.now()
        let expiresAt = Timestamp(milliseconds: now.milliseconds + Self.codeLifetimeMilliseconds)
        try await queue.run { transaction in
            let user = try transaction.snapshot.requireUser(named: name)
            try transaction.addEnrolCode(
                hash: EnrolCodeText.hash(of: code), user: user, expiresAt: expiresAt, now: now)
        }
        return (code, expiresAt)
    }

    /// Makes a device of whoever brings a good code; the code is used up in the same transaction.
    ///
    /// - Throws: `SatchelError` `invalid_code`, `invalid_request`, `protocol_mismatch`.
    package func enrol(_ request: EnrolRequest) async throws -> EnrolReply {
        guard request.protocolVersion == SyncProtocol.version else {
            throw SatchelError(
                .protocolMismatch,
                "The device speaks protocol \(request.protocolVersion); this server speaks \(SyncProtocol.version).",
                remedy: "Update the older of the two.")
        }
        try AccountName.check(request.deviceName, what: "device")
        let now = clock.now()
        let token = Hashing.randomBytes(32).hexString
        let hash = EnrolCodeText.hash(of: request.code)
        let forkToken = ForkToken.initial()
        let device = try await queue.run { transaction in
            let user = try Self.user(ofCode: hash, in: transaction.snapshot, now: now)
            try transaction.useEnrolCode(hash: hash, at: now)
            return try transaction.addDevice(
                user: user, name: request.deviceName, actor: .random(), tokenHash: DeviceToken.hash(of: token),
                forkToken: forkToken, at: now)
        }
        let identity = store.identity
        return EnrolReply(
            user: device.user, deviceID: device.id.description, actor: device.actor, token: token,
            forkToken: forkToken.current, epoch: identity.epoch, schemaVersion: store.schema.version,
            schemaSource: identity.schemaSource, serverName: identity.name)
    }

    private static func user(ofCode hash: [UInt8], in snapshot: Store.Snapshot, now: Timestamp) throws -> UserAccount {
        let why: String
        let code = try snapshot.enrolCode(hash: hash)
        if let code, code.usedAt == nil, now < code.expiresAt { return code.user }
        switch code {
        case nil: why = "is not one that this server gave out"
        case let code? where code.usedAt != nil: why = "was used already"
        default: why = "is no longer valid: a code lives for ten minutes"
        }
        throw SatchelError(
            .invalidCode, "The enrolment code \(why).",
            remedy: "Ask the operator for a new one (`satchel-server enrol-code`).")
    }
}

/// The credential of a device: random, and stored only as a hash.
package enum DeviceToken {
    /// What the store keeps of a token.
    package static func hash(of token: String) -> [UInt8] { Hashing.sha256(Array(token.utf8)) }
}

extension ServerSnapshot {
    /// The user of this name.
    ///
    /// - Throws: `SatchelError` `unknown_user`.
    package func requireUser(named name: String) throws -> UserAccount {
        guard let user = try user(named: name) else {
            throw SatchelError(
                .unknownUser, "There is no user named \"\(Excerpt.of(name))\".",
                remedy: "Add one with `satchel-server user add`.")
        }
        return user
    }
}
