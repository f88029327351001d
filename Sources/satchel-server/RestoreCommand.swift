import ArgumentParser
import Foundation
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Puts a backup in the place of the store.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the store, and get back what devices hold.",
        discussion: HelpText.flowing(
            """
            The server must not run. The backup is verified first; the store that stood there is kept beside the new one. What was
            done after the backup comes back from the devices as they sync: their own work at once, and with --recovery-window also
            what they had received from others. Devices that are locked out in the store that stood there stay so, where it can be read (`device list`). Until `recovery close` the store is in recovery: see `satchel-server recovery --help`.

            Examples:
              satchel-server restore /mnt/safe/office.backup --data ./office
              satchel-server restore /mnt/safe/office.backup --recovery-window --data ./office
            """))

    @Argument(help: "A file that `backup` made.")
    var file: String

    @Flag(name: .long, help: "Let devices offer states that they received from others, from the first moment on.")
    var recoveryWindow = false

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = URL(filePath: file).standardizedFileURL.path
        let progress = Progress(output)
        let reply = try StoreMaker.restore(path, into: try data.path(), isWindowOpen: recoveryWindow) {
            _, done, total in
            progress.report("Checking the backup\(total > 0 ? ", \(done * 100 / total) %" : "")")
        }
        progress.finish()
        try output.show(json: reply.json, text: reply.sentences)
        let option = data.repeated.map { " \($0)" }.joined()
        output.say(
            "Next: satchel-server serve\(option), and once the devices have come satchel-server recovery\(option)")
    }
}

extension RestoreReply {
    fileprivate var sentences: String {
        let kept = replacedPath.map { "\nThe store that stood there is kept as \(SafeText.line($0))." } ?? ""
        let last = lastChangeSet.map { ", change-set \($0)" } ?? ""
        return """
            The store stands at sequence \(sequence)\(last), \(madeAt), in a new life: epoch \(epoch.prefix(8)).\(kept)

            """
    }

    fileprivate var json: JSONValue {
        .members([
            "epoch": .text(epoch), "sequence": .integer(Int64(clamping: sequence)),
            "last_change_set": .text(optional: lastChangeSet), "made_at": .text(madeAt), "digest": .text(digest),
            "replaced_path": .text(optional: replacedPath),
        ])
    }
}
