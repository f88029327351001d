package import SatchelInspection
import SatchelSync

/// An explanation as one page of text for a terminal.
///
/// It ends where a page does: what is left out is counted, and `--json` has it.
package struct ExplanationText {
    /// Whether colours are written.
    let style: Style
    /// The columns of the terminal; `nil` where the output is none.
    let width: Int?
    /// How instants are shown.
    let times: ShownTimes

    /// After how many lines about writes, or rows about fields, no further record or field is begun.
    static let rowsMax = 40
    /// How many values that were replaced, or stand beside, are named with one write.
    private static let relatedMax = 3
    /// How many change-sets of a context are named.
    private static let namesMax = 12
    /// How many places are listed with who has it.
    private static let holdersMax = 12

    /// Decides how explanations are written.
    package init(style: Style = .plain, width: Int? = nil, times: ShownTimes = .utc) {
        self.times = times
        self.style = style
        self.width = width
    }

    /// The page.
    package func show(_ explanation: Explanation) -> String {
        switch explanation {
        case .changeSet(let changeSet): show(changeSet)
        case .record(let record): show(record)
        }
    }

    private func show(_ changeSet: ChangeSetExplanation) -> String {
        let standing = changeSet.standing
        let label = changeSet.label.map { " \"\(SafeText.line(LabelText.said($0)))\"" } ?? ""
        let state = style.paint(said(Phrase(reading: standing.state)), standing.code == nil ? .plain : .alert)
        var lines = [cut("\(style.paint(changeSet.by.short, .strong))\(label)\(changeSet.by.author): \(state)")]
        lines += pairs(facts(of: changeSet))
        var rows = Self.rowsMax
        var shown = 0
        for part in changeSet.parts where rows > 0 {
            lines += self.part(part, rows: &rows)
            shown += 1
        }
        let omitted = changeSet.parts.count - shown + changeSet.partsOmitted
        if omitted > 0 { lines.append(said("… and \(said(omitted, "more record")); --json tells of them")) }
        return page(lines, holders: changeSet.holders)
    }

    /// Such as `12 ms`, `60 s`, `3 days`.
    private static func duration(_ milliseconds: Int64) -> String {
        milliseconds < 10_000 ? "\(milliseconds) ms" : HumanAge.duration(seconds: milliseconds / 1_000)
    }

    private func facts(of changeSet: ChangeSetExplanation) -> [(String, String)] {
        var facts = [(said("name"), changeSet.by.dot)]
        if !changeSet.changeSet.isEmpty { facts.append((said("digest"), changeSet.changeSet)) }
        if let corrected = changeSet.correctedAt {
            let clock =
                changeSet.madeAt.map { $0 == corrected ? "" : ", " + said("\(times.exact($0)) by its clock") } ?? ""
            let error = changeSet.timeErrorMilliseconds.map { " ± \(Self.duration($0))" } ?? ""
            let wrong = changeSet.clock.map { " (\(said("its clock was \(Phrase(reading: $0))")))" } ?? ""
            facts.append((said("made"), times.exact(corrected) + error + clock + wrong))
        }
        let standing = changeSet.standing
        var verdict = said(Phrase(reading: standing.verdict))
        if let sequence = standing.sequence { verdict += " " + said("at sequence \(sequence)") }
        if let judged = changeSet.judgedAt { verdict += ", " + said("judged \(times.exact(judged))") }
        facts.append((said("verdict"), verdict))
        if let sentence = standing.sentence {
            facts.append((said("why"), "\(Phrase(reading: times.sentence(sentence))) [\(standing.code ?? "")]"))
        }
        if let record = standing.record {
            facts.append((standing.verdict == "held" ? said("needs") : said("record"), record))
        }
        if let dot = changeSet.relations.fixes { facts.append((said("fixes"), dot)) }
        if let dot = changeSet.relations.releases { facts.append((said("lets in"), dot)) }
        if let dot = changeSet.relations.reissuedAs { facts.append((said("came back as"), dot)) }
        if !changeSet.isWhole { facts.append((said("known"), said("what of it still stands"))) }
        return facts
    }

    private func part(_ part: PartExplanation, rows: inout Int) -> [String] {
        let name = [part.type, part.ending.isEmpty ? part.record : part.ending, SafeText.line(part.title)]
        let heading = style.paint(name.filter { !$0.isEmpty }.joined(separator: " "), .strong)
        var facts = [
            (said("had seen"), part.hadSeen.map { names($0, omitted: part.seenOmitted) } ?? said("not known here"))
        ]
        if !part.line.isEmpty {
            facts.append((said("own line"), part.line.map(ExplainedDot.short).joined(separator: Sentences.comma)))
        }
        if !part.exceptions.isEmpty { facts.append((said("and apart"), names(part.exceptions))) }
        var table = TextTable([
            .init(said("FIELD"), isCuttable: false), .init(said("VALUE")), .init(said("POLICY"), isCuttable: false),
            .init(said("STATE"), isCuttable: false), .init(said("DECISION")),
        ])
        var shown = 0
        rows -= facts.count + 2
        for write in part.writes where rows > 0 || shown == 0 {
            let paint: Paint = write.state == "sibling" ? .notice : .plain
            table.add([
                .init(write.field), .init(shownValue(write.value)), .init(said(Phrase(reading: write.policy))),
                .init(said(Phrase(reading: write.state)), paint),
                .init(said(Phrase(reading: write.decision))),
            ])
            let related =
                write.replaced.map { (said("replaced"), $0) } + write.concurrent.map { (said("concurrent"), $0) }
            for (word, value) in related.prefix(Self.relatedMax) {
                table.add([
                    .init(""), .init(shownValue(value.text), .faint), .init(""), .init(word, .faint),
                    .init("\(value.by.short)\(value.by.author)", .faint),
                ])
            }
            let omitted = write.relatedOmitted + max(0, related.count - Self.relatedMax)
            if omitted > 0 { table.add([.init(""), .init(said("… and \(omitted) more"), .faint)]) }
            rows -= 1 + min(related.count, Self.relatedMax)
            shown += 1
        }
        var lines = [cut("\(heading): \(said(Phrase(reading: part.life)))")] + pairs(facts) + indented(table)
        let omitted = part.writesOmitted + part.writes.count - shown
        if omitted > 0 { lines.append("  " + said("… and \(said(omitted, "more write"))")) }
        return lines
    }
}

