import SatchelClient
import SatchelSync
import SatchelTerminal

/// Own change-sets as text, for `queue list` and `status`.
struct QueueText {
    let style: Style
    let width: Int?

    /// A line each under a heading, and why it is parked on one below; `when` says when it was made.
    func lines(_ work: [QueuedWork], when: (QueuedWork) -> String) -> [String] {
        var table = TextTable([
            .init(said("DOT"), isCuttable: false), .init(said("STATE"), isCuttable: false),
            .init(said("MADE"), isCuttable: false), .init(said("EDIT")), .init(said("RECORD")),
        ])
        for entry in work {
            table.add([
                .init(entry.dot.shortDescription), .init(entry.stateText, entry.code == nil ? .plain : .alert),
                .init(when(entry)), .init(LabelText.said(entry.label)), .init(entry.subjectText),
            ])
        }
        let rows = table.rendered(width: width.map { max(20, $0 - 2) }, style: style).split(separator: "\n")
        var lines = rows.first.map { [String($0)] } ?? []
        for (entry, row) in zip(work, rows.dropFirst()) {
            lines.append(String(row))
            guard let sentence = entry.sentence else { continue }
            lines.append("    \(SafeText.line(said(Phrase(reading: sentence)))) [\(entry.code ?? "")]")
        }
        return lines
    }
}

extension QueuedWork {
    /// Where it stands, in the language of the process.
    var stateText: String { said(Phrase(reading: state)) }

    /// Whether it fixes what had come back before: nothing it says can be made to enter in that one's place.
    var cameTooLate: Bool { code == SatchelError.Code.alreadyReissued.word }

    /// What it is about, and how many records it touches besides.
    fileprivate var subjectText: String {
        guard let subject else { return "" }
        return records.count > 1 ? said("\(subject) and \(records.count - 1) more") : subject
    }
}
