import Foundation
import SatchelInterchange
import SatchelSync
import Testing

@Suite struct CSVReaderTests {
    private func cells(_ text: String) throws -> [[String]] { try CSVReader.rows(Array(text.utf8)).map(\.cells) }

    @Test(arguments: [
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\n名", [["a"], ["名"]]), ("a\n\"x,\"\"y\"\"\nz\"\n", [["a"], ["x,\"y\"\nz"]]),
        ("a,b\n,\n", [["a", "b"], ["", ""]]), ("a\n\n\nb", [["a"], ["b"]]), ("", []), ("a,", [["a", ""]]),
    ]) func `cells are read as they are written`(text: String, expected: [[String]]) throws {
        #expect(try cells(text) == expected)
    }

    @Test func `a row knows the line on which it begins`() throws {
        let rows = try CSVReader.rows(Array("a\n\"x\ny\"\nz".utf8))
        #expect(rows.map(\.line) == [1, 2, 4])
    }

    @Test(arguments: [
        ("a\nx\"y\n", "Line 2 of the CSV has a quote within bare text; put the whole cell in quotes."),
        ("a\n\"x\ny", "Line 2 of the CSV begins a cell in quotes that has no end."),
        ("\"a\"b", "Line 1 of the CSV has text behind the quotes of a cell."),
    ]) func `what could be read in two ways is refused with its line`(text: String, message: String) {
        let error = #expect(throws: SatchelError.self) { try cells(text) }
        #expect(error?.message == message)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        let error = #expect(throws: SatchelError.self) { try CSVReader.rows([0x61, 0x0A, 0xFF]) }
        #expect(error?.message == "Line 2 of the CSV is not UTF-8.")
    }
}
