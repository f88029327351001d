import SatchelClient
import SatchelSync
import SatchelTerminal

extension OutputOptions {
    /// Prints what an edit did: on one line the record, then each set of values that it covered.
    func show(_ outcome: EditOutcome, as verb: Phrase) throws {
        let id = outcome.records.first?.description ?? ""
        let others = outcome.others
        let dot = outcome.dot.shortDescription
        var lines = [
            others.isEmpty
                ? said("\(verb) \(id); queued as \(dot).")
                : said("\(verb) \(id), and with it \(others); queued as \(dot).")
        ]
        for field in outcome.settled {
            let values = field.shown.map { "\"\(SafeText.line($0))\"" }.joined(separator: Sentences.comma)
            lines.append(
                field.values.count == 1
                    ? said("It wrote over the value \(values) of \(field.field).")
                    : said("It wrote over the values \(values) of \(field.field)."))
        }
        try show(json: outcome.json, text: lines.joined(separator: "\n") + "\n")
    }
}

extension EditOutcome {
    /// What it touched beside its first record, such as `1 check-in, 2 attendees`; empty where that is nothing.
    fileprivate var others: String {
        var counts: [(type: String, count: Int)] = []
        for type in types.dropFirst() {
            if let index = counts.firstIndex(where: { $0.type == type }) {
                counts[index].count += 1
            } else {
                counts.append((type, 1))
            }
        }
        return counts.map { type, count in
            switch type {
            case "check_in": said(count, "check-in")
            case "attendee": said(count, "contact who is there", "contacts who are there")
            case "note": said(count, "note")
            default: said("\(count) of type \(type)")
            }
        }.joined(separator: Sentences.comma)
    }

    var json: JSONValue {
        .members([
            "dot": .text(dot.description),
            "records": .texts(records.map(\.description)),
            "settled": .array(
                settled.map { field in
                    .members([
                        "record": .text(field.record.description), "field": .text(field.field),
                        "severity": .text(field.severity.word), "values": .texts(field.values),
                    ])
                }),
        ])
    }
}
