import SatchelInspection
import SatchelSync
import SatchelTerminal
import Testing

@Suite struct ConflictTextTests {
    private static let text = ConflictText(program: "satchel conflicts", now: Scene.now)

    @Test func `a conflict is shown with its values, its people and the commands to settle it`() throws {
        let report = try Scene.contested().report()
        #expect(
            Self.text.show(report)
                == """
                account 9c41 蓝门咖啡: 1 to decide, 1 to review

                phone: a person must decide
                  before  021-100
                  * 1  021-300
                       by Bo on tablet-2, 2026-03-02 09:14 UTC (5 min ago), "visit end", b0b0b0b0:1
                       the device's clock said 2026-03-02 08:14 UTC, 1 h behind
                       had seen Li Na's edit c0c0c0c0:1 of 2026-03-01 17:02 UTC
                       had not seen Ann's edit a1a1a1a1:1 of 2026-03-02 09:12 UTC
                    2  021-200
                       by Ann on tablet-1, 2026-03-02 09:12 UTC (8 min ago), "edit", a1a1a1a1:1
                       had seen Li Na's edit c0c0c0c0:1 of 2026-03-01 17:02 UTC
                       had not seen Bo's edit b0b0b0b0:1 of 2026-03-02 09:14 UTC
                  shown is 1: a person must decide; the table shows the latest until then
                  to settle it:
                    satchel conflicts resolve account 9c41 phone --take 1 --token PHONE
                    satchel conflicts resolve account 9c41 phone --take 2 --token PHONE
                    satchel conflicts resolve account 9c41 phone --value VALUE --token PHONE

                city: parallel update, the tables show the winner
                  * 1  (empty)
                       by Bo on tablet-2, 2026-03-02 09:14 UTC (5 min ago), "visit end", b0b0b0b0:1
                       the device's clock said 2026-03-02 08:14 UTC, 1 h behind
                       had seen Li Na's edit c0c0c0c0:1 of 2026-03-01 17:02 UTC
                       had not seen Ann's edit a1a1a1a1:1 of 2026-03-02 09:12 UTC
                    2  Shanghai\\u{1B}[31m
                       by Ann on tablet-1, 2026-03-02 09:12 UTC (8 min ago), "edit", a1a1a1a1:1
                       had seen Li Na's edit c0c0c0c0:1 of 2026-03-01 17:02 UTC
                       had not seen Bo's edit b0b0b0b0:1 of 2026-03-02 09:14 UTC
                  shown is 1: latest by corrected time
                  to settle it:
                    satchel conflicts resolve account 9c41 city --take 1 --token CITY
                    satchel conflicts resolve account 9c41 city --take 2 --token CITY
                    satchel conflicts resolve account 9c41 city --value VALUE --token CITY

                """.replacing("PHONE", with: report.items[0].token).replacing("CITY", with: report.items[1].token))
    }

    @Test func `an edit that nobody signed is told by its place`() throws {
        var scene = try Scene()
        let (made, phone) = (Dot(Scene.office, 1), Scene.phone)
        scene.edit(
            made, by: "", on: "Our office", at: "2026-03-01T17:02:00.000Z", life: .create, label: "new",
            [(Scene.name, .text("Aster")), (phone, .text("1"))])
        scene.edit(
            Dot(Scene.office, 2), by: "", on: "Our office", at: "2026-03-02T09:00:00.000Z", seeing: [made],
            [(phone, .text("2"))])
        scene.edit(
            Dot(Scene.bo, 1), by: "Bo", on: "tablet-2", at: "2026-03-02T09:14:30.000Z", seeing: [made],
            [(phone, .text("3"))])
        let shown = Self.text.show(try scene.report())
        #expect(shown.contains(" at Our office, 2026-03-02 09:00 UTC (20 min ago), \"edit\", c0c0c0c0:2"), "\(shown)")
        #expect(shown.contains("had seen an edit at Our office, c0c0c0c0:1 of 2026-03-01 17:02 UTC"), "\(shown)")
        #expect(shown.contains("had not seen an edit at Our office, c0c0c0c0:2 of 2026-03-02 09:00 UTC"), "\(shown)")
        #expect(!shown.contains("by  on") && !shown.contains("seen 's edit"), "\(shown)")
    }

    @Test func `a contested life is kept or deleted`() throws {
        var scene = try Scene.contested()
        scene.edit(
            Dot(Scene.office, 2), by: "Li Na", on: "office", at: "2026-03-02T09:15:00.000Z", life: .delete,
            label: "delete")
        let report = try scene.report()
        let shown = Self.text.show(report)
        #expect(
            shown.hasPrefix(
                """
                account 9c41 蓝门咖啡: 2 to decide, 1 to review

                life of the record: a person must decide
                  * 1  edited by Ann (phone, city); edited by Bo (phone, city)
                       by Ann on tablet-1, 2026-03-02 09:12 UTC (8 min ago), "edit", a1a1a1a1:1
                       wrote phone, city
                       had seen Li Na's edit c0c0c0c0:1 of 2026-03-01 17:02 UTC
                       had not seen Li Na's edit c0c0c0c0:2 of 2026-03-02 09:15 UTC

                """), "\(shown)")
        #expect(
            shown.contains(
                "\n    satchel conflicts resolve account 9c41 life --keep --token \(report.items[0].token)\n"))
        #expect(
            shown.contains(
                "\n    satchel conflicts resolve account 9c41 life --delete --token \(report.items[0].token)\n"))
    }

    @Test func `a list has one line a record and leaves out what has no conflict`() throws {
        var calm = try Scene()
        calm.edit(
            Dot(Scene.office, 1), by: "Li Na", on: "office", at: "2026-03-01T17:02:00.000Z", life: .create,
            [(Scene.name, .text("Calm"))])
        let reports = [try Scene.contested().report(), try calm.report()]
        #expect(
            Self.text.list(reports) == """
                TYPE     ID    TITLE     SEVERITY  IN CONFLICT
                account  9c41  蓝门咖啡  decide    phone, city

                """)
        #expect(Self.text.show(reports[1]) == "account 9c41 Calm: no open conflict.\n")
    }

    @Test func `the commands are those that the program takes`() throws {
        let text = ConflictText(
            program: "satchel-server conflicts", now: Scene.now, namesType: false,
            options: ["--reason WHY", "--as USER", "--data ./office"])
        let report = try Scene.contested().report()
        #expect(
            text.show(report).contains(
                "\n    satchel-server conflicts resolve 9c41 phone --take 2 --token \(report.items.first { $0.subject == "phone" }?.token ?? "") --reason WHY --as USER --data ./office\n"
            ))
    }
}
