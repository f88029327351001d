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

extension OperatorReply {
    fileprivate func users() throws -> [UserReply] {
        guard case .users(let users) = self else { throw SatchelError.unexpectedReply }
        return users
    }
}

extension UserReply {
    fileprivate var json: JSONValue { .members(["name": .text(name), "created_at": .text(createdAt)]) }
}
