import ArgumentParser
import Foundation
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Makes backups and lists them.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the store as it stands at one sequence, and list the copies.",
        discussion: HelpText.flowing(
            """
            Examples:
              satchel-server backup /mnt/safe/office.backup --data ./office
              satchel-server backup list --data ./office
            """), subcommands: [BackupMake.self, BackupList.self], defaultSubcommand: BackupMake.self)
}

struct BackupMake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Copy the store into a new file, verify the copy, and say up to where it has everything.",
        discussion: HelpText.flowing(
            """
            Works while the server runs; nobody waits for it. The file is readable by its owner alone: it holds what the store
            holds. "make" may be left out.

            Example:
              satchel-server backup make /mnt/safe/office.backup --data ./office
            """))

    @Argument(help: "The file, which must not be there yet.")
    var file: String

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = URL(filePath: file).standardizedFileURL.path
        let progress = Progress(output)
        let backup = try await data.withAccess(purpose: "backup") { access in
            try await access.makeBackup(path) { step, done, total in
                let share = total > 0 ? ", \(done * 100 / total) %" : ""
                let name =
                    ["hashing": "Hashing the records of the store", "copying": "Copying"][step] ?? "Checking the copy"
                progress.report(name + share)
            }
        }
        progress.finish()
        try output.show(json: backup.json, text: backup.sentences)
    }
}

struct BackupList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the verified backups that the store knows of, the newest first.",
        discussion: "Example:\n  satchel-server backup list --data ./office")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await data.withAccess(purpose: "backup list") { try await $0.perform(.backups(limit: 1_000)) }
        guard case .backups(let backups) = reply else { throw SatchelError.unexpectedReply }
        var table = TextTable([
            .init("MADE", isCuttable: false), .init("UP TO SEQUENCE", .trailing), .init("BYTES", .trailing),
            .init("FILE"),
        ])
        for backup in backups {
            table.add([
                .init(backup.madeAt), .init(String(backup.sequence)), .init(String(backup.byteCount)),
                .init(SafeText.line(backup.path)),
            ])
        }
        try output.show(
            json: .array(backups.map(\.json)),
            text: backups.isEmpty
                ? "No backup was made yet.\n" : table.rendered(width: output.width, style: output.style))
    }
}

extension BackupReply {
    fileprivate var sentences: String {
        let last = lastChangeSet.map { ", change-set \($0)" } ?? ""
        return """
            \(SafeText.line(path)) is a verified copy of the store.
            It has everything up to sequence \(sequence)\(last), \(madeAt).
            Digest \(digest).

            """
    }

    fileprivate var json: JSONValue {
        .members([
            "path": .text(path), "byte_count": .integer(byteCount), "epoch": .text(epoch),
            "sequence": .integer(Int64(clamping: sequence)), "log_entries": .integer(position),
            "last_change_set": .text(optional: lastChangeSet), "digest": .text(digest), "chain": .text(chain),
            "made_at": .text(madeAt), "verified_at": .text(verifiedAt),
        ])
    }
}
