import ArgumentParser
import Foundation
import SatchelInspection
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Conflicts of the store.
struct ConflictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "List, show and settle conflicts.",
        subcommands: [List.self, Show.self, Resolve.self])

    /// Lists records in conflict.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the records in conflict; exit code 3 where a person must decide.",
            discussion: HelpText.flowing(
                """
                Examples:
                  satchel-server conflicts list --data ./office
                  satchel-server conflicts list --severity decide --json --data ./office
                """))

        @Option(name: .long, help: "The least severity to list.")
        var severity = SeverityOption.review

        @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Show at most this many.", valueName: "n"))
        var limit = NumberOption(1_000)

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        private static let limitMax = 100_000

        private func count() throws -> Int { try limit.number(of: "--limit", in: 1...Self.limitMax) }

        func validate() throws { _ = try count() }

        func run() async throws {
            let wanted = try count()
            let found = try await data.withAccess(purpose: "conflicts list") { access in
                let schema = try await access.schema()
                return try await access.allCases(limit: wanted + 1) { after, count in
                    .conflicts(ConflictsRequest(severity: severity.rawValue, after: after, limit: count))
                }.map { try $0.conflictReport(schema: schema) }
            }
            let page = ListPage(found, limit: wanted)
            let reports = page.shown
            let text = ConflictText(program: "satchel-server conflicts", now: .present, style: output.style)
            try output.show(
                json: .array(reports.map(\.json)),
                text: reports.isEmpty ? "No open conflict.\n" : text.list(reports, width: output.width))
            output.say(about: page, limitMax: Self.limitMax)
            if reports.contains(where: { $0.severity == .decide }) { throw ExitCode(3) }
        }
    }

    /// Shows one record's conflicts.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the conflicts of a record: each value, who wrote it, when, and what they had seen.",
            discussion: "Example:\n  satchel-server conflicts show 4f2a --data ./office")

        @Argument(help: "The record's id, or its last four or more digits.")
        var record: String

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let report = try await data.withAccess(purpose: "conflicts show") { access in
                let cases = try await access.perform(.record(type: nil, id: record)).cases()
                return try await cases.first?.conflictReport(schema: try access.schema())
            }
            guard let report else { throw SatchelError.unexpectedReply }
            let text = ConflictText(
                program: "satchel-server conflicts", now: .present, style: output.style, namesType: false,
                options: ["--reason WHY", "--as USER"] + data.repeated)
            try output.show(json: report.json, text: text.show(report))
        }
    }

    /// Settles one conflict.
    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Settle one conflict of a record by an edit that has seen every value.",
            discussion: HelpText.flowing(
                """
                SUBJECT is the field's name, or life. --token is the one that `conflicts show` printed: it guards against settling
                what arrived since.

                Examples:
                  satchel-server conflicts resolve 4f2a phone --take 2 --reason "called them" \\
                    --as ann --data ./office
                  satchel-server conflicts resolve 4f2a phone --value "555 0100" --reason "new number" \\
                    --as ann --data ./office
                  satchel-server conflicts resolve 4f2a life --keep --reason "still a customer" \\
                    --as ann --data ./office
                """))

        @Argument(help: "The record's id, or its last four or more digits.")
        var record: String

        @Argument(help: "The field's name, or life.")
        var subject: String

        @Option(
            name: .long, parsing: .unconditional, help: ArgumentHelp("Take the value with this number.", valueName: "n")
        )
        var take: Int?

        @Option(name: .long, parsing: .unconditional, help: "Give a value of your own.")
        var value: String?

        @Flag(name: .long, help: "Leave the field empty.")
        var empty = false

        @Flag(name: .long, help: "Keep the record.")
        var keep = false

        @Flag(name: .long, help: "Delete the record.")
        var delete = false

        @Option(
            name: .long, parsing: .unconditional,
            help: ArgumentHelp("Why, for those whose values were not taken.", valueName: "why"))
        var reason: String

        @Option(name: .long, help: "The token that `conflicts show` printed.")
        var token: String?

        @OptionGroup var editor: EditorOptions
        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        private var choices: [ResolveRequest.Choice] {
            let choices: [ResolveRequest.Choice?] = [
                take.map { .take($0) }, value.map { .value($0) }, empty ? .empty : nil, keep ? .keep : nil,
                delete ? .delete : nil,
            ]
            return choices.compactMap(\.self)
        }

        func validate() throws {
            guard choices.count == 1 else {
                throw ValidationError("Give one of --take, --value, --empty, --keep and --delete.")
            }
        }

        func run() async throws {
            let request = ResolveRequest(
                record: record, subject: subject, choice: choices[0], reason: reason, token: token, user: editor.user)
            let (dot, report) = try await data.withAccess(purpose: "conflicts resolve") { access in
                let reply = try await access.perform(.resolve(request))
                guard case .resolved(let dot, let settled) = reply else { throw SatchelError.unexpectedReply }
                return (dot, try await settled.conflictReport(schema: try access.schema()))
            }
            try output.show(
                json: .members(["dot": .text(dot), "record": report.json]),
                text: "Settled \(subject) of \(report.type) \(report.ending) as \(dot).\n")
        }
    }
}

extension Timestamp {
    /// The present instant.
    static var present: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}
