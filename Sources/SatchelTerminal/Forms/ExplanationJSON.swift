package import SatchelInspection
package import SatchelSync

extension Explanation {
    /// The page for programs (`Protocol/cli.md`): `about` says whether it is of a `change_set` or of a `record`.
    package var json: JSONValue {
        switch self {
        case .changeSet(let changeSet): changeSet.json
        case .record(let record): record.json
        }
    }
}

extension ChangeSetExplanation {
    fileprivate var json: JSONValue {
        .members([
            "about": .text("change_set"), "dot": .text(by.dot), "change_set": .text(changeSet), "user": .text(by.user),
            "device": .text(by.device), "label": .text(optional: label), "made_at": .text(optional: madeAt),
            "corrected_time": .text(optional: correctedAt),
            "time_error_ms": timeErrorMilliseconds.map { .integer($0) } ?? .null, "clock": .text(optional: clock),
            "judged_at": .text(optional: judgedAt),
            "state": .text(standing.state), "verdict": .text(standing.verdict), "code": .text(optional: standing.code),
            "sentence": .text(optional: standing.sentence), "record": .text(optional: standing.record),
            "sequence": standing.sequence.map { .integer(Int64(clamping: $0)) } ?? .null,
            "fixes": .text(optional: relations.fixes), "reissued_as": .text(optional: relations.reissuedAs),
            "releases": .text(optional: relations.releases), "is_whole": .bool(isWhole),
            "changes": .array(parts.map(\.json)), "changes_omitted": .count(partsOmitted),
            "holders": .array(holders.map(\.json)),
        ])
    }
}

extension PartExplanation {
    fileprivate var json: JSONValue {
        .members([
            "type": .text(type), "id": .text(record), "title": .text(title), "life": .text(life),
            "had_seen": hadSeen.map { .array($0.map(\.json)) } ?? .null, "line": .texts(line),
            "exceptions": .array(exceptions.map(\.json)), "seen_omitted": .count(seenOmitted),
            "writes": .array(writes.map(\.json)),
            "writes_omitted": .count(writesOmitted),
        ])
    }
}

extension WriteExplanation {
    fileprivate var json: JSONValue {
        .members([
            "field": .text(field), "value": .text(value), "policy": .text(policy), "state": .text(state),
            "decision": .text(decision), "replaced": .array(replaced.map(\.json)),
            "concurrent": .array(concurrent.map(\.json)), "covered_by": coveredBy?.json ?? .null,
            "related_omitted": .count(relatedOmitted),
        ])
    }
}

extension ExplainedDot {
    fileprivate var members: [JSONMember] {
        [JSONMember("dot", .text(dot)), JSONMember("user", .text(user)), JSONMember("device", .text(device))]
    }

    fileprivate var json: JSONValue { .object(members) }
}

extension ExplainedValue {
    fileprivate var json: JSONValue { .object(by.members + [JSONMember("value", .text(text))]) }
}

extension HolderExplanation {
    fileprivate var json: JSONValue {
        .members([
            "place": .text(place), "user": .text(user), "has_it": hasIt.map { .bool($0) } ?? .null,
            "sentence": .text(sentence),
        ])
    }
}

extension RecordExplanation {
    fileprivate var json: JSONValue {
        .members([
            "about": .text("record"), "type": .text(type), "id": .text(record), "ending": .text(ending),
            "title": .text(title), "life": .text(life),
            "lives": .array(
                lives.map { pair in
                    .object(
                        pair.by.members + [
                            JSONMember("mark", .text(pair.mark)), JSONMember("corrected_time", .text(pair.time)),
                        ])
                }),
            "context": .array(context.map(\.json)), "sequence": .integer(Int64(clamping: sequence)),
            "fields": .array(fields.map(\.json)), "waiting": .array(waiting.map(\.json)),
            "past": .array(past.map(\.json)), "is_past_cut": .bool(isPastCut), "holders": .array(holders.map(\.json)),
        ])
    }
}

extension FieldExplanation {
    fileprivate var json: JSONValue {
        .members([
            "field": .text(field), "policy": .text(policy), "value": .text(value),
            "severity": .text(optional: severity), "decision": .text(decision),
            "values": .array(
                values.map { value in
                    .object(
                        value.by.members + [
                            JSONMember("value", .text(value.text)), JSONMember("corrected_time", .text(value.time)),
                            JSONMember("is_shown", .bool(value.isShown)),
                        ])
                }),
            "values_omitted": .count(valuesOmitted),
        ])
    }
}

extension PastExplanation {
    fileprivate var json: JSONValue {
        .object(
            by.members + [
                JSONMember("corrected_time", .text(time)), JSONMember("label", .text(optional: label)),
                JSONMember("state", .text(state)), JSONMember("fields", .texts(fields)),
            ])
    }
}
