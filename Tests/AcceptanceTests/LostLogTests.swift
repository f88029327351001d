import Foundation
import ScenarioRunner
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Write-ahead logs that are gone after a crash, with what was acknowledged in them.
@Suite(.serialized) struct LostLogTests {
    @Test func `a store that lost its log takes nothing until it is restored, and then gets back what devices hold`()
        async throws
    {
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        try await bo.sync()
        // What is there now goes into the file.
        try await server.requireGracefulStop()
        try await server.serve()
        try await ann.set("account", account, ["city=Lund"])
        try await ann.sync()
        let process = try server.process()
        process.signal(SIGKILL)
        _ = try await server.site.end(process)
        try FileManager.default.removeItem(atPath: server.data + "/satchel.sqlite-wal")
        try await server.serve()

        let refused = try await ann.run(["sync", "--json"], expecting: [4])
        #expect(refused.failureCode == "store_rolled_back")
        try await bo.set("account", account, ["phone=1"])
        #expect(try await bo.run(["sync", "--json"], expecting: [4]).failureCode == "store_rolled_back")
        #expect(try await server.ledger().count == 1)

        // An operator restores the store as it is, and it gets back from ann what it lacks.
        let backup = server.site.path("as-it-is.backup")
        try await server.command(["backup", backup])
        try await server.requireGracefulStop()
        try await server.command(["restore", backup])
        try await server.serve()
        // Both were told to wait; who knows better need not.
        for device in [ann, bo] { try await device.run(["sync", "--now"], expecting: [0, 3]) }
        try await server.quiet([ann, bo])
        try await server.command(["recovery", "close"])
        try await server.quiet([ann, bo])
        for device in [ann, bo] {
            let (status, digest) = (try await device.status(), try await device.digest())
            #expect(status.pending.isEmpty && status.parked.isEmpty)
            #expect(try await server.digest() == digest)
        }
        try await server.command(["verify"])
        let fields = try await bo.show("account", account).fields
        #expect(fields["city"] == .text("Lund") && fields["phone"] == .text("1"))
        #expect(try await server.ledger().count == 3)
    }
}
