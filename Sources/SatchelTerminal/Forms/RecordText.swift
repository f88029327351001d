package import SatchelInspection
package import SatchelSync

/// Records as text for a terminal.
package struct RecordText {
    /// Whether colours are written.
    package let style: Style
    /// The columns of the terminal; `nil` where the output is none.
    package let width: Int?
    /// How an instant is written: shorter in a list.
    private let instant: (_ time: Timestamp, _ isInList: Bool) -> String

    private static let fieldsShownByDefault = 4

    /// Decides how records are written; instants in UTC where nobody says how.
    package init(
        style: Style = .plain, width: Int? = nil,
        instant: @escaping (_ time: Timestamp, _ isInList: Bool) -> String = { time, _ in time.description }
    ) {
        self.style = style
        self.width = width
        self.instant = instant
    }

    /// One record with all its fields that have a value, for `show`.
    ///
    /// Longer texts keep their lines, indented, so that data cannot pass for a line of the report.
    package func show(_ report: RecordReport) -> String {
        let name = [report.type, report.ending, SafeText.line(report.title)].filter { !$0.isEmpty }
        var lines = [style.paint(name.joined(separator: " "), .strong)]
        lines.append("  id  \(report.record)")
        if report.life != .alive {
            lines.append("  life  \(style.paint(said(Phrase(reading: report.life.word)), .alert))")
        }
        if !report.marks.said.isEmpty {
            lines.append(
                "  \(said("mark"))  \(style.paint(report.marks.said.joined(separator: Sentences.comma), report.marks.paint))"
            )
        }
        let fields = report.fields.filter { !$0.value.isNull || $0.conflict != nil }
        let labelWidth = fields.reduce(0) { max($0, $1.name.utf8.count) }
        for field in fields { lines += self.field(field, labelWidth: labelWidth) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line a record, for `list`.
    ///
    /// `fields` names the columns; without it they are the first fields in which some record has a value. `when` says of a record when it is,
    /// in a column of its own.
    package func list(
        _ reports: [RecordReport], fields: [String]? = nil, when: ((RecordReport) -> String)? = nil
    ) -> String {
        let names = fields ?? Self.usualFields(of: reports)
        var table = TextTable(
            [.init("ID", isCuttable: false)] + (when == nil ? [] : [.init(said("WHEN"), isCuttable: false)])
                + names.map { Self.column(of: $0, in: reports) }
                + [.init(said("MARK"), isCuttable: false, isOptional: true)])
        for report in reports {
            let cells = names.map { name in
                TextTable.Cell(report.fields.first { $0.name == name }.map { text(of: $0, isInList: true) } ?? "")
            }
            var words = report.marks.said
            if report.life == .deleted { words.insert(said("deleted"), at: 0) }
            table.add(
                [TextTable.Cell(report.ending, .faint)] + (when.map { [TextTable.Cell($0(report))] } ?? []) + cells
                    + [.init(words.joined(separator: Sentences.comma), report.marks.paint)])
        }
        return table.rendered(width: width, style: style)
    }

    /// What a list says that has nothing to show; `meets` where conditions were given.
    package func none(of type: String, meets: Bool = false) -> String {
        (meets
            ? said("No record of type \(SafeText.line(type)) meets that.")
            : said("No record of type \(SafeText.line(type)).")) + "\n"
    }

    private func field(_ field: FieldReport, labelWidth: Int) -> [String] {
        let label = field.name + String(repeating: " ", count: labelWidth - field.name.utf8.count)
        let indent = String(repeating: " ", count: labelWidth + 4)
        var texts = field.value.isNull ? [said("(empty)")] : SafeText.lines(text(of: field, isInList: false))
        if let conflict = field.conflict {
            texts[0] += "  " + style.paint(said("conflict (\(conflict.said))"), conflict.paint)
        }
        return texts.enumerated().map { index, text in
            index == 0 ? "  \(style.paint(label, .faint))  \(text)" : indent + text
        }
    }

    private func text(of field: FieldReport, isInList: Bool) -> String {
        if case .register(.timestamp(let time)) = field.value.content { return instant(time, isInList) }
        return field.isChoice ? ChoiceText.said(field.value.text, in: field.name) : field.value.text
    }

    private static func usualFields(of reports: [RecordReport]) -> [String] {
        guard let first = reports.first else { return [] }
        // What nobody has counted yet is nothing to see.
        let filled = Set(
            reports.flatMap { $0.fields.filter { !$0.value.isNull && $0.value.content != .total(0) }.map(\.name) })
        return Array(first.fields.map(\.name).filter(filled.contains).prefix(fieldsShownByDefault))
    }

    /// Numbers stand to the right; of an instant or a day a part is worth nothing.
    private static func column(of name: String, in reports: [RecordReport]) -> TextTable.Column {
        let values = reports.lazy.compactMap { report in report.fields.first { $0.name == name }?.value }
        switch values.first(where: { !$0.isNull })?.content {
        case .register(.integer): return .init(name.uppercased(), .trailing)
        case .register(.timestamp), .register(.date): return .init(name.uppercased(), isCuttable: false)
        default: return .init(name.uppercased())
        }
    }
}

extension RecordMarks {
    /// The marks in words, the most pressing first, such as `conflict (decide)` and `2 pending`.
    package var said: [String] {
        var words: [String] = []
        if let conflict { words.append(SatchelTerminal.said("conflict (\(conflict.said))")) }
        if parkedCount > 0 { words.append(SatchelTerminal.said("\(parkedCount) parked")) }
        if pendingCount > 0 { words.append(SatchelTerminal.said("\(pendingCount) pending")) }
        return words
    }

    /// How the marks are painted, by the most pressing one.
    package var paint: Paint {
        if conflict == .decide || parkedCount > 0 { return .alert }
        return conflict == .review ? .notice : .faint
    }
}

extension LedgerLine {
    /// Lines of the ledger as a table.
    package static func text(of lines: [LedgerLine], width: Int? = nil, style: Style = .plain) -> String {
        var table = TextTable([
            .init(said("DOT"), isCuttable: false), .init(said("CHANGE-SET"), isCuttable: false),
            .init(said("STATE"), isCuttable: false), .init(said("BY")), .init(said("WHERE")),
        ])
        for line in lines {
            table.add([
                .init(line.dot.shortDescription), .init(String(line.changeSet.prefix(12)), .faint),
                .init(said(Phrase(reading: line.state.word)), line.state == .parked ? .alert : .plain), .init(line.by),
                .init(line.place),
            ])
        }
        return table.rendered(width: width, style: style)
    }
}
