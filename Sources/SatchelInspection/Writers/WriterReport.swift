package import SatchelSync

/// A change-set that an author had, or had not, seen.
package struct SeenReport: Hashable, Sendable {
    /// The change-set.
    package let dot: Dot
    /// For people, such as `had seen Bo's edit 4cc73f09:2 of 2026-03-02 09:14 UTC`.
    package let sentence: String

    /// Pairs a change-set with its sentence.
    package init(dot: Dot, sentence: String) {
        self.dot = dot
        self.sentence = sentence
    }
}

/// One change-set behind a sibling: who, when, on which device, and what its author had seen.
package struct WriterReport: Hashable, Sendable {
    /// The change-set.
    package let dot: Dot
    /// The user who made it; `nil` where this replica does not know, empty where nobody signed it, as at an office.
    package let user: String?
    /// The device it was made on; where this replica does not know, the short name of the actor.
    package let device: String
    /// When it was made, by the server's reckoning.
    package let correctedTime: Timestamp
    /// The device's own wall time, where it is known.
    package let deviceTime: Timestamp?
    /// What its author called it.
    package let label: String?
    /// For a contested life, the names of the fields it wrote that the delete had not seen.
    package let fields: [String]
    /// Whether it is known here what the author had seen; where not, the two lists below are empty.
    package let isContextKnown: Bool
    /// The latest change-set of each other actor that its author had seen of the record.
    package let hadSeen: [SeenReport]
    /// The change-sets behind the other siblings that its author had not seen.
    package let unseen: [SeenReport]

    /// The user, else the place where it was made, or words that say that nobody here knows.
    package var userText: String {
        guard user == "" else { return user ?? "an unknown user" }
        return device.isEmpty ? "an unknown user" : device
    }
}

extension WriterReport {
    /// Describes the change-set `dot`, of which the record's state knows the time, and of a delete what it had seen.
    init(
        dot: Dot, time: Timestamp, fields: [String] = [], seen: VersionVector? = nil, others: [Dot],
        context: InspectionContext
    ) throws {
        let facts = try context.writer(dot)
        self.dot = dot
        self.fields = fields
        user = facts?.user
        device = facts?.device ?? dot.actor.shortDescription
        correctedTime = facts?.correctedTime ?? time
        deviceTime = facts?.deviceTime
        label = facts?.label
        let known = seen ?? facts?.seen
        isContextKnown = known != nil
        let seen = known ?? VersionVector()
        hadSeen = try seen.entries.filter { $0.actor != dot.actor }.map { entry in
            SeenReport(dot: entry, sentence: "had seen \(try Self.phrase(for: entry, context: context))")
        }
        let missed = isContextKnown ? others.filter { !seen.covers($0) } : []
        unseen = try missed.map { other in
            SeenReport(dot: other, sentence: "had not seen \(try Self.phrase(for: other, context: context))")
        }
    }

    private static func phrase(for dot: Dot, context: InspectionContext) throws -> String {
        guard let facts = try context.writer(dot) else { return "the edit \(dot.shortDescription)" }
        let (edit, time) = (dot.shortDescription, context.timeText(facts.correctedTime))
        if !facts.user.isEmpty { return "\(facts.user)'s edit \(edit) of \(time)" }
        return facts.device.isEmpty ? "the edit \(edit) of \(time)" : "an edit at \(facts.device), \(edit) of \(time)"
    }
}
