import ScenarioRunner
import Testing

/// What debug builds are told to do at a fault point (`Protocol/cli.md`), and what is left then.
@Suite struct FaultTests {
    @Test(arguments: [("eio", "storage_failed"), ("enospc", "disk_full"), ("throw", "internal_error")])
    func `an edit that fails before its commit says so, and leaves nothing`(action: String, code: String) async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let failing = device.with("SATCHEL_FAULT=replica-commits:1:\(action)")
        let result = try await failing.run(["new", "account", "name=Aster", "--json"], expecting: [1])
        #expect(result.failureCode == code)
        #expect(try await device.ledger().isEmpty)
        try await device.new("account", ["name=Aster"])
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `what stands still at a point waits to be killed, and has kept nothing from others`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let device = try await server.enrol("ann")
        let process = try device.with("SATCHEL_FAULT=replica-closed:1:stall").start(["new", "account", "name=Aster"])
        try await Patience.until("the edit") { try await device.list("account").isEmpty ? nil : true }
        #expect(process.isRunning)
        try await device.new("account", ["name=Birch"])
        process.killAndReap()
        #expect(try await device.list("account").count == 2)
        try await server.requireDrained([device])
        try await server.requireGracefulStop()
    }

    @Test func `an operator's command says what the server met, whatever it is`() async throws {
        let server = try await ServerProcess.start(in: Site())
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_FAULT=office-answers:1:eio"])
        let result = try await server.command(["user", "list", "--json"], expecting: [1])
        #expect(result.failureCode == "storage_failed", "\(result.account)")
        try await server.command(["user", "list"])
        try await server.requireGracefulStop()
    }

    @Test(arguments: [Program.satchel, .server, .inspect])
    func `a fault that cannot be understood is wrong usage`(program: Program) async throws {
        let site = try Site(variables: ["SATCHEL_FAULT=nowhere:1:kill"])
        let result = try await site.run(program, ["--help"], expecting: [64])
        #expect(result.error.contains("faults list"))
        if program != .inspect { try await site.run(program, ["faults", "list"], expecting: [0]) }
    }
}
