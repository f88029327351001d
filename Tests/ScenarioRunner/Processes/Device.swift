import Foundation

/// A rep's device: a home, and the verbs on it.
package struct Device: Sendable {
    package let site: Site
    package let home: String
    /// Variables that its programs get besides those of every program, each `NAME=value`.
    private var environment: [String] = []

    /// Names a home.
    package init(site: Site, home: String) {
        self.site = site
        self.home = home
    }

    /// The database, for other programs.
    package var databasePath: String { home + "/satchel.sqlite" }

    /// The same device whose programs get these variables besides, each `NAME=value`.
    package func with(_ variables: String...) -> Device { with(variables) }

    /// The same for any number of them.
    package func with(_ variables: [String]) -> Device {
        var device = self
        device.environment += variables
        return device
    }

    /// The same device at the same moment, as if it lay on a machine that knows nothing of the first one.
    package func twin(named name: String) throws -> Device {
        let copy = try site.copy(home, as: name)
        return Device(site: site, home: copy).with("XDG_STATE_HOME=\(copy)-state")
    }

    /// A copy of the device's files on the same machine.
    package func copied(as name: String) throws -> Device { Device(site: site, home: try site.copy(home, as: name)) }

    /// Starts a command.
    package func start(_ arguments: [String]) throws -> RunningProcess {
        try site.start(.satchel, arguments + ["--home", home], environment: environment)
    }

    /// Runs a command that has to end with one of these codes.
    @discardableResult
    package func run(_ arguments: [String], expecting codes: Set<Int32> = [0]) async throws -> ProgramResult {
        try await site.end(try start(arguments), expecting: codes)
    }

    /// Runs a command that makes an edit; what it acknowledged has to be found again in every ledger.
    @discardableResult
    package func edit(_ arguments: [String]) async throws -> EditForm {
        let edit = try await run(arguments + ["--json"]).decoded(EditForm.self)
        site.keepAcknowledged(edit.dot, at: home)
        return edit
    }

    /// Makes a record; returns its id.
    @discardableResult
    package func new(_ type: String, id: String? = nil, _ assignments: [String]) async throws -> String {
        let named = id.map { ["--id", $0] } ?? []
        return try await edit(["new", type] + named + assignments).records.first ?? ""
    }

    /// Edits a record; returns the change-set's dot.
    @discardableResult
    package func set(_ type: String, _ id: String, _ assignments: [String]) async throws -> String {
        try await edit(["set", type, id] + assignments).dot
    }

    /// Deletes a record.
    package func delete(_ type: String, _ id: String) async throws { try await edit(["delete", type, id]) }

    /// Makes the edits that lines of JSON tell.
    package func apply(_ lines: [String]) async throws {
        struct Form: Decodable { let dot: String? }
        let file = "\(home)-edits.jsonl"
        try site.write(lines.joined(separator: "\n"), to: file)
        for form in try await run(["apply", file, "--json"]).decodedLines(Form.self) {
            if let dot = form.dot { site.keepAcknowledged(dot, at: home) }
        }
    }

    /// Settles a conflict; `choice` is `--take`, `--value`, `--keep` or `--delete` with what belongs to it.
    @discardableResult
    package func resolve(_ type: String, _ id: String, _ subject: String, _ choice: [String]) async throws -> String {
        try await edit(["conflicts", "resolve", type, id, subject] + choice + ["--reason", "asked the customer"]).dot
    }

    /// Sends and fetches; 3 is as good as 0, for a person may be needed.
    @discardableResult
    package func sync() async throws -> SyncForm {
        try await run(["sync", "--json"], expecting: [0, 3]).decoded()
    }

    package func status() async throws -> StatusForm {
        try await run(["status", "--json"], expecting: [0, 1, 3]).decoded()
    }

    package func show(_ type: String, _ id: String) async throws -> RecordForm {
        try await run(["show", type, id, "--json"]).decoded()
    }

    package func list(_ type: String) async throws -> [RecordForm] {
        try await run(["list", type, "--limit", "100000", "--json"]).decoded()
    }

    package func conflicts() async throws -> [ConflictForm] {
        try await run(["conflicts", "list", "--limit", "100000", "--json"], expecting: [0, 3]).decoded()
    }

    package func ledger() async throws -> [LedgerForm] { try await run(["ledger", "--json"]).decodedLines() }

    package func digest() async throws -> String { try await run(["digest"]).output }

    /// What a device tells of itself, read by three programs at once.
    func sight() async throws -> (status: StatusForm, digest: String, ledger: [LedgerForm]) {
        async let status = status()
        async let digest = digest()
        async let ledger = ledger()
        return try await (status, digest, ledger)
    }
}
