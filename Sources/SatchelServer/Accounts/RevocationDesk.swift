import SatchelStorage
import SatchelSync

extension ServerSnapshot {
    /// Refuses a device that an operator has locked out, as it stands in this view.
    ///
    /// - Throws: `SatchelError` `device_revoked`.
    func requireAdmitted(_ device: DeviceAccount) throws {
        if let revocation = try self.device(key: device.key)?.revocation { throw SatchelError(revocation) }
    }

    /// The device that an operator means: by its whole id, or a unique ending of it.
    ///
    /// - Throws: `SatchelError` `invalid_request` or `ambiguous_id`.
    func device(called text: String) throws -> DeviceAccount {
        let wanted = text.lowercased()
        let found = try devices().filter { device in
            wanted.utf8.count >= Self.endingLengthMin && device.id.description.hasSuffix(wanted)
        }
        guard let device = found.first else {
            throw SatchelError(
                .invalidRequest, "No device is called \"\(Excerpt.of(text))\".",
                remedy: "Take its id, or the last four characters of that, from `satchel-server device list`.")
        }
        guard found.count == 1 else {
            throw SatchelError(
                .ambiguousID, "\(found.count) devices have ids that end in \"\(Excerpt.of(text))\".",
                remedy: "Type more of it: `satchel-server device list` has the ids.")
        }
        return device
    }

    private static var endingLengthMin: Int { 4 }
}

extension SatchelError {
    /// The refusal of a device that is locked out: to whoever holds it, so it names nobody, and says that his work is not gone.
    init(_ revocation: DeviceRevocation) {
        let reason = revocation.reason.map { ", and said: \"\($0)\"." } ?? "."
        self.init(
            .deviceRevoked, "The operator locked this device out of the server at \(revocation.at)\(reason)",
            remedy:
                "What was made here and not sent is kept on this device. Ask the operator to let it in again; then it is sent as ever."
        )
    }
}

extension OperatorService {
    /// Locks a device out from now on; one that is locked out stays so, and gets the new reason where there is one.
    func revoke(_ text: String, for reason: String?) async throws -> OperatorReply {
        if let reason {
            guard (1...Self.reasonBytesMax).contains(reason.utf8.count) else {
                throw SatchelError.wrongUsage(
                    "A reason takes 1 to \(Self.reasonBytesMax) bytes, got \(reason.utf8.count).",
                    remedy: "Say in a sentence why; whoever holds the device reads it.")
            }
            guard !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw SatchelError.wrongUsage(
                    "A reason is one line of text, without control characters.", remedy: "Leave them out.")
            }
        }
        let now = clock.now()
        let key = try await queue.run { transaction in
            let device = try transaction.snapshot.device(called: text)
            try transaction.setRevocation(
                DeviceRevocation(at: device.revocation?.at ?? now, reason: reason ?? device.revocation?.reason),
                ofDevice: device.key)
            return device.key
        }
        let device = try await store.read { try $0.device(key: key) }
        if let device { onRevoked(device.id.description) }
        return .devices(try await devices { $0.key == key })
    }

    /// Lets a device in again.
    func reinstate(_ text: String) async throws -> OperatorReply {
        let key = try await queue.run { transaction in
            let device = try transaction.snapshot.device(called: text)
            try transaction.setRevocation(nil, ofDevice: device.key)
            return device.key
        }
        return .devices(try await devices { $0.key == key })
    }
}
