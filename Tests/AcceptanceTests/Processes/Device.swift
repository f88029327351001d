import Foundation

/// A rep's device: a home, and the verbs on it.
struct Device: Sendable {
    let site: Site
    let home: String

    /// The database, for other programs.
    var databasePath: String { home + "/satchel.sqlite" }

    /// A copy of the device as it stands.
    func twin(named name: String) throws -> Device { Device(site: site, home: try site.copy(home, as: name)) }

    /// Starts a command.
    func start(_ arguments: [String]) throws -> RunningProcess {
        try site.start(.satchel, arguments + ["--home", home])
    }

    /// Runs a command that has to end with one of these codes.
    @discardableResult
    func run(_ arguments: [String], expecting codes: Set<Int32> = [0]) async throws -> ProgramResult {
        try await site.run(.satchel, arguments + ["--home", home], expecting: codes)
    }

    /// Makes a record; returns its id.
    @discardableResult
    func new(_ type: String, id: String? = nil, _ assignments: [String]) async throws -> String {
        let named = id.map { ["--id", $0] } ?? []
        let edit = try await run(["new", type] + named + ["--json"] + assignments).decoded(EditForm.self)
        return edit.records.first ?? ""
    }

    /// Edits a record; returns the change-set's dot.
    @discardableResult
    func set(_ type: String, _ id: String, _ assignments: [String]) async throws -> String {
        try await run(["set", type, id, "--json"] + assignments).decoded(EditForm.self).dot
    }

    /// Deletes a record.
    func delete(_ type: String, _ id: String) async throws { try await run(["delete", type, id]) }

    /// Sends and fetches; 3 is as good as 0, for a person may be needed.
    @discardableResult
    func sync() async throws -> SyncForm {
        try await run(["sync", "--json"], expecting: [0, 3]).decoded()
    }

    func status() async throws -> StatusForm { try await run(["status", "--json"], expecting: [0, 3]).decoded() }

    func show(_ type: String, _ id: String) async throws -> RecordForm {
        try await run(["show", type, id, "--json"]).decoded()
    }

    func list(_ type: String) async throws -> [RecordForm] {
        try await run(["list", type, "--limit", "100000", "--json"]).decoded()
    }

    func conflicts() async throws -> [ConflictForm] {
        try await run(["conflicts", "list", "--limit", "100000", "--json"], expecting: [0, 3]).decoded()
    }

    func ledger() async throws -> [LedgerForm] { try await run(["ledger", "--json"]).decodedLines() }

    func digest() async throws -> String { try await run(["digest"]).output }
}
