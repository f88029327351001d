import SatchelClient
import SatchelSync
import SatchelTerminal

extension OutputOptions {
    /// Prints what an edit did: on one line the record, then each set of values that it covered.
    func show(_ outcome: EditOutcome, verb: String) throws {
        let id = outcome.records.first?.description ?? ""
        let others = outcome.records.count - 1
        var text =
            "\(verb) \(id)\(others > 0 ? " and \(others) with it" : ""); queued as \(outcome.dot.shortDescription).\n"
        for field in outcome.settled {
            let values = field.values.map { "\"\(SafeText.line($0))\"" }.joined(separator: ", ")
            text +=
                "It wrote over \(field.values.count == 1 ? "the value" : "the values") \(values) of \(field.field).\n"
        }
        try show(json: outcome.json, text: text)
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
