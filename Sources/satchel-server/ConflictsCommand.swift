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
            discussion: """
                Examples:
                  satchel-server conflicts list --data ./office
                  satchel-server conflicts list --severity decide --json --data ./office
                """)

        @Option(name: .long, help: "Only conflicts of at least this severity: review or decide.")
        var severity: String?

        @Option(name: .long, help: "How many records at most.")
        var limit = 1_000

        @OptionGroup var data: DataOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard severity == nil || severity == "review" || severity == "decide" else {
                throw ValidationError("--severity takes review or decide.")
            }
            guard limit > 0 else { throw ValidationError("--limit takes a number above 0.") }
        }

        func run() async throws {
            let reports = try await data.withAccess(purpose: "conflicts list") { access in
                let schema = try await access.schema()
                return try await access.allCases(limit: limit) { after, count in
                    .conflicts(ConflictsRequest(severity: severity, after: after, limit: count))
                }.map { try $0.conflictReport(schema: schema) }
            }
            let text = ConflictText(program: "satchel-server conflicts", now: .present, style: output.style)
            try output.show(
                json: .array(reports.map(\.json)), text: text.list(reports, width: output.width))
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
            let text = ConflictText(program: "satchel-server conflicts", now: .present, style: output.style)
            try output.show(json: report.json, text: text.show(report))
        }
    }

    /// Settles one conflict.
    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Settle one conflict of a record by an edit that has seen every value.",
            discussion: """
                SUBJECT is the field's name, or life. --token is the one that `conflicts show` printed: it guards against settling
                what arrived since.

                Examples:
                  satchel-server conflicts resolve 4f2a phone --take 2 --reason "called them" --as ann --data ./office
                  satchel-server conflicts resolve 4f2a phone --value "555 0100" --reason "new number" --as ann --data ./office
                  satchel-server conflicts resolve 4f2a life --keep --reason "still a customer" --as ann --data ./office
                """)

        @Argument(help: "The record's id, or its last four or more digits.")
        var record: String

        @Argument(help: "The field's name, or life.")
        var subject: String

        @Option(name: .long, help: ArgumentHelp("Take the value with this number.", valueName: "n"))
        var take: Int?

        @Option(name: .long, help: "Give a value of your own.")
        var value: String?

        @Flag(name: .long, help: "Leave the field empty.")
        var empty = false

        @Flag(name: .long, help: "Keep the record.")
        var keep = false

        @Flag(name: .long, help: "Delete the record.")
        var delete = false

        @Option(name: .long, help: "Why, for those whose values were not taken.")
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
