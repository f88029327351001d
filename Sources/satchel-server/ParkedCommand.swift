import ArgumentParser
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Looks after parked change-sets.
struct ParkedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked",
        abstract: "Look at change-sets that are held or rejected, and let them in or give them back.",
        subcommands: [ParkedList.self, ParkedShow.self, ParkedRelease.self, ParkedReturn.self])
}

struct ParkedList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what is parked, in the order of arrival; exit code 3 where anything is.",
        discussion: "Example:\n  satchel-server parked list --data ./office")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var replies: [ParkedReply] = []
        try await data.withAccess(purpose: "parked") { access in
            var position: Int64? = 0
            while let after = position {
                let reply = try await access.perform(.parked(after: after, limit: 1_000))
                guard case .parked(let page, let next) = reply else { throw SatchelError.unexpectedReply }
                replies += page
                position = next
            }
        }
        var table = TextTable([
            .init("DOT", isCuttable: false), .init("VERDICT", isCuttable: false), .init("BY", isCuttable: false),
            .init("EDIT"), .init("WHY"),
        ])
        for reply in replies {
            table.add([
                .init(reply.shortName), .init(reply.verdict), .init(SafeText.line(reply.by)),
                .init(SafeText.line(reply.label)), .init(SafeText.line(reply.sentence ?? "")),
            ])
        }
        try output.show(
            json: .array(replies.map(\.json)),
            text: replies.isEmpty
                ? "Nothing is parked.\n" : table.rendered(width: output.width, style: output.style))
        if !replies.isEmpty { throw ExitCode(3) }
    }
}

struct ParkedShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one that is parked, or was: what it writes, by whom, and why it waits.",
        discussion: "Example:\n  satchel-server parked show 4cc73f09:2 --data ./office")

    @Argument(help: "The change-set's name: as `parked list` and `ledger` print it, or whole.")
    var dot: String
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let dot = dot
        let reply = try await data.withAccess(purpose: "parked") { try await $0.perform(.parkedWork(dot: dot)) }
        try output.show(try reply.parked())
    }
}

struct ParkedRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let one in as it is, and what waited for what it brings.",
        discussion: HelpText.flowing(
            """
            It goes in as it was made, under its author's name, also against a rule of the house such as a length, a pattern or
            a list of choices: who releases it answers for that. What the store cannot hold stays parked, with the reason:
            a record that is not there, a value of another kind. Releasing twice is once.

            Example:
              satchel-server parked release 4cc73f09:2 --data ./office
            """))

    @Argument(help: "The change-set's name: as `parked list` and `ledger` print it, or whole.")
    var dot: String
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let dot = dot
        let reply = try await data.withAccess(purpose: "parked") { try await $0.perform(.release(dot: dot)) }
        let parked = try reply.parked()
        try output.show(parked)
        if parked.reissuedAs == nil { throw ExitCode(1) }
    }
}

struct ParkedReturn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "Give one back to its author, who reads why at the next sync.",
        discussion: HelpText.flowing(
            """
            It stays parked until its author fixes, retries or discards it, also where it waited for a record; it can still be released.

            Example:
              satchel-server parked return 4cc73f09:2 --reason "Which branch is this?" --data ./office
            """))

    @Argument(help: "The change-set's name: as `parked list` and `ledger` print it, or whole.")
    var dot: String
    @Option(help: "What its author should know, in a sentence.")
    var reason: String
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (dot, reason) = (dot, reason)
        let reply = try await data.withAccess(purpose: "parked") {
            try await $0.perform(.giveBack(dot: dot, reason: reason))
        }
        try output.show(try reply.parked())
    }
}

extension OperatorReply {
    /// The one parked change-set that was asked for.
    fileprivate func parked() throws -> ParkedReply {
        guard case .parked(let replies, _) = self, let first = replies.first else { throw SatchelError.unexpectedReply }
        return first
    }
}

extension OutputOptions {
    fileprivate func show(_ parked: ParkedReply) throws {
        var lines = [
            "\(parked.shortName): \(SafeText.line(parked.label)), \(parked.verdict)"
                + (parked.reissuedAs.map { " as \(Dot($0)?.shortDescription ?? $0)" } ?? ""),
            "  by \(SafeText.line(parked.by)) on \(SafeText.line(parked.device)), made \(parked.madeAt), judged \(parked.judgedAt)",
        ]
        if let sentence = parked.sentence { lines.append("  \(SafeText.line(sentence)) [\(parked.code ?? "")]") }
        for change in parked.changes {
            lines.append("  \(change.type) \(change.record)\(change.life.map { " (\($0))" } ?? "")")
            lines += change.writes.map { "    \($0.field): \(SafeText.line($0.value))" }
        }
        try show(json: parked.json, text: lines.joined(separator: "\n") + "\n")
    }
}

extension ParkedReply {
    /// The name as people read it.
    fileprivate var shortName: String { Dot(dot)?.shortDescription ?? dot }

    fileprivate var json: JSONValue {
        .members([
            "dot": .text(dot), "change_set": .text(changeSet), "by": .text(by), "device": .text(device),
            "label": .text(label), "made_at": .text(madeAt), "judged_at": .text(judgedAt), "verdict": .text(verdict),
            "code": .text(optional: code), "record": .text(optional: record), "field": .text(optional: field),
            "sentence": .text(optional: sentence), "reissued_as": .text(optional: reissuedAs),
            "changes": .array(
                changes.map { change in
                    .members([
                        "type": .text(change.type), "id": .text(change.record), "life": .text(optional: change.life),
                        "writes": .object(change.writes.map { JSONMember($0.field, .text($0.value)) }),
                    ])
                }),
        ])
    }
}
