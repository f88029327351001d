import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// What is done while a process is killed; each answers whether it was.
extension KillGround {
    /// Strikes a process at an act, and checks what must hold afterwards.
    ///
    /// `isChecked` says no where the next blow is to come before anybody has looked.
    ///
    /// - Returns: Whether it was killed, or failed; else it had ended before, and did what it should.
    @discardableResult
    package func strike(_ act: KillAct, _ blow: Blow, isChecked: Bool = true) async throws -> Bool {
        let what = "\(act.rawValue), struck at \(blow)"
        let isKilled = try await perform(act, blow)
        guard isKilled else {
            tally.miss()
            return false
        }
        tally.add(blow)
        guard isChecked else { return true }
        await checkDevice(after: what)
        await checkAll(after: what)
        return true
    }

    func perform(_ act: KillAct, _ blow: Blow) async throws -> Bool {
        switch act {
        case .edit: try await edit(blow)
        case .seal: try await seal(blow)
        case .sync: try await sync(blow)
        case .enrol: try await enrol(blow)
        case .adopt: try await adopt(blow)
        case .push: try await push(blow)
        case .open: try await open(blow)
        case .close: try await close(blow)
        case .office: try await office(blow)
        case .release: try await release(blow)
        case .backup: try await backup(blow)
        case .found: try await found(blow)
        }
    }

    // MARK: Ann's device

    private func edit(_ blow: Blow) async throws -> Bool {
        let name = newName("edit")
        let result = try await struck(
            try ann.with(blow.environment).start(["set", "account", account, "tags+=\(name)", "city=\(name)", "--json"]
            ),
            blow)
        guard let result else { return true }
        site.keepAcknowledged(try result.decoded(EditForm.self).dot, at: ann.home)
        acknowledge(name)
        return false
    }

    /// What the shell wrote is acknowledged by the shell; the next command makes an edit of it.
    private func seal(_ blow: Blow) async throws -> Bool {
        try await makeShellEdit()
        return try await struck(try ann.with(blow.environment).start(["status", "--json"]), blow) == nil
    }

    private func sync(_ blow: Blow) async throws -> Bool {
        try await makeEdit()
        try await makeEdit()
        try await makeOfficeEdits()
        return try await struck(try ann.with(blow.environment).start(["sync", "--json"]), blow) == nil
    }

    /// A third device, which looks as the others do once it is enrolled.
    private func enrol(_ blow: Blow) async throws -> Bool {
        let device = Device(site: site, home: site.path(newName("home", from: .office)))
        let arguments = ["enrol", server.url, "--device", "third", "--code"]
        let code = try await server.code(for: "bo")
        let isKilled = try await struck(try device.with(blow.environment).start(arguments + [code]), blow) == nil
        if !FileManager.default.fileExists(atPath: device.databasePath) {
            // The code may be spent, and the folder is good for another.
            try await device.run(arguments + [try await server.code(for: "bo")])
        }
        try await server.quiet([ann, device])
        if try await device.digest() != server.digest() {
            note(.damaged, "a device that was enrolled anew differs from the server", after: "enrol, killed at \(blow)")
        }
        return isKilled
    }

    private func adopt(_ blow: Blow) async throws -> Bool {
        try await makeEdit()
        schemaVersion += 1
        try site.write(KillSchema.text(version: schemaVersion), to: schemaPath)
        try await server.requireGracefulStop()
        try await server.serve(arguments: ["--schema", schemaPath])
        return try await struck(try ann.with(blow.environment).start(["sync", "--json"]), blow) == nil
    }

    // MARK: The server

    private func push(_ blow: Blow) async throws -> Bool {
        for _ in 0..<3 { try await makeEdit() }
        let isStruck = try await strikeServer(blow) {
            try await site.end(try ann.start(["sync", "--json"]), expecting: blow.syncCodes)
        }
        guard !isStruck, blow.failure == .throw else { return isStruck }
        try await releaseFaults()
        return true
    }

    /// Lets in what was parked because its merge threw, as an operator does once the mistake is mended.
    ///
    /// Only what threw before anything was written is parked; what threw later was merged once more with care, and is in.
    private func releaseFaults() async throws {
        let parked = try await ann.status().parked
        for work in parked {
            guard work.code == Blow.Failure.throw.code else {
                throw AcceptanceFailure("\(work.dot) is parked as \(work.code ?? "nothing").")
            }
            try await server.command(["parked", "release", work.dot])
        }
        if !parked.isEmpty { try await ann.sync() }
    }

    private func open(_ blow: Blow) async throws -> Bool {
        try await server.requireGracefulStop()
        let process = try site.start(
            .server, ["serve", "--data", server.data, "--port", "\(server.port)"], environment: blow.environment)
        let isStruck = try await struck(process, blow) == nil
        try await server.serve()
        return isStruck
    }

