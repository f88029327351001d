package import SatchelSync

/// What became of one write, and why.
package struct WriteExplanation: Codable, Hashable, Sendable {
    /// The field's name; `life` for making, deleting and reviving, `field.key` for a key of a map.
    package let field: String
    /// What was written, as people read it.
    package let value: String
    /// The policy of the field; empty for a life.
    package let policy: String
    /// What became of it, in the ledger's word.
    package let state: String
    /// Why, in a sentence without its full stop.
    package let decision: String
    /// What stood when it came and its author had seen: those values went.
    package let replaced: [ExplainedValue]
    /// What was written without its author having seen it, by authors who had not seen it either.
    package let concurrent: [ExplainedValue]
    /// The first change-set that wrote the same and whose author had seen this one; `nil` where none is known.
    package let coveredBy: ExplainedDot?
    /// How many more values it replaced, or that were written beside it.
    package let relatedOmitted: Int
}

/// A change-set's part that touches one record.
package struct PartExplanation: Codable, Hashable, Sendable {
    /// The name of the record's type.
    package let type: String
    /// The record's id.
    package let record: String
    /// The shortest unique ending of it; empty where the store does not have the record.
    package let ending: String
    /// The value that people know the record by.
    package let title: String
    /// Whether the record lives now, in a word.
    package let life: String
    /// The context: the latest change-set of each other actor that the author had seen; `nil` where that is not known here.
    package let hadSeen: [ExplainedDot]?
    /// The author's own line, which he cannot but have seen: its end on each actor of it.
    package let line: [String]
    /// Single change-sets that he had seen beside the context: released work and fixes of his line.
    package let exceptions: [ExplainedDot]
    /// How many more change-sets of the context and beside it there are.
    package let seenOmitted: Int
    /// What it wrote, and what became of that.
    package let writes: [WriteExplanation]
    /// How many more writes it has.
    package let writesOmitted: Int
}

/// All that is known of one change-set.
package struct ChangeSetExplanation: Codable, Hashable, Sendable {
    /// Where a change-set stands, as its store tells it.
    package struct Standing: Codable, Hashable, Sendable {
        /// What became of it, in the ledger's word.
        package let state: String
        /// The verdict's word; on a device `queued` or `sent` before there is one.
        package let verdict: String
        /// Why it is parked, as a code; `nil` where it is not.
        package let code: String?
        /// Why it is parked, in a sentence.
        package let sentence: String?
        /// The record that it waits for, or that breaks the rule.
        package let record: String?
        /// Its place in the order of the server's commits; `nil` where it was not applied, or a device is asked.
        package let sequence: UInt64?

        /// Describes where a change-set stands.
        package init(state: LedgerState, verdict: String, rejection: Rejection?, sequence: UInt64?) {
            self.state = state.word
            self.verdict = verdict
            code = rejection?.code
            sentence = rejection?.sentence
            record = rejection?.record?.description
            self.sequence = sequence
        }
    }

    /// How a change-set hangs together with others.
    package struct Relations: Codable, Hashable, Sendable {
        /// The parked change-set in whose place it stands.
        package var fixes: String?
        /// The change-set that stands in its place, or under which it came back.
        package var reissuedAs: String?
        /// The parked change-set that it lets in.
        package var releases: String?

        /// Related to none.
        package init() {}
    }

    /// Its name.
    package let by: ExplainedDot
    /// Its digest, in hexadecimal digits; empty where it is not known here.
    package let changeSet: String
    /// What its author called it; `nil` where it is not known here.
    package let label: String?
    /// When it was made by the device's clock, RFC 3339; `nil` where it is not known here.
    package let madeAt: String?
    /// The same by the server's reckoning.
    package let correctedAt: String?
    /// How far off that is at most, in milliseconds; `nil` where nobody knows.
    package let timeErrorMilliseconds: Int64?
    /// Such as `about 3 days ahead`: how wrong the device's clock was; `nil` where it was right within a minute, or is not known.
    package let clock: String?
    /// When the server judged it; `nil` on a device.
    package let judgedAt: String?
    /// Where it stands.
    package let standing: Standing
    /// What it fixes, lets in, or came back as.
    package let relations: Relations
    /// Whether all that it wrote is known here; where not, the parts hold what of it still stands.
    package let isWhole: Bool
    /// What it touches, record by record.
    package let parts: [PartExplanation]
    /// How many more records it touches.
    package let partsOmitted: Int
    /// Who has it.
    package let holders: [HolderExplanation]

    /// Describes a change-set.
    package init(
        facts: WriterFacts, changeSet: String, judgedAt: Timestamp?, standing: Standing, relations: Relations,
        isWhole: Bool = true, parts: [PartExplanation], partsOmitted: Int = 0, holders: [HolderExplanation]
    ) {
        by = ExplainedDot(dot: facts.dot.description, user: facts.user, device: facts.device)
        self.changeSet = changeSet
        label = facts.label
        madeAt = facts.deviceTime?.description
        correctedAt = facts.correctedTime.description
        timeErrorMilliseconds = facts.timeErrorMilliseconds
        clock = facts.deviceTime.flatMap { time in
            ClockOffset(
                milliseconds: facts.correctedTime.milliseconds - time.milliseconds,
                errorMilliseconds: facts.timeErrorMilliseconds ?? 0
            ).wrongness
        }
        self.judgedAt = judgedAt?.description
        self.standing = standing
        self.relations = relations
        self.isWhole = isWhole
        self.parts = parts
        self.partsOmitted = partsOmitted
        self.holders = holders
    }
}
