import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// What came back after a restore.
struct RecoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "See what came back after a restore and from whom, and end the recovery.",
        discussion: HelpText.flowing(
            """
            In recovery nothing is released by hand, and new edits that add to counters wait, lest they be counted twice. `open` lets
            devices offer what they received from others; `close` ends the recovery, once every device that still lives has come.
            A device that comes later still brings its own work.

            Examples:
              satchel-server recovery --data ./office
              satchel-server recovery open --data ./office
              satchel-server recovery close --data ./office
            """), subcommands: [RecoveryStatus.self, RecoveryOpen.self, RecoveryClose.self],
        defaultSubcommand: RecoveryStatus.self)
}

struct RecoveryStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say what came back and from whom, and what nobody offered yet.",
        discussion: "\"status\" may be left out.\n\nExample:\n  satchel-server recovery --data ./office")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await show(.recovery, data, output) }
}

struct RecoveryOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Let devices offer states that they received from others.",
        discussion: "Example:\n  satchel-server recovery open --data ./office")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await show(.openRecovery, data, output) }
}

struct RecoveryClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "End the recovery, and name what is mentioned and was not offered.",
        discussion: HelpText.flowing(
            """
            Edits that waited go in; those that may be counted already stay parked for a person (maybe_counted).

            Example:
              satchel-server recovery close --data ./office
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await show(.closeRecovery, data, output) }
}

private func show(_ request: OperatorRequest, _ data: DataOptions, _ output: OutputOptions) async throws {
    let reply = try await data.withAccess(purpose: "recovery") { try await $0.perform(request) }
    guard case .recovery(let recovery) = reply else { throw SatchelError.unexpectedReply }
    try output.show(json: recovery.json, text: recovery.page(output))
}

extension RecoveryReply {
    fileprivate func page(_ output: OutputOptions) -> String {
        guard number > 1 else { return "The store was never restored.\n" }
        let phase =
            switch self.phase {
            case .running: "In recovery: devices bring back their own work. `recovery open` lets them offer more."
            case .open: "In recovery: devices bring back their own work and what they had received."
            case .closed: "The recovery was closed\(closedAt.map { " \($0)" } ?? "")."
            }
        var table = TextTable([
            .init("USER", isCuttable: false), .init("DEVICE"), .init("LAST SEEN", isCuttable: false),
            .init("CHANGE-SETS", .trailing), .init("STATES", .trailing),
        ])
        for device in devices {
            table.add([
                .init(SafeText.line(device.user)), .init(SafeText.line(device.name)),
                .init(device.lastSeenAt ?? "not since"), .init(String(device.changeSetCount)),
                .init(String(device.stateCount)),
            ])
        }
        let lost =
            missing.isEmpty
            ? "No change-set that others mention is missing.\n"
            : "Mentioned, and not offered by who made them yet (`ledger` tells of which a state came back):\n"
                + missing.map { "  \($0.sentence)\n" }.joined()
        let away = devices.count { $0.lastSeenAt == nil }
        let absent =
            away == 0
            ? ""
            : "\(away) of the devices \(away == 1 ? "has" : "have") not come since the restore: what was made there since the backup is there alone.\n"
        return """
            Life \(number) of the store, restored \(beganAt) to sequence \(restoredTo).
            \(phase)

            \(table.rendered(width: output.width, style: output.style))
            \(absent)\(lost)
            """
    }

    fileprivate var json: JSONValue {
        .members([
            "number": .integer(number), "epoch": .text(epoch), "began_at": .text(beganAt),
            "restored_to": .integer(Int64(clamping: restoredTo)), "phase": .text(phase.rawValue),
            "closed_at": .text(optional: closedAt), "devices": .array(devices.map(\.json)),
            "missing": .array(missing.map(\.json)),
        ])
    }
}

extension RecoveryReply.Device {
    fileprivate var json: JSONValue {
        .members([
            "user": .text(user), "device": .text(name), "last_seen_at": .text(optional: lastSeenAt),
            "change_set_count": .count(changeSetCount), "state_count": .count(stateCount),
        ])
    }
}

extension RecoveryReply.Missing {
    fileprivate var sentence: String {
        let name = "\(actor.prefix(8)):\(from)"
        let dots = from == through ? "change-set \(name)" : "change-sets \(name) to \(through)"
        guard let user else { return dots }
        guard !user.isEmpty else { return "\(dots), made at the office" }
        return SafeText.line("\(dots), made by \(user)" + (device.map { " on \($0)" } ?? ""))
    }

    fileprivate var json: JSONValue {
        .members([
            "actor": .text(actor), "user": .text(optional: user), "device": .text(optional: device),
            "from": .integer(Int64(clamping: from)), "through": .integer(Int64(clamping: through)),
        ])
    }
}
