import SatchelInspection
import SatchelSync

extension ExplanationText {
    /// The page about a record.
    func show(_ record: RecordExplanation) -> String {
        let name = [record.type, record.ending, SafeText.line(record.title)].filter { !$0.isEmpty }
        let life = style.paint(said(Phrase(reading: record.life)), record.life == "alive" ? .plain : .alert)
        var lines = [cut("\(style.paint(name.joined(separator: " "), .strong)): \(life)")]
        var facts = [("id", record.record), (said("covers"), names(record.context))]
        if record.sequence > 0 { facts.append((said("changed"), said("at sequence \(record.sequence)"))) }
        facts += record.lives.map {
            (said(Phrase(reading: $0.mark)), "\($0.by.short)\($0.by.author), \(times.exact($0.time))")
        }
        lines += pairs(facts)
        lines += fields(of: record)
        lines += past(said("WAITS"), record.waiting)
        lines += past(said("LAST CHANGES"), record.past)
        if record.isPastCut { lines.append("  " + said("… and earlier ones")) }
        return page(lines, holders: record.holders)
    }

    private func fields(of record: RecordExplanation) -> [String] {
        var table = TextTable([
            .init(said("FIELD"), isCuttable: false), .init(said("VALUE")), .init(said("POLICY"), isCuttable: false),
            .init(said("BY")), .init(said("DECISION")),
        ])
        var shown = 0
        for field in record.fields where table.rows.count < Self.rowsMax {
            shown += 1
            // One value that the tables show needs no row of its own.
            let only = field.values.count == 1 ? field.values.first { $0.isShown } : nil
            table.add([
                .init(field.field), .init(shownValue(field.value)), .init(said(Phrase(reading: field.policy))),
                .init(only.map { "\($0.by.short)\($0.by.author)" } ?? ""),
                .init(
                    (field.severity.map { said("conflict (\(said(Phrase(reading: $0))))") + ": " } ?? "")
                        + said(Phrase(reading: field.decision)),
                    field.severity == nil ? .plain : .notice),
            ])
            guard only == nil else { continue }
            for value in field.values {
                table.add([
                    .init(""), .init((value.isShown ? "* " : "  ") + shownValue(value.text), .faint), .init(""),
                    .init("\(value.by.short)\(value.by.author)", .faint),
                    .init(value.isShown ? times.exact(value.time) : said("\(times.exact(value.time)), kept"), .faint),
                ])
            }
            if field.valuesOmitted > 0 {
                table.add([.init(""), .init("  " + said("… and \(field.valuesOmitted) more"), .faint)])
            }
        }
        let omitted = record.fields.count - shown
        return indented(table) + (omitted > 0 ? ["  " + said("… and \(said(omitted, "more field"))")] : [])
    }

    /// Who made it and on what, else where it was made.
    private func maker(_ by: ExplainedDot) -> String {
        by.user.isEmpty || by.device.isEmpty ? by.user + by.device : said("\(by.user) on \(by.device)")
    }

    private func past(_ title: String, _ entries: [PastExplanation]) -> [String] {
        var table = TextTable([
            .init(title, isCuttable: false), .init(said("MADE")), .init(said("STATE"), isCuttable: false),
            .init(said("EDIT")), .init(said("FIELDS")), .init(said("BY")),
        ])
        for entry in entries {
            table.add([
                .init(entry.by.short), .init(times.exact(entry.time)),
                .init(said(Phrase(reading: entry.state)), entry.state == "parked" ? .alert : .plain),
                .init(entry.label.map(LabelText.said) ?? ""), .init(entry.fields.joined(separator: Sentences.comma)),
                .init(maker(entry.by)),
            ])
        }
        return indented(table)
    }
}
