package import SatchelSync

/// Reads comma-separated values (RFC 4180): cells in double quotes may hold commas, line ends and doubled quotes.
///
/// Lines end with LF or CR LF; a byte order mark at the beginning is passed over. What is not UTF-8, a quote within bare text, and
/// a quoted cell without an end are refused with their line: a guess would put values into the wrong columns.
package struct CSVReader {
    /// One row, and the number of the line on which it begins.
    package struct Row: Hashable, Sendable {
        /// The number of the line, from 1.
        package let line: Int
        /// The cells, as they are.
        package let cells: [String]
    }

    private let bytes: [UInt8]
    private var index: Int
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The rows of a file, the head first; lines without a character are left out.
    /// - Throws: ``SatchelError`` `invalid_request`, naming the line.
    /// - Complexity: O(bytes).
    package static func rows(_ bytes: [UInt8]) throws(SatchelError) -> [Row] {
        var reader = CSVReader(bytes)
        var rows: [Row] = []
        while let row = try reader.next() {
            if row.cells != [""] { rows.append(row) }
        }
        return rows
    }

    /// A cell without the apostrophe that ``CSVWriter`` puts before what a spreadsheet would run.
    package static func unguarded(_ cell: String) -> String {
        guard cell.hasPrefix("'"), CSVWriter.isFormula(cell.drop { $0 == "'" }) else { return cell }
        return String(cell.dropFirst())
    }

    private mutating func next() throws(SatchelError) -> Row? {
        guard index < bytes.count else { return nil }
        let start = line
        var cells: [String] = []
        while true {
            let cell = try bytes[safe: index] == Self.quote ? quotedCell() : bareCell()
            guard let text = String(validating: cell, as: UTF8.self) else {
                throw failure("is not UTF-8", line: start)
            }
            cells.append(text)
            switch bytes[safe: index] {
            case Self.comma: index += 1
            case Self.carriageReturn, Self.lineFeed, nil:
                endLine()
                return Row(line: start, cells: cells)
            default: throw failure("has text behind the quotes of a cell", line: line)
            }
        }
    }

    private mutating func bareCell() throws(SatchelError) -> [UInt8] {
        let start = index
        while let byte = bytes[safe: index], byte != Self.comma, byte != Self.lineFeed, !isLineEnd(at: index) {
            if byte == Self.quote {
                throw failure("has a quote within bare text; put the whole cell in quotes", line: line)
            }
            index += 1
        }
        return Array(bytes[start..<index])
    }

    private mutating func quotedCell() throws(SatchelError) -> [UInt8] {
        let first = line
        var cell: [UInt8] = []
        index += 1
        while let byte = bytes[safe: index] {
            index += 1
            if byte == Self.lineFeed { line += 1 }
            guard byte == Self.quote else {
                cell.append(byte)
                continue
            }
            guard bytes[safe: index] == Self.quote else { return cell }
            cell.append(byte)
            index += 1
        }
        throw failure("begins a cell in quotes that has no end", line: first)
    }

    /// Whether a CR LF stands here; a bare CR is text.
    private func isLineEnd(at place: Int) -> Bool {
        bytes[place] == Self.carriageReturn && bytes[safe: place + 1] == Self.lineFeed
    }

    private mutating func endLine() {
        if bytes[safe: index] == Self.carriageReturn { index += 1 }
        if bytes[safe: index] == Self.lineFeed { index += 1 }
        line += 1
    }

    private func failure(_ reason: String, line: Int) -> SatchelError {
        SatchelError(.invalidRequest, "Line \(line) of the CSV \(reason).", remedy: "Correct the file and try again.")
    }
}

extension [UInt8] {
    fileprivate subscript(safe index: Int) -> UInt8? { index < count ? self[index] : nil }
}
