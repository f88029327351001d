/// One page of what an engine knew and decided: about a change-set or about a record.
///
/// Everything in it is text or a number, so that it travels to an operator as it is. Texts longer than
/// ``Explanation/textMax`` characters are cut, and lists end at the counts below; what is left out is counted.
package enum Explanation: Codable, Hashable, Sendable {
    /// About a change-set.
    case changeSet(ChangeSetExplanation)
    /// About a record.
    case record(RecordExplanation)

    /// How many characters of a value are kept.
    package static let textMax = 200
    /// How many records of a change-set are explained.
    package static let partsMax = 40
    /// How many writes of a change-set to one record are explained.
    package static let writesMax = 64
    /// How many values that a write replaced are named, and how many that were concurrent with it.
    package static let relatedMax = 4
    /// How many values that stand for a field are named.
    package static let valuesMax = 8
    /// How many change-sets of a context are named, and how many beside it.
    package static let contextMax = 256
    /// How many change-sets of a record's past are named.
    package static let historyMax = 10

    /// A value short enough to be shown on a page.
    static func short(_ text: String) -> String {
        // An index and not a count: a text may be long.
        guard let end = text.index(text.startIndex, offsetBy: textMax, limitedBy: text.endIndex), end < text.endIndex
        else { return text }
        return text[..<end] + "…"
    }
}

/// A change-set that an explanation names, and who made it.
package struct ExplainedDot: Codable, Hashable, Sendable {
    /// Its name, `actor:counter`.
    package let dot: String
    /// The user who made it; empty where that is not known.
    package let user: String
    /// The device it was made on; empty where that is not known.
    package let device: String
}

/// A value that an explanation names, and the change-set that wrote it.
package struct ExplainedValue: Codable, Hashable, Sendable {
    /// The change-set.
    package let by: ExplainedDot
    /// What it wrote, as people read it.
    package let text: String
}

/// Who has what an explanation is about.
package struct HolderExplanation: Codable, Hashable, Sendable {
    /// The device, or `server`.
    package let place: String
    /// The user whose device it is; empty for the server.
    package let user: String
    /// Whether it has it; `nil` where nobody here can tell.
    package let hasIt: Bool?
    /// How that is known, in a sentence without its full stop.
    package let sentence: String

    /// Describes a holder.
    package init(place: String, user: String = "", hasIt: Bool?, sentence: String) {
        self.place = place
        self.user = user
        self.hasIt = hasIt
        self.sentence = sentence
    }
}
