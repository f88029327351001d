import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Users of the store.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add users and list them.", subcommands: [Add.self, List.self])

    /// Adds a user.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user.", discussion: "Example:\n  satchel-server user add ann --data ./office")

        @Argument(help: "The name.")
        var name: String

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let users = try await data.withAccess(purpose: "user add") {
                try await $0.perform(.addUser(name: name)).users()
            }
            guard let user = users.first else { throw SatchelError.unexpectedReply }
            try output.show(json: user.json, text: "Added \(SafeText.line(user.name)).\n")
        }
    }

    /// Lists users.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the users.", discussion: "Example:\n  satchel-server user list --data ./office --json")

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let users = try await data.withAccess(purpose: "user list") { try await $0.perform(.users).users() }
            var table = TextTable([.init("NAME"), .init("ADDED", isCuttable: false)])
            for user in users { table.add([.init(user.name), .init(user.createdAt)]) }
            try output.show(
                json: .array(users.map(\.json)),
                text: users.isEmpty
                    ? "There is no user yet.\n" : table.rendered(width: output.width, style: output.style))
        }
    }
}

/// Gives out one-time codes.
struct EnrolCodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol-code", abstract: "Print a code with which a user enrols one device within ten minutes.",
        discussion: HelpText.flowing(
            """
            Example:
              satchel-server enrol-code ann --data ./office
              satchel enrol http://127.0.0.1:8080 --code XXXX-XXXX-XXXX-XXXX
            """))

    @Argument(help: "The user's name.")
    var user: String

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await data.withAccess(purpose: "enrol-code") { try await $0.perform(.makeCode(user: user)) }
        guard case .code(let code) = reply else { throw SatchelError.unexpectedReply }
        try output.show(
            json: .members([
                "user": .text(code.user), "code": .text(code.code), "expires_at": .text(code.expiresAt),
            ]), text: "\(code.code)\n")
        output.say("The code is for one device of \(SafeText.line(code.user)) and ends at \(code.expiresAt).")
    }
}

/// Devices of the store's users.
struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "List the enrolled devices.", subcommands: [List.self])

    /// Lists devices.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the devices in the order of their enrolment.",
            discussion: "Example:\n  satchel-server device list --data ./office")

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reply = try await data.withAccess(purpose: "device list") { try await $0.perform(.devices) }
            guard case .devices(let devices) = reply else { throw SatchelError.unexpectedReply }
            var table = TextTable([
                .init("USER"), .init("DEVICE"), .init("ACTOR", isCuttable: false), .init("CHANGE-SETS", .trailing),
                .init("LAST SEEN", isCuttable: false), .init("CLOCK"), .init("FORKED"), .init("LAST REPORTED"),
            ])
            for device in devices {
                table.add([
                    .init(device.user), .init(device.name), .init(String(device.actor.prefix(8))),
                    .init(String(device.changeSets)), .init(device.lastSeenAt ?? "never"),
                    .init(device.clockWrongness ?? ""),
                    .init(device.forks.last.map { "\(device.forks.count)×, last \($0.beganAt)" } ?? ""),
                    .init(device.reportedPending > 0 ? "\(device.reportedPending) pending" : ""),
                ])
            }
            let silent = devices.compactMap(\.silence).map { $0 + "\n" }.joined()
            try output.show(
                json: .array(devices.map(\.json)),
                text: devices.isEmpty
                    ? "No device is enrolled.\n" : table.rendered(width: output.width, style: output.style) + silent)
        }
    }
}

extension OperatorReply {
    fileprivate func users() throws -> [UserReply] {
        guard case .users(let users) = self else { throw SatchelError.unexpectedReply }
        return users
    }
}

extension UserReply {
    fileprivate var json: JSONValue { .members(["name": .text(name), "created_at": .text(createdAt)]) }
}

extension DeviceReply {
    /// What to say of a device that does not come and holds work; `nil` where there is nothing to say.
    ///
    /// One that is kept in sync comes every five minutes.
    fileprivate var silence: String? {
        guard reportedPending > 0, silentSeconds > 900 else { return nil }
        let who = "\(SafeText.line(name)) of \(SafeText.line(user)) (\(actor.prefix(8)))"
        let age = silentSeconds >= 172_800 ? "\(silentSeconds / 86_400) days" : "\(silentSeconds / 60) minutes"
        return "\(who) is silent for \(age); it last reported \(reportedPending) pending."
    }

    fileprivate var json: JSONValue {
        .members([
            "id": .text(id), "user": .text(user), "name": .text(name), "actor": .text(actor),
            "forks": .array(
                forks.map { fork in
                    .members([
                        "actor": .text(fork.actor), "parent": .text(fork.parent),
                        "counter": .integer(Int64(clamping: fork.counter)), "began_at": .text(fork.beganAt),
                    ])
                }), "enrolled_at": .text(enrolledAt), "last_seen_at": .text(optional: lastSeenAt),
            "change_sets": .integer(Int64(clamping: changeSets)),
            "clock_offset_ms": clockOffsetMilliseconds.map { .integer($0) } ?? .null,
            "clock_error_ms": clockErrorMilliseconds.map { .integer($0) } ?? .null,
            "clock": .text(optional: clockWrongness),
            "reported_pending": .integer(Int64(clamping: reportedPending)), "silent_s": .integer(silentSeconds),
        ])
    }
}
