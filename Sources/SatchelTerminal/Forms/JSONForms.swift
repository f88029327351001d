package import SatchelInspection
package import SatchelSync

/// The JSON forms that `--json` prints: snake_case keys, instants in RFC 3339, ids in full.
///
/// They are a contract (`Protocol/cli.md`): keys may be added, none changes its meaning.
extension JSONValue {
    /// An object with the members in the order given.
    package static func members(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { JSONMember($0.key, $0.value) })
    }

    /// A text, or `null`.
    package static func text(optional text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

    /// An instant, or `null`.
    package static func time(_ time: Timestamp?) -> JSONValue { text(optional: time?.description) }

    /// A count.
    package static func count(_ count: Int) -> JSONValue { .integer(Int64(count)) }

    /// A list of texts.
    package static func texts(_ texts: some Sequence<String>) -> JSONValue { .array(texts.map { .text($0) }) }
}

extension SatchelError {
    /// The form that goes to standard error under `--json`: `{"error":{"code","message","remedy","transient"}}`.
    package var json: JSONValue { .members(["error": failureJSON]) }

    /// What stands under `error`.
    package var failureJSON: JSONValue {
        .members([
            "code": .text(code.word), "message": .text(message), "remedy": .text(optional: remedy),
            "transient": .bool(isTransient),
        ])
    }
}

extension ShownValue {
    /// The value itself: null, a text, a number, an id, a list of elements; for a life `alive` or `deleted`.
    package var json: JSONValue {
        switch content {
        case .register(let value): value.json
        case .total(let number): .integer(number)
        case .entries(let entries): .object(entries.map { JSONMember($0.key.string, $0.value.json) })
        case .elements(let elements): .array(elements.map { .string($0) })
        case .life(let isAlive): .text(isAlive ? "alive" : "deleted")
        }
    }
}

extension ConflictReport {
    /// The open conflicts of a record.
    package var json: JSONValue {
        .members([
            "type": .text(type), "id": .text(record.description), "ending": .text(ending), "title": .text(title),
            "severity": .text(optional: severity?.word), "token": .text(token),
            "conflicts": .array(items.map(\.json)),
        ])
    }
}

extension ConflictItemReport {
    /// One conflict: its base, its siblings and why the first is shown.
    package var json: JSONValue {
        .members([
            "subject": .text(subject), "label": .text(label), "severity": .text(severity.word),
            "policy": .text(policy),
            "base": base.map { .members(["value": $0.json, "text": .text($0.text)]) } ?? .null,
            "winner_reason": .text(winnerReason), "token": .text(token), "siblings": .array(siblings.map(\.json)),
        ])
    }
}

extension SiblingReport {
    /// One value in conflict, with its writers.
    package var json: JSONValue {
        .members([
            "number": .count(number), "value": value.json, "text": .text(value.text), "is_winner": .bool(isWinner),
            "writers": .array(writers.map(\.json)),
        ])
    }
}

extension WriterReport {
    /// One change-set behind a value; `had_seen` and `not_seen` are null where it is not known what its author had seen.
    package var json: JSONValue {
        .members([
            "dot": .text(dot.description), "user": .text(optional: user), "device": .text(device),
            "corrected_time": .time(correctedTime), "device_time": .time(deviceTime), "label": .text(optional: label),
            "fields": .texts(fields),
            "had_seen": isContextKnown ? .array(hadSeen.map(\.json)) : .null,
            "not_seen": isContextKnown ? .array(unseen.map(\.json)) : .null,
        ])
    }
}

extension SeenReport {
    /// A change-set that an author had, or had not, seen.
    package var json: JSONValue { .members(["dot": .text(dot.description), "sentence": .text(sentence)]) }
}

extension RecordReport {
    /// A record: its values by field name, what its references show, its marks, and its fields in conflict.
    package var json: JSONValue {
        let references = fields.filter { field in
            if case .register(.reference) = field.value.content { true } else { false }
        }
        return .members([
            "type": .text(type), "id": .text(record.description), "ending": .text(ending), "title": .text(title),
            "life": .text(life.word),
            "fields": .object(fields.map { JSONMember($0.name, $0.value.json) }),
            "references": .object(references.map { JSONMember($0.name, .text($0.value.text)) }),
            "marks": .members([
                "pending": .count(marks.pendingCount), "parked": .count(marks.parkedCount),
                "conflict": .text(optional: marks.conflict?.word),
            ]),
            "conflicts": .object(
                fields.compactMap { field in field.conflict.map { JSONMember(field.name, .text($0.word)) } }),
            "read_at": .text(optional: readAt?.description),
        ])
    }
}

extension LedgerLine {
    /// One line of the ledger.
    package var json: JSONValue {
        .members([
            "dot": .text(dot.description), "change_set": .text(changeSet), "state": .text(state.word),
            "by": .text(by), "where": .text(place),
        ])
    }
}
