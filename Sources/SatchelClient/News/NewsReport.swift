package import SatchelInspection
import SatchelStorage
package import SatchelSync

/// What others did on a rep's customers, by customer, and what of his own work was refused.
package struct NewsReport: Hashable, Sendable {
    /// One line of it.
    package struct Entry: Hashable, Sendable {
        /// What happened.
        package let kind: RecordNews.Kind
        /// The name of the record's type.
        package let type: String
        /// The record.
        package let record: RecordID
        /// The shortest unique ending of its id.
        package let ending: String
        /// What people know it by; `nil` where no table shows it any more.
        package let name: String?
        /// The field, or `life`.
        package let subject: String
        /// The value before.
        package let before: String?
        /// The value now.
        package let after: String?
        /// Whether the conflict that it tells of is still open; `false` for what is none.
        package let isOpen: Bool
        /// Whether the value before was the reader's own.
        package let isOwnValue: Bool
        /// The reader's own value as he types it to write it again; `nil` where none gave way, or that cannot be typed.
        package let restore: String?
        /// What people know the record by that the value refers to, where it is a reference.
        package let restoreName: String?
        /// The device's verdict, where the record is a check-in.
        package let verdict: String?
        /// The user who did it; `nil` where it is not known.
        package let user: String?
        /// The device that he did it on.
        package let device: String?
        /// What he called it; `nil` where it is not known.
        package let label: String?
        /// When he did it, by the server's reckoning.
        package let madeAt: Timestamp?
        /// When this device heard of it.
        package let heardAt: Timestamp
    }

    /// What happened at one customer.
    package struct Group: Hashable, Sendable {
        /// The customer; `nil` for what belongs to none.
        package let account: RecordID?
        /// His name.
        package let name: String?
        /// The lines, in the order in which they were heard of.
        package let entries: [Entry]
    }

    /// Since when; `nil` for all that is kept.
    package let since: Timestamp?
    /// The customers in the order of their last news, what belongs to none at the end.
    package let groups: [Group]
    /// Own work that is parked now.
    package let refused: [QueuedWork]
    /// How many customers with older news are left out, since no more were asked for.
    package let omittedCount: Int
    /// How many lines there were that are kept no more.
    package let leftOutCount: Int
    /// The number of the last line; 0 where there is none.
    package let last: Int64
}

/// From where on news are read.
package enum NewsStart: Hashable, Sendable {
    /// From where they were shown last.
    case last
    /// From an instant on.
    case time(Timestamp)
    /// All that is kept.
    case all
}

extension Replica {
    /// What others did since `start`, as far as syncs have brought it, of at most `limit` customers.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data` or `storage_failed`.
    /// - Complexity: O(news).
    package func news(since start: NewsStart, limit: Int = .max) throws -> NewsReport {
        try reading { transaction in
            let shown = try transaction.newsShown()
            let (key, time, since): (Int64, Timestamp?, Timestamp?) =
                switch start {
                case .last: (shown.key, nil, shown.at)
                case .time(let time): (0, time, time)
                case .all: (0, nil, nil)
                }
            let lines = try transaction.news(after: key, heardSince: time)
            var groups: [RecordID?: [StoredNews]] = [:]
            for line in lines { groups[try transaction.account(of: line), default: []].append(line) }
            let order = groups.keys.sorted { left, right in
                guard left != nil, right != nil else { return left != nil }
                return groups[left]?.last?.key ?? 0 > groups[right]?.last?.key ?? 0
            }
            return NewsReport(
                since: since,
                groups: try order.prefix(limit).map { account in
                    NewsReport.Group(
                        account: account, name: try account.flatMap(transaction.knownName),
                        entries: try (groups[account] ?? []).compactMap(transaction.entry))
                },
                refused: try transaction.ownChangeSets(.parked).map(transaction.queuedWork),
                omittedCount: max(0, order.count - limit),
                leftOutCount: try transaction.newsLeftOutCount(after: key, heardSince: time),
                last: lines.last?.key ?? key)
        }
    }

    /// Keeps that a person was shown the news up to the end of a report.
    ///
    /// - Throws: `SatchelError` as an edit does.
    package func noteShown(_ report: NewsReport) throws {
        let now = clock.now()
        try withTurn(purpose: "news") { try $0.write { try $0.noteNewsShown(through: report.last, at: now) } }
    }
}

extension ReplicaTransaction {
    /// A line as people read it; `nil` for a type that the schema does not have any more.
    fileprivate func entry(of line: StoredNews) throws -> NewsReport.Entry? {
        guard let type = schema.type(line.type), var kind = RecordNews.Kind(rawValue: line.kind) else { return nil }
        let writer = try line.dot.flatMap { try name(of: ($0.actor.releasedDot ?? $0).actor) }
        let record = try record(line.record)
        let status = try records.standing(of: line.record)?.status ?? .absent
        let isThere = status.isVisible
        // What lives and refers to it keeps it: no state of its own says so.
        if kind == .deleted, status == .contested { kind = .contends }
        let isOpen = kind == .contends && record?.isOpen(line.subject, type: type, status: status) == true
        let restore = isThere ? line.restore : nil
        let target = try reference(restore, line.subject, type: type)
        let isCheckIn = type.name == CheckInRow.typeName && kind == .made
        return NewsReport.Entry(
            kind: kind, type: type.name, record: line.record, ending: try records.shortestEnding(of: line.record),
            name: try knownName(of: line.record), subject: line.subject, before: line.before, after: line.after,
            isOpen: isOpen,
            isOwnValue: line.isOwnValue, restore: try target.map(records.shortestEnding) ?? restore,
            restoreName: try target.flatMap(shownName),
            verdict: isCheckIn ? record.flatMap { $0.state.text(of: "verdict", type) } : nil,
            user: writer?.user, device: writer?.device, label: line.label, madeAt: line.madeAt, heardAt: line.heardAt)
    }

    /// The record that is typed where a field refers to one and the device has it.
    private func reference(_ typed: String?, _ field: String, type: EntityType) throws -> RecordID? {
        guard case .reference? = type.field(named: field)?.kind, let id = typed.flatMap(RecordID.init),
            try records.standing(of: id) != nil
        else { return nil }
        return id
    }

    /// What people know a record by, also one that is deleted.
    fileprivate func knownName(of id: RecordID) throws -> String? {
        if let name = try shownName(of: id) { return name }
        guard let record = try record(id), let type = schema.type(record.type) else { return nil }
        let title = type.title(of: record.state)
        return title.isEmpty ? nil : title
    }

    /// The customer that a line is about: the record itself, or the one that it refers to.
    fileprivate func account(of line: StoredNews) throws -> RecordID? {
        guard let type = schema.type(line.type) else { return nil }
        if type.name == "account" { return line.record }
        guard type.field(named: "account") != nil else { return nil }
        return try reference(of: line.record, "account", type: type)
    }
}

extension StoredRecord {
    /// Whether what a line is about, a field, `field.key` or `life`, is in conflict.
    fileprivate func isOpen(_ subject: String, type: EntityType, status: LifeStatus) -> Bool {
        state.conflicts(in: type, life: status).contains { item in
            switch item.subject {
            case .life: subject == "life"
            case .field(let field): subject == type.field(field)?.name
            case .key(let field, let key): subject == type.field(field).map { "\($0.name).\(key)" }
            }
        }
    }
}

extension RecordState {
    /// The value of a field in words; `nil` where there is none.
    fileprivate func text(of name: String, _ type: EntityType) -> String? {
        guard let field = type.field(named: name) else { return nil }
        let value = winningValue(of: field)
        return value.isNull ? nil : value.text
    }
}
