package import SatchelInspection
package import SatchelSync

/// Conflicts as text for a terminal: what stands, who wrote it, what each had seen, and the commands to settle it.
package struct ConflictText {
    /// The commands before `resolve`, such as `satchel conflicts` or `satchel-inspect`.
    package let program: String
    /// The instant from which ages are counted.
    package let now: Timestamp
    /// Whether colours are written.
    package let style: Style
    /// Whether `resolve` is told the record's type before its id.
    package let namesType: Bool
    /// What `resolve` has to be told besides, such as `--as USER`.
    package let options: String
    /// How instants are shown.
    package let times: ShownTimes

    /// Decides how conflicts are written.
    package init(
        program: String, now: Timestamp, style: Style = .plain, namesType: Bool = true, options: [String] = [],
        times: ShownTimes = .utc
    ) {
        self.times = times
        self.program = program
        self.now = now
        self.style = style
        self.namesType = namesType
        self.options = options.map { " \($0)" }.joined()
    }

    /// One record's conflicts, for `conflicts show`.
    package func show(_ report: ConflictReport) -> String {
        let name = [report.type, report.ending, SafeText.line(report.title)].filter { !$0.isEmpty }
        let heading = style.paint(name.joined(separator: " "), .strong)
        guard !report.items.isEmpty else { return said("\(heading): no open conflict.") + "\n" }
        let blocks = report.items.map { item($0, of: report).joined(separator: "\n") }
        return "\(heading): \(summary(of: report))\n\n" + blocks.joined(separator: "\n\n") + "\n"
    }

    /// One line a record, for `conflicts list`.
    package func list(_ reports: [ConflictReport], width: Int? = nil) -> String {
        var table = TextTable([
            .init(said("TYPE"), isCuttable: false), .init("ID", isCuttable: false), .init(said("TITLE")),
            .init(said("SEVERITY"), isCuttable: false), .init(said("IN CONFLICT")),
        ])
        for report in reports {
            guard let severity = report.severity else { continue }
            table.add([
                .init(report.type), .init(report.ending), .init(report.title),
                .init(severity.said, severity.paint),
                .init(report.items.map(\.subject).joined(separator: Sentences.comma)),
            ])
        }
        return table.rendered(width: width, style: style)
    }

    private func summary(of report: ConflictReport) -> String {
        let decide = report.items.count { $0.severity == .decide }
        let review = report.items.count - decide
        var parts: [String] = []
        if decide > 0 { parts.append(said("\(decide) to decide")) }
        if review > 0 { parts.append(said("\(review) to review")) }
        return parts.joined(separator: Sentences.comma)
    }

    private func item(_ item: ConflictItemReport, of report: ConflictReport) -> [String] {
        var lines = [
            "\(style.paint(SafeText.line(item.label), .strong)): "
                + style.paint(said(Phrase(reading: item.severity.sentence)), item.severity.paint)
        ]
        if let base = item.base { lines.append("  \(said("before"))  \(text(of: base))") }
        for sibling in item.siblings { lines += self.sibling(sibling) }
        lines.append("  " + said("shown is 1: \(Phrase(reading: item.winnerReason))"))
        lines.append("  " + said("to settle it:"))
        return lines + commands(for: item, of: report).map { "    \($0)" }
    }

    private func sibling(_ sibling: SiblingReport) -> [String] {
        let mark = sibling.isWinner ? "*" : " "
        var lines = ["  \(mark) \(sibling.number)  \(style.paint(text(of: sibling.value), .strong))"]
        for writer in sibling.writers { lines += self.writer(writer).map { "       \($0)" } }
        return lines
    }

    private func writer(_ writer: WriterReport) -> [String] {
        let (user, device) = (SafeText.line(writer.userText), SafeText.line(writer.device))
        let time = "\(times.minute(writer.correctedTime)) (\(age(of: writer.correctedTime)))"
        let who = writer.user == "" && !device.isEmpty ? said("at \(device)") : said("by \(user) on \(device)")
        var first = "\(who), \(time)"
        if let label = writer.label, !label.isEmpty { first += ", \"\(SafeText.line(LabelText.said(label)))\"" }
        first += ", \(writer.dot.shortDescription)"
        var lines = [first]
        if let note = clockNote(writer) { lines.append(note) }
        if !writer.fields.isEmpty { lines.append(said("wrote \(writer.fields.joined(separator: Sentences.comma))")) }
        guard writer.isContextKnown else { return lines + [said("what its author had seen is not known here")] }
        lines += (writer.hadSeen + writer.unseen).map {
            SafeText.line(said(Phrase(reading: times.sentence($0.sentence))))
        }
        return lines
    }

    /// A wrong clock is labelled, never corrected in silence.
    private func clockNote(_ writer: WriterReport) -> String? {
        guard let deviceTime = writer.deviceTime else { return nil }
        let seconds = (deviceTime.milliseconds - writer.correctedTime.milliseconds) / 1_000
        guard abs(seconds) >= 60 else { return nil }
        let (told, off) = (times.minute(deviceTime), HumanAge.duration(seconds: abs(seconds)))
        return seconds > 0
            ? said("the device's clock said \(told), \(off) ahead")
            : said("the device's clock said \(told), \(off) behind")
    }

    private func commands(for item: ConflictItemReport, of report: ConflictReport) -> [String] {
        let type = namesType ? "\(report.type) " : ""
        let start = "\(program) resolve \(type)\(report.ending) \(item.subject)"
        let guarded = "--token \(item.token)\(options)"
        if item.policy == "life" { return ["\(start) --keep \(guarded)", "\(start) --delete \(guarded)"] }
        return item.siblings.map { "\(start) --take \($0.number) \(guarded)" } + ["\(start) --value VALUE \(guarded)"]
    }

    private func text(of value: ShownValue) -> String {
        if case .register(.timestamp(let time)) = value.content { return times.exact(time) }
        return value.isNull ? said("(empty)") : SafeText.line(value.text)
    }

    private func age(of time: Timestamp) -> String { HumanAge.text(of: time, now: now) }
}

extension ConflictSeverity {
    /// How a conflict of this severity is painted.
    package var paint: Paint { self == .decide ? .alert : .notice }

    /// The word for it in the language of the process.
    var said: String { self == .decide ? SatchelTerminal.said("decide") : SatchelTerminal.said("review") }

    /// What it asks of people, in words.
    var sentence: String {
        self == .decide ? "a person must decide" : "parallel update, the tables show the winner"
    }
}
