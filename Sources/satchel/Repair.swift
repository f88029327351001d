import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make the database of a damaged home anew, with all that waits in its queue."),
        discussion: HelpText.flowing(
            """
            Who the device is and what was made on it are taken from the damaged file, which is kept beside the new one; everything else comes with
            the next sync. A home that is whole is left alone.

            Example:
              satchel repair && satchel sync
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let repair = try replicaOptions.replica.repair()
        let text =
            repair.map {
                Sentences.joined([
                    said(
                        "Made anew with \(said($0.changeSetCount, "change-set")), of which \($0.pendingCount) wait for the server."
                    ),
                    $0.isCut
                        ? said(
                            "What was made last could not be read; what the server has of it comes with the next sync.")
                        : nil, said("Sync to fetch everything else."),
                ]) + "\n" + said("The damaged file is \($0.keptAt).") + "\n"
            } ?? said("The database is whole; nothing was done.") + "\n"
        try output.show(
            json: .members([
                "repaired": .bool(repair != nil), "change_sets": .count(repair?.changeSetCount ?? 0),
                "pending_count": .count(repair?.pendingCount ?? 0), "is_cut": .bool(repair?.isCut ?? false),
                "kept_at": .text(optional: repair?.keptAt),
            ]), text: text)
    }
}
