import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Show what made a record what it is, the latest edit first."),
        discussion: HelpText.flowing(
            """
            Own edits are told whole; of others' edits, what of them still stands.

            Example:
              satchel log account 3f2a
            """))

    @OptionGroup var record: RecordArguments
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let entries = try replicaOptions.replica.history(typeName: record.type, record.id)
        var text = ""
        for entry in entries {
            let (user, device) = (SafeText.line(entry.user), SafeText.line(entry.device))
            let place = device.isEmpty ? "" : " " + said("at \(device)")
            let who = user.isEmpty ? place : " " + said("by \(user) on \(device)")
            let what = entry.label.map { Sentences.colon + SafeText.line(LabelText.said($0)) } ?? ""
            let clock = entry.clock.map { " (\(said("its clock was \(Phrase(reading: $0))")))" } ?? ""
            let time = LocalTime.minute(entry.time)
            let state = said(Phrase(reading: entry.state.word))
            text += "\(time)\(clock) \(entry.dot.shortDescription)\(who)\(what)\(Sentences.comma)\(state)\n"
            for write in entry.writes {
                let told =
                    write.time.map { LocalTime.minute($0) } ?? write.sum.map { said("\($0) in all") }
                    ?? write.subject ?? write.text
                text += "    \(write.field): \(SafeText.line(told ?? said("(not kept on this device any more)")))\n"
            }
        }
        let json = entries.map { entry in
            JSONValue.members([
                "dot": .text(entry.dot.description), "corrected_time": .time(entry.time),
                "time_error_ms": entry.timeErrorMilliseconds.map { .integer($0) } ?? .null,
                "clock": .text(optional: entry.clock), "user": .text(entry.user),
                "device": .text(entry.device), "label": .text(optional: entry.label), "state": .text(entry.state.word),
                "writes": .object(entry.writes.map { JSONMember($0.field, .text(optional: $0.text)) }),
            ])
        }
        try output.show(json: .array(json), text: text)
    }
}
