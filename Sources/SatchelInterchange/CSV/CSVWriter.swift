/// Writes comma-separated values (RFC 4180): lines end with CR LF, cells with commas, quotes or line ends stand in quotes.
package enum CSVWriter {
    /// The mark by which spreadsheets know UTF-8.
    package static let byteOrderMark = "\u{FEFF}"

    /// One line.
    ///
    /// A text that a spreadsheet would run as a formula gets an apostrophe before it where `isGuarded`; numbers stay.
    package static func line(_ cells: [String], isGuarded: Bool) -> String {
        cells.map { quoted(isGuarded ? guarded($0) : $0) }.joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" }) else {
            return cell
        }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// CSV injection, as OWASP describes it.
    private static func guarded(_ cell: String) -> String {
        guard let first = cell.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(cell) == nil
        else {
            return cell
        }
        return "'" + cell
    }
}
