/// Writes comma-separated values (RFC 4180): lines end with CR LF, cells with commas, quotes or line ends stand in quotes.
package enum CSVWriter {
    /// The mark by which spreadsheets know UTF-8.
    package static let byteOrderMark = "\u{FEFF}"

    /// One line.
    ///
    /// A text that a spreadsheet would run as a formula gets an apostrophe before it where `isGuarded`, and so does one that looks as if it had got one;
    /// numbers stay. ``CSVReader/unguarded(_:)`` takes it away again.
    package static func line(_ cells: [String], isGuarded: Bool) -> String {
        cells.map { quoted(isGuarded ? guarded($0) : $0) }.joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" }) else {
            return cell
        }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func guarded(_ cell: String) -> String {
        guard isFormula(cell.drop { $0 == "'" }), Double(cell) == nil else { return cell }
        return "'" + cell
    }

    /// What a spreadsheet would run: CSV injection, as OWASP describes it.
    static func isFormula(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    }
}
