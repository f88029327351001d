/// Text on a terminal, column by column.
///
/// Which characters take two columns is told here by the blocks of Unicode, as `wcwidth` of Markus Kuhn has them, and not as the product does it.
struct TerminalColumns {
    /// What stands in each column; `nil` in the second of a wide character.
    private let columns: [Character?]

    /// Lays out a line.
    init(_ line: some StringProtocol) {
        columns = line.flatMap { Self.isWide($0) ? [$0, nil] : [$0] }
    }

    /// The columns at which words begin behind two spaces or more, the first included.
    var starts: [Int] {
        columns.indices.filter { index in
            columns[index] != " " && (index == 0 || index > 1 && columns[index - 1] == " " && columns[index - 2] == " ")
        }
    }

    /// The text from each of these columns to the next, without the spaces around it; `nil` where something reaches over a border.
    func cells(from starts: [Int]) -> [String]? {
        var cells: [String] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : max(columns.count, start)
            if index > 0,
                columns[max(0, min(start - 2, columns.count))..<min(start, columns.count)].contains(where: { $0 != " " }
                )
            {
                return nil
            }
            let piece = columns[min(start, columns.count)..<min(end, columns.count)].compactMap(\.self)
            cells.append(String(piece).trimmingCharacters(of: " "))
        }
        return cells
    }

    private static func isWide(_ character: Character) -> Bool {
        guard let value = character.unicodeScalars.first?.value else { return false }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return true
        default: return false
        }
    }
}

extension String {
    fileprivate func trimmingCharacters(of space: Character) -> String {
        var text = self[...]
        while text.first == space { text.removeFirst() }
        while text.last == space { text.removeLast() }
        return String(text)
    }
}
