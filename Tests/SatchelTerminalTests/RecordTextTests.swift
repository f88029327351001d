import SatchelInspection
import SatchelSync
import SatchelTerminal
import Testing

@Suite struct RecordTextTests {
    @Test func `a record shows its values, its conflicts and its marks`() throws {
        let report = try Scene.contested().recordReport(pending: 1)
        #expect(
            RecordText().show(report) == """
                account 9c41 蓝门咖啡
                  id  01954fc0-0000-7000-8000-000000009c41
                  mark  conflict (decide), 1 pending
                  name          蓝门咖啡
                  phone         021-300  conflict (decide)
                  city          (empty)  conflict (review)
                  credit_limit  5000

                """)
    }

    @Test func `lines of a long text are indented, so that data cannot pass for a field`() {
        let value = ShownValue(content: .register(.text("one\nphone 999")), text: "one\nphone 999")
        let report = RecordReport(
            type: "note", record: RecordID(high: 1, low: 2), ending: "0002", title: "", life: .alive,
            fields: [FieldReport(name: "body", value: value)], marks: RecordMarks())
        #expect(
            RecordText().show(report) == """
                note 0002
                  id  00000000-0000-0001-0000-000000000002
                  body  one
                        phone 999

                """)
    }

    @Test func `a list takes the first fields with values, numbers to the right`() throws {
        let report = try Scene.contested().recordReport()
        #expect(
            RecordText().list([report]) == """
                ID    NAME      PHONE    CREDIT_LIMIT  MARK
                9c41  蓝门咖啡  021-300          5000  conflict (decide)

                """)
        #expect(
            RecordText().list([report], fields: ["phone", "city"]) == """
                ID    PHONE    CITY  MARK
                9c41  021-300        conflict (decide)

                """)
    }

    @Test
    func `instants are written as the reader has them, and a counter that nobody has counted with takes no column`() {
        let time = Timestamp(milliseconds: 0)
        let report = RecordReport(
            type: "visit", record: RecordID(high: 1, low: 2), ending: "0002", title: "", life: .alive,
            fields: [
                FieldReport(name: "began", value: ShownValue(.timestamp(time)) { _ in nil }),
                FieldReport(name: "stock", value: ShownValue(content: .total(0), text: "0")),
            ], marks: RecordMarks())
        let text = RecordText(width: 12) { time, isInList in
            isInList ? "in \(time.description.prefix(4))" : "in the year \(time.description.prefix(4))"
        }
        // A part of an instant is worth nothing: it is not cut.
        #expect(text.list([report]) == "ID    BEGAN\n0002  in 1970\n")
        #expect(text.show(report).contains("  began  in the year 1970\n"))
        #expect(RecordText().list([report]).contains("1970-01-01T00:00:00.000Z"))
    }

    @Test func `the ledger is one line a change-set`() {
        let line = LedgerLine(
            dot: Dot(Scene.ann, 3), changeSet: "00112233445566778899", state: .parked, by: "Ann on tablet-1",
            place: "account 9c41")
        #expect(
            LedgerLine.text(of: [line]) == """
                DOT         CHANGE-SET    STATE   BY               WHERE
                a1a1a1a1:3  001122334455  parked  Ann on tablet-1  account 9c41

                """)
    }
}
