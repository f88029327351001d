import SatchelInspection
import SatchelSync
import SatchelTerminal
import Testing

@Suite struct JSONFormTests {
    @Test func `a conflict report has the documented shape`() throws {
        let report = try Scene.contested().report()
        let json = report.json
        #expect(json["type"] == .text("account"))
        #expect(json["id"] == .text("01954fc0-0000-7000-8000-000000009c41"))
        #expect(json["ending"] == .text("9c41"))
        #expect(json["severity"] == .text("decide"))
        #expect(json["token"] == .text(report.token))
        guard case .array(let items) = json["conflicts"], let phone = items.first,
            case .array(let siblings) = phone["siblings"], let winner = siblings.first,
            case .array(let writers) = winner["writers"], let writer = writers.first
        else {
            Issue.record("no conflicts, siblings or writers in \(JSONWriter.text(json))")
            return
        }
        #expect(phone["base"] == .members(["value": .text("021-100"), "text": .text("021-100")]))
        #expect(items.last?["base"] == .null)
        #expect(winner["number"] == .integer(1))
        #expect(winner["is_winner"] == .bool(true))
        #expect(
            JSONWriter.text(writer) == """
                {"dot":"b0b0b0b0000000000000000000000002:1","user":"Bo","device":"tablet-2",\
                "corrected_time":"2026-03-02T09:14:30.000Z","device_time":"2026-03-02T08:14:30.000Z","label":"visit end",\
                "fields":[],\
                "had_seen":[{"dot":"c0c0c0c0000000000000000000000003:1",\
                "sentence":"had seen Li Na's edit c0c0c0c0:1 of 2026-03-01 17:02 UTC"}],\
                "not_seen":[{"dot":"a1a1a1a1000000000000000000000001:1",\
                "sentence":"had not seen Ann's edit a1a1a1a1:1 of 2026-03-02 09:12 UTC"}]}
                """)
    }

    @Test func `a record's values keep their kinds`() throws {
        let json = try Scene.contested().recordReport(pending: 1, parked: 2).json
        #expect(
            json["fields"]
                == .members([
                    "name": .text("蓝门咖啡"), "phone": .text("021-300"), "city": .null, "credit_limit": .integer(5_000),
                ]))
        #expect(
            json["marks"]
                == .members(["pending": .integer(1), "parked": .integer(2), "conflict": .text("decide")]))
        #expect(json["conflicts"] == .members(["phone": .text("decide"), "city": .text("review")]))
        #expect(json["life"] == .text("alive"))
    }

    @Test func `a ledger line is flat`() {
        let line = LedgerLine(
            dot: Dot(Scene.ann, 3), changeSet: "0011", state: .visible, by: "Ann", place: "account 9c41")
        #expect(
            JSONWriter.text(line.json) == """
                {"dot":"a1a1a1a1000000000000000000000001:3","change_set":"0011","state":"visible","by":"Ann",\
                "where":"account 9c41"}
                """)
    }

    @Test func `an error carries code, message, remedy and whether to try again`() {
        let error = SatchelError(.databaseInUse, "Busy.", remedy: nil, isTransient: true)
        #expect(
            JSONWriter.text(error.json)
                == #"{"error":{"code":"database_in_use","message":"Busy.","remedy":null,"transient":true}}"#)
    }
}
