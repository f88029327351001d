import SatchelInspection
import SatchelStorage
import SatchelSync
import SatchelWire

/// Keeps what others did to the records that a sync brings, before base is replaced.
struct NewsKeeper {
    /// As much of a value as a line of news tells.
    private static let textMax = 400
    /// The longest value that a command writes again.
    private static let restoreBytesMax = 200

    private let transaction: ReplicaTransaction
    private let now: Timestamp
    private let own: Set<ActorID>
    /// Where the server's own verdicts stand; `nil` where the schema keeps none.
    private let verdicts: ServerVerdictFields?

    /// `nil` where nothing that comes is news: with a first sync, and where base comes anew as a whole.
    init?(_ transaction: ReplicaTransaction, now: Timestamp) throws {
        guard try transaction.exchangeFacts().checkpoint != nil, try !transaction.isReturning(),
            try !transaction.isBaseLost()
        else { return nil }
        self.transaction = transaction
        self.now = now
        verdicts = ServerVerdictFields(transaction.schema)
        let identity = try transaction.identity()
        own = Set([identity.actor] + identity.formerLines.map(\.actor) + identity.lineage.ancestors.map(\.actor))
    }

    /// Keeps what a record's newer state tells, before that stands in base.
    func keep(_ delta: RecordDelta) throws {
        guard let type = transaction.schema.type(delta.type) else { return }
        let before = try transaction.record(delta.record)
        guard before == nil || before?.type == delta.type else { return }
        let own = own
        let reader = NewsReader(type: type) { dot in
            own.contains((dot.actor.releasedDot ?? dot).actor)
        } text: { value in
            try text(value)
        }
        let heard = try reader.news(
            from: before?.confirmed ?? RecordState(), to: delta.state, shown: before?.state ?? RecordState())
        for heard in heard {
            guard let news = worthTelling(heard, of: delta) else { continue }
            let told = delta.provenance.first { $0.dot == news.dot }
            try transaction.add(
                StoredNews(
                    heardAt: now, record: delta.record, type: delta.type, kind: news.kind.rawValue,
                    subject: news.subject, before: news.before.map(Self.excerpt), after: news.after.map(Self.excerpt),
                    dot: news.dot, madeAt: news.time ?? told?.deviceTime, label: told.map { Self.excerpt($0.label) },
                    isOwnValue: news.ownValue != nil, isOwn: news.isOwn, restore: try restore(news, type: type)))
        }
    }

    /// What is told of one thing that happened; `nil` for the server's verdict on a check-in where it is that of the device.
    private func worthTelling(_ news: RecordNews, of delta: RecordDelta) -> RecordNews? {
        guard let verdicts, delta.type == verdicts.type.id, verdicts.holds(news.subject) else { return news }
        guard news.subject == verdicts.verdict.name,
            let device = verdicts.deviceVerdict(contradictedIn: delta.state)
        else { return nil }
        var news = news
        (news.before, news.ownValue, news.isOwn) = (device, nil, false)
        return news
    }

    /// The value that gave way as a person types it; `nil` where none did, and where it is too long or cannot be typed.
    private func restore(_ news: RecordNews, type: EntityType) throws -> String? {
        guard let value = news.ownValue, [.changed, .settled].contains(news.kind) else { return nil }
        let text = value.text
        guard text.utf8.count <= Self.restoreBytesMax,
            let typed = try? Assignment(argument: "\(news.subject)=\(text)"),
            let write = try? transaction.writes([typed], type: type, at: now).first?.write
        else { return nil }
        switch write {
        case .register(value): return text
        case .map(let keys) where keys.map(\.value) == [value]: return text
        default: return nil
        }
    }

    private static func excerpt(_ text: String) -> String { String(text.prefix(textMax)) }

    private func text(_ value: FieldValue) throws -> String? {
        switch value {
        case .null: nil
        case .reference(let id): try transaction.shownName(of: id) ?? value.text
        default: value.text
        }
    }
}
