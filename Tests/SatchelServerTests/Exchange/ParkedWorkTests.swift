import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// Parked work beside what its author does later.
@Suite struct ParkedWorkTests {
    private func home() async throws -> (ExchangeServer, ExchangeHome) {
        let server = try ExchangeServer()
        let home = try await server.enrol("ann", actor: .sample(1))
        _ = try home.replica.edit(
            Draft(
                label: "new",
                changes: [
                    DraftChange(
                        type: ItemSchema.type, record: .sample(1), life: .create,
                        writes: [.phone("1"), .tags(add: ["a"])])
                ]))
        try await home.sync()
        return (server, home)
    }

    @Test func `a confirmed edit leaves nothing of the author's parked work beside it`() async throws {
        let (_, home) = try await home()
        try home.shell("UPDATE item SET phone = '\(String(repeating: "9", count: 50))', tags = '[\"a\",\"b\"]'")
        _ = try home.replica.edit(
            Draft(
                label: "fixed",
                changes: [
                    DraftChange(
                        type: ItemSchema.type, record: .sample(1),
                        writes: [.phone("2"), FieldChange(ItemSchema.tags, .set(add: [], remove: ["b"]))])
                ]))
        let before = try home.state(of: .sample(1))
        let report = try await home.sync()
        #expect(report.parkedTotal == 1)
        #expect(report.decideCount == 0)
        let after = try home.state(of: .sample(1))
        #expect(after.field(ItemSchema.phone)?.siblings.map(\.value) == [.text("2")])
        #expect(after.field(ItemSchema.tags)?.elements.map(\.value) == ["a"])
        #expect(after.field(ItemSchema.phone)?.dots == before.field(ItemSchema.phone)?.dots)
        // And the next edit of the field needs no leave to settle anything.
        _ = try home.replica.edit(
            Draft(
                label: "again",
                changes: [DraftChange(type: ItemSchema.type, record: .sample(1), writes: [.phone("3")])]))
        try await home.sync()
        #expect(try home.state(of: .sample(1)).field(ItemSchema.phone)?.siblings.map(\.value) == [.text("3")])
        #expect(try home.replica.safetyReport().parked.map(\.code) == ["too_large"])
    }

    @Test func `parked work that nobody wrote over stays in sight beside what others write`() async throws {
        let (server, home) = try await home()
        let other = try await server.enrol("bo", actor: .sample(2))
        try await other.sync()
        let long = String(repeating: "9", count: 50)
        try home.shell("UPDATE item SET phone = '\(long)'")
        _ = try other.replica.edit(
            Draft(
                label: "edit", changes: [DraftChange(type: ItemSchema.type, record: .sample(1), writes: [.phone("3")])])
        )
        try await other.sync()
        let report = try await home.sync()
        #expect(report.parkedTotal == 1)
        let values = try home.state(of: .sample(1)).field(ItemSchema.phone)?.siblings.map(\.value) ?? []
        #expect(Set(values) == [.text(UTF8Text(long)), .text("3")])
    }

    @Test func `what the office gives back says why, and goes in when its author offers it again`() async throws {
        let (server, home) = try await home()
        try server.store.refuseMarked(true)
        _ = try home.replica.edit(
            Draft(
                label: "edit",
                changes: [DraftChange(type: ItemSchema.type, record: .sample(1), writes: [.phone("~x")])]))
        #expect(try await home.sync().parkedTotal == 1)
        let dot = try #require(try home.replica.safetyReport().parked.first?.dot)
        _ = try await server.service.perform(.giveBack(dot: dot.description, reason: "Which branch is this?"))
        #expect(try await home.sync().parkedTotal == 1)
        let parked = try home.replica.safetyReport().parked
        #expect(parked.map(\.code) == ["returned"])
        #expect(parked.first?.sentence?.contains("Which branch is this?") == true)
        try server.store.refuseMarked(false)
        #expect(try home.replica.retry(dot).dot.counter == dot.counter + 1)
        #expect(try await home.sync().parkedTotal == 0)
        #expect(try home.state(of: .sample(1)).field(ItemSchema.phone)?.siblings.map(\.value) == [.text("~x")])
        #expect(try await SettledCheck(server: server, homes: [home]).problems() == [])
        await #expect(throws: SatchelError.self) {
            try await server.service.perform(.giveBack(dot: dot.description, reason: "Too late."))
        }
        #expect(throws: SatchelError.self) { try home.replica.retry(dot) }
    }
}
