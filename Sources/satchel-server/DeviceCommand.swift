import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Devices of the store's users.
struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "List the enrolled devices, and lock lost ones out.",
        subcommands: [List.self, Revoke.self, Reinstate.self])

    /// Lists devices.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the devices in the order of their enrolment.",
            discussion: HelpText.flowing(
                """
                ACTOR is the name under which a device makes change-sets now: it gets a new one with each restore of the store. FORKED says how often its home
                was found copied, put back to an earlier day, or repaired, so that it went on under a new name, and when last; a restore does not count.
                LAST REPORTED is how many change-sets it held when it last came that the server had not judged. CLOCK is empty where it was right within a
                minute. CHANGE-SETS are those that the server has judged.

                Example:
                  satchel-server device list --data ./office
                """))

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reply = try await data.withAccess(purpose: "device list") { try await $0.perform(.devices) }
            guard case .devices(let devices) = reply else { throw SatchelError.unexpectedReply }
            var table = TextTable([
                .init("ID", isCuttable: false), .init("USER"), .init("DEVICE"), .init("ACTOR", isCuttable: false),
                .init("CHANGE-SETS", .trailing),
                .init("LAST SEEN", isCuttable: false), .init("CLOCK"), .init("FORKED"), .init("LAST REPORTED"),
                .init("LOCKED OUT"),
            ])
            for device in devices {
                table.add([
                    .init(String(device.id.suffix(8)), .faint), .init(device.user), .init(device.name),
                    .init(String(device.presentActor.prefix(8))),
                    .init(String(device.changeSets)), .init(device.lastSeenAt ?? "never"),
                    .init(device.clockWrongness ?? ""),
                    .init(device.copies.last.map { "\(device.copies.count)×, last \($0.beganAt)" } ?? ""),
                    .init(device.reportedPending > 0 ? "\(device.reportedPending) pending" : ""),
                    .init(device.lockedOut ?? "", .alert),
                ])
            }
            let silent = devices.compactMap(\.silence).map { $0 + "\n" }.joined()
            try output.show(
                json: .array(devices.map(\.json)),
                text: devices.isEmpty
                    ? "No device is enrolled.\n" : table.rendered(width: output.width, style: output.style) + silent)
        }
    }
    /// Locks a device out.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lock a lost device out: from now on the server refuses its credential.",
            discussion: HelpText.flowing(
                """
                It sends nothing and gets nothing any more, and what it has open is closed. Nothing is deleted on it: what it has got before stays
                readable to whoever holds it, in a file that is not encrypted, and what was made on it and not sent is on it alone, until
                `device reinstate` lets it in again. Whoever holds it reads the reason.

                The user's other devices go on, and `enrol-code` brings a new one. It stays locked out after a `restore`, where the store that this
                replaces can be read; look at `device list` else.

                Example:
                  satchel-server device revoke 9d01c4e7 --reason "Lost on the train" --data ./office
                """))

        @Argument(help: "The device's id, or a unique ending of it.")
        var device: String
        @Option(help: "Why, in a sentence for whoever holds it.")
        var reason: String?
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (device, reason) = (device, reason)
            let reply = try await data.withAccess(purpose: "device revoke") {
                try await $0.perform(.revoke(device: device, reason: reason))
            }
            let revoked = try reply.device()
            let held =
                revoked.reportedPending > 0
                ? "It last reported \(revoked.reportedPending) pending, which it alone has.\n" : ""
            try output.show(
                json: revoked.json,
                text: "Locked out \(revoked.called), \(revoked.lockedOut ?? "").\n\(held)")
            output.say(
                "What it has got before stays readable on it. `satchel-server device reinstate` lets it in again.")
        }
    }

    /// Lets a device in again.
    struct Reinstate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a device in again that was locked out.",
            discussion: HelpText.flowing(
                """
                It sends what it kept as if nothing had been: within a quarter of an hour by itself where it is kept in sync, at once with
                `satchel sync`.

                Example:
                  satchel-server device reinstate 9d01c4e7 --data ./office
                """))

        @Argument(help: "The device's id, or a unique ending of it.")
        var device: String
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let device = device
            let reply = try await data.withAccess(purpose: "device reinstate") {
                try await $0.perform(.reinstate(device: device))
            }
            let admitted = try reply.device()
            try output.show(json: admitted.json, text: "Let \(admitted.called) in again.\n")
        }
    }
}

extension OperatorReply {
    /// The one device that was asked for.
    fileprivate func device() throws -> DeviceReply {
        guard case .devices(let devices) = self, let device = devices.first else {
            throw SatchelError.unexpectedReply
        }
        return device
    }
}

extension DeviceReply {
    /// The forks that no restore explains.
    fileprivate var copies: [ForkReply] { forks.filter { !$0.isAfterRestore } }

    /// Its name and whose it is, for a sentence.
    fileprivate var called: String {
        "\(SafeText.line(name)) of \(SafeText.line(user)) (\(id.suffix(8)))"
    }

    /// Since when it is locked out and why; `nil` where it is not.
    fileprivate var lockedOut: String? {
        revokedAt.map { time in "since \(time)" + (revocationReason.map { ": \(SafeText.line($0))" } ?? "") }
    }

    /// What to say of a device that does not come and holds work; `nil` where there is nothing to say.
    ///
    /// One that is kept in sync comes every five minutes.
    fileprivate var silence: String? {
        guard reportedPending > 0, silentSeconds > 900 else { return nil }
        let who = "\(SafeText.line(name)) of \(SafeText.line(user)) (\(presentActor.prefix(8)))"
        let age = silentSeconds >= 172_800 ? "\(silentSeconds / 86_400) days" : "\(silentSeconds / 60) minutes"
        return
            "\(who) is silent for \(age); it last reported \(reportedPending) pending\(revokedAt == nil ? "." : ", and is locked out.")"
    }

    fileprivate var json: JSONValue {
        .members([
            "id": .text(id), "user": .text(user), "name": .text(name), "actor": .text(actor),
            "present_actor": .text(presentActor),
            "forks": .array(
                forks.map { fork in
                    .members([
                        "actor": .text(fork.actor), "parent": .text(fork.parent),
                        "counter": .integer(Int64(clamping: fork.counter)), "began_at": .text(fork.beganAt),
                        "is_after_restore": .bool(fork.isAfterRestore),
                    ])
                }), "enrolled_at": .text(enrolledAt), "last_seen_at": .text(optional: lastSeenAt),
            "change_sets": .integer(Int64(clamping: changeSets)),
            "clock_offset_ms": clockOffsetMilliseconds.map { .integer($0) } ?? .null,
            "clock_error_ms": clockErrorMilliseconds.map { .integer($0) } ?? .null,
            "clock": .text(optional: clockWrongness),
            "reported_pending": .integer(Int64(clamping: reportedPending)), "silent_s": .integer(silentSeconds),
            "revoked_at": .text(optional: revokedAt), "revocation_reason": .text(optional: revocationReason),
        ])
    }
}