    private func close(_ blow: Blow) async throws -> Bool {
        try await server.requireGracefulStop()
        try await server.serve(environment: blow.environment)
        try await makeEdit()
        try await ann.sync()
        let isStruck = try await server.stop().exitCode == (blow.failure == nil ? 128 + SIGKILL : 1)
        try await server.serve()
        return isStruck
    }

    private func office(_ blow: Blow) async throws -> Bool {
        let names = (0..<3).map { _ in newName("office", from: .office) }
        return try await strikeServer(blow) {
            let result = try await server.apply(Self.lines(names), expecting: [0, 1])
            // What is printed is acknowledged, line by line.
            for line in try result.decodedLines(OfficeLine.self) where line.dot != nil {
                acknowledge(names[line.line - 1])
            }
            return result
        }
    }

    private struct OfficeLine: Decodable {
        let line: Int, dot: String?
    }

    /// Work that breaks a rule of the house, as plain SQL may, is parked at the server, and let in by the operator.
    private func release(_ blow: Blow) async throws -> Bool {
        let name = newName("long")
        let title = "\(name) " + String(repeating: "x", count: KillSchema.nameMax)
        let sql = "INSERT INTO account (id, name) VALUES ('\(UUID().uuidString.lowercased())', '\(title)');"
        try await site.write(sql, in: ann.databasePath)
        acknowledge(name)
        try await ann.sync()
        guard let dot = try await ann.status().parked.first?.dot else {
            throw AcceptanceFailure("A name that is too long was not parked.")
        }
        let isKilled = try await strikeServer(blow) {
            try await server.command(["parked", "release", dot], expecting: [0, 1])
        }
        // Releasing twice is once.
        try await server.command(["parked", "release", dot])
        return isKilled
    }

    /// A file of that name is a whole backup, or is not there; what is left of a copy is in nobody's way.
    private func backup(_ blow: Blow) async throws -> Bool {
        let path = site.path(newName("backup", from: .office))
        let isKilled = try await strikeServer(blow) {
            try await server.command(["backup", path], expecting: [0, 1])
        }
        if !FileManager.default.fileExists(atPath: path) { try await server.command(["backup", path]) }
        try await server.command(["backup", "list"])
        return isKilled
    }

    private func found(_ blow: Blow) async throws -> Bool {
        let data = site.path(newName("store", from: .office))
        let isKilled =
            try await struck(try site.start(.server, ["init", "--data", data], environment: blow.environment), blow)
            == nil
        if !FileManager.default.fileExists(atPath: data + "/satchel.sqlite") {
            try await site.run(.server, ["init", "--data", data], expecting: [0])
        }
        try await site.run(.server, ["user", "add", "ann", "--data", data], expecting: [0])
        try await site.run(.server, ["check", "--data", data], expecting: [0])
        return isKilled
    }

    // MARK: Blows

    /// Waits for the end of a process that is struck; `nil` where it was killed, or failed as it was told to.
    private func struck(_ process: RunningProcess, _ blow: Blow) async throws -> ProgramResult? {
        if case .later(let delay) = blow { process.killLater(after: delay) }
        let result = try await site.end(process)
        if let failure = blow.failure, result.exitCode == 1 {
            if result.failureCode != failure.code { note(.damaged, "said \(result.error)", after: "\(blow)") }
            return nil
        }
        if blow.failure == nil, result.exitCode == 128 + SIGKILL { return nil }
        guard [0, 3].contains(result.exitCode) else { throw AcceptanceFailure(result.account) }
        return result
    }

    /// Has the server die, or fail, while `body` runs a command that hears of it; one that died is started again.
    ///
    /// - Returns: Whether it was struck.
    func strikeServer(_ blow: Blow, while body: () async throws -> ProgramResult) async throws -> Bool {
        if case .later(let delay) = blow {
            let process = try server.process()
            process.killLater(after: delay)
            _ = try await body()
            process.signal(SIGKILL)
            _ = try await site.end(process)
            try await server.serve()
            return true
        }
        try await server.requireGracefulStop()
        try await server.serve(environment: blow.environment)
        let result = try await body()
        let process = try server.process()
        if let failure = blow.failure {
            // The server goes on as it is.
            if !process.isRunning { note(.damaged, "the server ended: \(process.errorText)", after: "\(blow)") }
            guard ![0, 3].contains(result.exitCode) else { return false }
            if result.failureCode != failure.code { note(.damaged, "said \(result.error)", after: "\(blow)") }
            return true
        }
        // A process that has killed itself closes its sockets a moment before it is gone.
        let isKilled =
            (try? await Patience.until("the end", within: .seconds(1)) { process.isRunning ? nil : true }) ?? false
        if isKilled {
            _ = try await site.end(process)
        } else {
            try await server.requireGracefulStop()
        }
        try await server.serve()
        return isKilled
    }
}

extension Blow {
    /// How a sync may end that meets a server which is struck.
    var syncCodes: Set<Int32> { failure == nil ? [0, 3, 4] : [0, 1, 3, 4] }
}
