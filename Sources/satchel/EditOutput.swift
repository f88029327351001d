import SatchelClient
import SatchelSync
import SatchelTerminal

extension OutputOptions {
    /// Prints what an edit did: on one line the record, then each set of values that it covered.
    func show(_ outcome: EditOutcome, as verb: Phrase) throws {
        let id = outcome.records.first?.description ?? ""
        let others = outcome.records.count - 1
        let dot = outcome.dot.shortDescription
        var lines = [
            others > 0
                ? said("\(verb) \(id) and \(others) with it; queued as \(dot).")
                : said("\(verb) \(id); queued as \(dot).")
        ]
        for field in outcome.settled {
            let values = field.values.map { "\"\(SafeText.line($0))\"" }.joined(separator: ", ")
            lines.append(
                field.values.count == 1
                    ? said("It wrote over the value \(values) of \(field.field).")
                    : said("It wrote over the values \(values) of \(field.field)."))
        }
        try show(json: outcome.json, text: lines.joined(separator: "\n") + "\n")
    }
}

extension EditOutcome {
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