// What both kinds of page are put together from.
extension ExplanationText {
    /// Two aligned columns, indented.
    func pairs(_ pairs: [(String, String)]) -> [String] {
        let labelWidth = pairs.reduce(0) { max($0, DisplayWidth.of($1.0)) }
        return pairs.map { label, text in
            let padding = String(repeating: " ", count: labelWidth - DisplayWidth.of(label))
            let room = width.map { max($0 - labelWidth - 4, 8) } ?? .max
            let safe = SafeText.line(text)
            let shown = room == .max ? safe : DisplayWidth.cut(safe, to: room)
            return "  \(style.paint(label, .faint))\(padding)  \(shown)"
        }
    }

    /// A table, indented.
    func indented(_ table: TextTable) -> [String] {
        table.rendered(width: width.map { max($0 - 2, 8) }, style: style).split(separator: "\n").map { "  \($0)" }
    }

    /// A line of safe text without colours is cut to the terminal; one with colours is left to it.
    func cut(_ line: String) -> String {
        guard let width, !style.isColored else { return line }
        return DisplayWidth.cut(line, to: width)
    }

    /// Change-sets with their authors, in one line.
    func names(_ dots: [ExplainedDot], omitted: Int = 0) -> String {
        guard !dots.isEmpty else { return said("nothing of others") }
        let shown = dots.prefix(Self.namesMax).map { $0.short + $0.author }.joined(separator: Sentences.comma)
        let more = dots.count + omitted - min(dots.count, Self.namesMax)
        return more > 0 ? said("\(shown) and \(more) more") : shown
    }

    /// A value, or a word for none.
    func shownValue(_ text: String) -> String { text.isEmpty ? said("(empty)") : times.exact(text) }

    /// The lines, and who has it.
    func page(_ lines: [String], holders: [HolderExplanation]) -> String {
        var table = TextTable([
            .init(said("WHO HAS IT"), isCuttable: false), .init(said("USER")), .init(said("HAS IT"), isCuttable: false),
            .init(said("HOW THAT IS KNOWN")),
        ])
        for holder in holders.prefix(Self.holdersMax) {
            table.add([
                .init(holder.place), .init(holder.user),
                .init(holder.hasIt.map { $0 ? said("yes") : said("no") } ?? "?", holder.hasIt == true ? .good : .plain),
                .init(said(Phrase(reading: times.sentence(holder.sentence)))),
            ])
        }
        var lines = lines + table.rendered(width: width, style: style).split(separator: "\n").map(String.init)
        let omitted = holders.count - Self.holdersMax
        if omitted > 0 { lines.append(said("… and \(said(omitted, "more device")); --json tells of them")) }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ExplainedDot {
    /// The form of the name for people.
    var short: String { Self.short(dot) }

    /// The author after a name, such as ` by Bo on tablet-2`; empty where nobody knows.
    var author: String {
        let (user, device) = (SafeText.line(user), SafeText.line(device))
        switch (user.isEmpty, device.isEmpty) {
        case (true, true): return ""
        case (true, false): return " " + said("at \(device)")
        case (false, true): return " " + said("by \(user)")
        case (false, false): return " " + said("by \(user) on \(device)")
        }
    }

    /// The form of a whole name for people.
    static func short(_ dot: String) -> String { Dot(dot)?.shortDescription ?? dot }
}
