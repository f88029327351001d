import ArgumentParser
import SatchelInspection
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Prints the ledger.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Print what became of every change-set, one state each, in the order of arrival.",
        discussion: HelpText.flowing(
            """
            With --json each line is an object: dot, change_set (its digest), state, by, where.

            Example:
              satchel-server ledger --json --data ./office
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await data.withAccess(purpose: "ledger") { access in
            var isEmpty = true
            var position: Int64? = 0
            while let after = position {
                let reply = try await access.perform(.ledger(after: after, limit: 1_000))
                guard case .ledger(let page, let next) = reply else { throw SatchelError.unexpectedReply }
                try show(try page.map { try $0.line() })
                isEmpty = isEmpty && page.isEmpty
                position = next
            }
            if isEmpty, !output.json { try StandardStream.output.write("No change-set yet.\n") }
        }
    }

    /// Prints one page; as text it is a table of its own.
    private func show(_ lines: [LedgerLine]) throws {
        try StandardStream.output.write(
            output.json
                ? lines.map { OutputOptions.line($0.json) }.joined()
                : LedgerLine.text(of: lines, width: output.width, style: output.style))
    }
}

/// Prints the digest.
struct DigestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest", abstract: "Print one hash of all records: equal on replicas that hold the same.",
        discussion: "Example:\n  satchel-server digest --data ./office")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await data.withAccess(purpose: "digest") { try await $0.perform(.digest) }
        guard case .digest(let digest) = reply else { throw SatchelError.unexpectedReply }
        try output.show(json: .members(["digest": .text(digest)]), text: "\(digest)\n")
    }
}

/// Checks the log.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the change-set log against its chain of hashes.",
        discussion: "Example:\n  satchel-server check --data ./office")

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await data.withAccess(purpose: "check") { try await $0.perform(.verifyLog) }
        guard case .verified(let entries) = reply else { throw SatchelError.unexpectedReply }
        try output.show(
            json: .members(["log_entries": .integer(entries)]),
            text: "The log is whole: \(Counted.text(entries, "entry", "entries")).\n")
    }
}

extension LedgerReply {
    fileprivate func line() throws -> LedgerLine {
        guard let dot = Dot(dot), let state = LedgerState(rawValue: state) else { throw SatchelError.unexpectedReply }
        return LedgerLine(dot: dot, changeSet: changeSet, state: state, by: by, place: place)
    }
}
