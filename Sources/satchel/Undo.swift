import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Take back the last edit, while it has not been sent."),
        discussion: HelpText.flowing(
            """
            It is as if it had never been made. What was sent is corrected by another edit.

            Example:
              satchel undo
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let replica = replicaOptions.replica
        let undone = try replica.undo()
        try output.show(json: undone.json, text: undone.text(now: replica.now))
    }
}

extension UndoneWork {
    fileprivate var json: JSONValue {
        .object(
            work.jsonMembers + [
                JSONMember("changes", .array(changes.map(\.json))), JSONMember("more_count", .count(moreCount)),
            ])
    }

    /// What was taken back: a line each record, with its fields or what had become of it.
    fileprivate func text(now: Timestamp) -> String {
        let age = HumanAge.text(of: work.madeAt, now: now)
        var lines = [said("Took back \"\(SafeText.line(LabelText.said(work.label)))\", made \(age):")]
        lines += changes.map { "  " + $0.line }
        if moreCount > 0 {
            lines.append(
                said(
                    moreCount,
                    "more picture that was added before it waits in the queue: `satchel undo` takes it back.",
                    "more pictures that were added before it wait in the queue: `satchel undo` takes the last one back."
                )
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension UndoneWork.Change {
    fileprivate var json: JSONValue {
        .members([
            "type": .text(type), "id": .text(record.description), "ending": .text(ending),
            "title": .text(optional: title), "life": .text(optional: life.map { "\($0)" }), "fields": .texts(fields),
        ])
    }

    fileprivate var line: String {
        let shown = title.flatMap { $0 == type ? nil : SafeText.line($0) }
        let name = [type, ending, shown].compactMap(\.self).joined(separator: " ")
        let fields = fields.joined(separator: Sentences.comma)
        switch life {
        case .create: return said("\(name): it had been made, and is gone")
        case .delete: return said("\(name): it had been deleted, and is back")
        case .revive: return said("\(name): it had been brought back, and is deleted again")
        case nil: return name + Sentences.colon + fields
        }
    }
}
