import Foundation
import ScenarioRunner
import Testing

/// The inspector: one store seen through a device's home, the server's folder and the server's address.
@Suite struct InspectTests {
    @Test func `every way to a store tells the same conflicts, and what one settles is settled for all`() async throws {
        let server = try await ServerProcess.start(in: Site())
        let site = server.site
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        var accounts: [String] = []
        for number in 1...3 {
            accounts.append(try await ann.new("account", ["name=Customer \(number)", "phone=1", "city=Lund"]))
        }
        try await server.quiet([ann, bo])
        for account in accounts {
            try await ann.set("account", account, ["phone=2", "city=Malmö"])
            try await bo.set("account", account, ["phone=3", "city=Ystad"])
        }
        try await server.requireDrained([ann, bo])

        try await site.run(.inspect, ["enrol", server.url, "--code", try await server.code(for: "bo")], expecting: [0])
        let ways = [["--home", ann.home], ["--data", server.data, "--as", "office"], ["--server", server.url]]
        let expected = Set(accounts.flatMap { ["\($0) city review", "\($0) phone decide"] })
        for way in ways { #expect(try await Self.conflicts(site, way) == expected, "by \(way)") }

        for (account, way) in zip(accounts, ways) {
            let shown = try await site.run(.inspect, ["show", "account", account, "--json"] + way, expecting: [0])
                .decoded(ConflictForm.self)
            let values = shown.conflicts.map { Set($0.siblings.map(\.value)) }
            #expect(Set(values) == [[.text("2"), .text("3")], [.text("Malmö"), .text("Ystad")]])
            try await site.run(
                .inspect, ["resolve", "account", account, "phone", "--value", "4", "--reason", "Called them"] + way,
                expecting: [0])
            try await site.run(
                .inspect, ["resolve", "account", account, "city", "--value", "Lund", "--reason", "Looked"] + way,
                expecting: [0])
        }
        try await server.requireDrained([ann, bo])
        for way in ways { #expect(try await Self.conflicts(site, way).isEmpty, "by \(way)") }
        for record in try await bo.list("account") {
            #expect(record.fields["phone"] == .text("4") && record.fields["city"] == .text("Lund"))
        }
        // With the server stopped the same folder is read without it.
        try await server.requireGracefulStop()
        #expect(try await Self.conflicts(site, ways[1]).isEmpty)
    }

    private static func conflicts(_ site: Site, _ way: [String]) async throws -> Set<String> {
        let forms = try await site.run(.inspect, ["list", "--json"] + way, expecting: [0, 3]).decoded(
            [ConflictForm].self)
        return Set(forms.flatMap { form in form.conflicts.map { "\(form.id) \($0.subject) \($0.severity)" } })
    }
}
