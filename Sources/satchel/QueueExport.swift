import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct QueueExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: said("Write out what waits for the server or is parked, also from a damaged home."),
        discussion: HelpText.flowing(
            """
            One change-set a line, as JSON. Nothing is written to the home and nobody is waited for. Exits 1 where a part cannot
            be read; what can be is written all the same.

            Example:
              satchel queue export > queue.jsonl
            """))

    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let salvage = try replicaOptions.replica.salvagedQueue()
        for piece in salvage.pieces { try StandardStream.output.write(OutputOptions.line(piece.json(salvage.schema))) }
        let broken = salvage.pieces.count { !$0.isIntact }
        output.say(said("Wrote \(said(salvage.pieces.count, "change-set"))."))
        guard salvage.isPartial || broken > 0 else { return }
        throw SatchelError(
            .damagedData,
            salvage.isPartial
                ? "A part of the queue cannot be read: \(broken) of the \(salvage.pieces.count) change-sets written are not as they were sealed, and more may be missing."
                : "A part of the queue cannot be read: \(broken) of the \(salvage.pieces.count) change-sets written are not as they were sealed.",
            remedy: "Keep a copy of the folder. What is `intact` can be entered again on a new device.")
    }
}

extension SalvagedQueue.Piece {
    /// The piece on a line of its own.
    fileprivate func json(_ schema: Schema?) -> JSONValue {
        var members = [
            JSONMember("dot", .text(optional: dot?.description)), JSONMember("state", .text(state)),
            JSONMember("intact", .bool(isIntact)), JSONMember("label", .text(optional: changeSet?.label)),
            JSONMember("author", .text(optional: changeSet?.author)),
            JSONMember("made_at", changeSet.map { .time($0.time) } ?? .null),
            JSONMember("digest", .text(digest.hexText)), JSONMember("bytes", .text(bytes.hexText)),
        ]
        if let changeSet, let schema {
            members.append(JSONMember("changes", ChangeSetPage(changeSet: changeSet, schema: schema).json))
        }
        return .object(members)
    }
}

extension [UInt8] {
    fileprivate var hexText: String { map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined() }
}
