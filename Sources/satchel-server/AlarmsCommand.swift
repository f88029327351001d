import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// What an operator should look at.
struct AlarmsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms", abstract: "List what an operator should look at, and confirm it.",
        subcommands: [List.self, Confirm.self], defaultSubcommand: List.self)

    /// Lists alarms.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the alarms, those that nobody confirmed first.",
            discussion: "Example:\n  satchel-server alarms list --data ./office")

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reply = try await data.withAccess(purpose: "alarms list") { try await $0.perform(.alarms) }
            guard case .alarms(let alarms) = reply else { throw SatchelError.unexpectedReply }
            var table = TextTable([
                .init("CODE", isCuttable: false), .init("COUNT", .trailing), .init("SINCE", isCuttable: false),
                .init("LAST SEEN", isCuttable: false), .init("CONFIRMED", isCuttable: false), .init("WHAT"),
            ])
            for alarm in alarms {
                table.add([
                    .init(alarm.code), .init(String(alarm.count)), .init(alarm.since), .init(alarm.lastSeenAt),
                    .init(alarm.confirmedAt ?? ""), .init(SafeText.line(alarm.sentence)),
                ])
            }
            try output.show(
                json: .array(alarms.map(\.json)),
                text: alarms.isEmpty ? "No alarm.\n" : table.rendered(width: output.width, style: output.style))
        }
    }

    /// Confirms alarms.
    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that the alarms of a code were looked at.",
            discussion: HelpText.flowing(
                """
                With server_clock_jumped it says that the server's clock is right as it stands: times are certain again from then on.

                Example:
                  satchel-server alarms confirm server_clock_jumped --data ./office
                """))

        @Argument(help: "The code, as `list` prints it.")
        var code: String
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reply = try await data.withAccess(purpose: "alarms confirm") { access in
                guard case .alarms(let alarms) = try await access.perform(.alarms) else {
                    throw SatchelError.unexpectedReply
                }
                let codes = Set(alarms.map(\.code)).sorted()
                guard codes.contains(code) else {
                    throw SatchelError(
                        .invalidRequest, "No alarm has the code \"\(Excerpt.of(code))\".",
                        remedy: codes.isEmpty
                            ? "There is none at all."
                            : "The codes of those there are: \(codes.joined(separator: ", ")).")
                }
                return try await access.perform(.confirmAlarms(code: code))
            }
            guard case .confirmed(let count) = reply else { throw SatchelError.unexpectedReply }
            try output.show(
                json: .members(["confirmed_count": .count(count)]), text: "Confirmed \(Counted.text(count, "alarm")).\n"
            )
        }
    }
}

extension AlarmReply {
    fileprivate var json: JSONValue {
        .members([
            "code": .text(code), "subject": .text(subject), "sentence": .text(sentence), "since": .text(since),
            "last_seen_at": .text(lastSeenAt), "count": .count(count), "confirmed_at": .text(optional: confirmedAt),
        ])
    }
}
