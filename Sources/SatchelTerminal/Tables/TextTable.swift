import SatchelSync

/// A table of text with aligned columns, by display width.
///
/// Cells are made safe for a terminal; the last column is not padded.
package struct TextTable: Sendable {
    /// To which side a column's cells go.
    package enum Alignment: Hashable, Sendable {
        /// Text.
        case leading
        /// Numbers.
        case trailing
    }

    /// A column: its heading, and how its cells stand.
    package struct Column: Hashable, Sendable {
        /// The heading.
        package let title: String
        /// To which side the cells go.
        package let alignment: Alignment
        /// Whether the column may be cut to fit the terminal; ids and numbers may not.
        package let isCuttable: Bool
        /// Whether the column is left out where all its cells are empty.
        package let isOptional: Bool

        /// Describes a column.
        package init(
            _ title: String, _ alignment: Alignment = .leading, isCuttable: Bool = true, isOptional: Bool = false
        ) {
            self.isOptional = isOptional
            self.title = title
            self.alignment = alignment
            self.isCuttable = isCuttable && alignment == .leading
        }
    }

    /// A cell: its text and its paint.
    package struct Cell: Hashable, Sendable, ExpressibleByStringInterpolation {
        /// The text, safe and on one line.
        package let text: String
        /// How it is painted where there are colours.
        package let paint: Paint

        /// Takes text as it was typed and makes it safe.
        package init(_ text: String, _ paint: Paint = .plain) {
            self.text = SafeText.line(text)
            self.paint = paint
        }

        /// A cell without paint.
        package init(stringLiteral value: String) { self.init(value) }
    }

    /// The columns, from left to right.
    package let columns: [Column]
    /// The rows, from top to bottom; a row that is short ends in empty cells.
    package private(set) var rows: [[Cell]] = []

    private static let gap = "  "
    private static let cutWidthMin = 8

    /// A table without rows.
    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells beyond the last column are left out.
    package mutating func add(_ cells: [Cell]) {
        let cells = Array(cells.prefix(columns.count))
        rows.append(cells + Array(repeating: Cell(""), count: columns.count - cells.count))
    }

    /// The table as lines, each with its line end; empty when there are no rows.
    ///
    /// Where `width` is given, columns that may be cut are, the widest first, until lines fit or nothing more can go.
    /// - Complexity: O(cells × their length).
    package func rendered(width: Int? = nil, style: Style = .plain) -> String {
        guard !rows.isEmpty else { return "" }
        let shown = columns.indices.filter { index in
            !columns[index].isOptional || rows.contains { !$0[index].text.isEmpty }
        }
        guard shown.count == columns.count else {
            var table = TextTable(shown.map { columns[$0] })
            for row in rows { table.add(shown.map { row[$0] }) }
            return table.rendered(width: width, style: style)
        }
        let heading = columns.map { Cell($0.title, .strong) }
        let widths = columnWidths(fitting: width)
        return ([heading] + rows).map { line($0, widths: widths, style: style) }.joined()
    }

    private func columnWidths(fitting width: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index].text)) }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.utf8.count * (columns.count - 1) - width
        let cuttable = columns.indices.filter { columns[$0].isCuttable }
        while excess > 0, let widest = cuttable.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.cutWidthMin
        {
            // Down to the next widest at once, so that a cell of any length costs a few turns.
            let next = cuttable.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
            let step = min(excess, max(1, widths[widest] - max(next, Self.cutWidthMin)))
            widths[widest] -= step
            excess -= step
        }
        return widths
    }

    private func line(_ cells: [Cell], widths: [Int], style: Style) -> String {
        var pieces: [String] = []
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        for index in cells.indices.prefix(last + 1) {
            let text = DisplayWidth.cut(cells[index].text, to: widths[index])
            let padding = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(text)))
            let painted = style.paint(text, cells[index].paint)
            if columns[index].alignment == .trailing {
                pieces.append(padding + painted)
            } else {
                pieces.append(index == last ? painted : painted + padding)
            }
        }
        return pieces.joined(separator: Self.gap) + "\n"
    }
}
