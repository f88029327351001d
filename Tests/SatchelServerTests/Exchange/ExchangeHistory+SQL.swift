import GRDB
import SatchelClient
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// What applications and shells do with plain SQL.
extension ExchangeHistory {
    /// A transaction of plain SQL, through the library or past it; answers what does not hold once it is sealed.
    func sql(_ place: Int, using random: inout SeededRandom) throws -> [String] {
        let home = homes[place]
        let statements = (0..<random.pick(from: [1, 1, 2, 3])).map { _ in statement(using: &random) }
        let text = statements.joined(separator: "; ")
        do {
            if random.isOnce(in: 2) {
                try home.replica.execute(sql: text)
                note("sql", "\(home.name) executes \(text)")
                return []
            }
            try home.shell(text, foreignKeys: random.isOnce(in: 2))
        } catch let error as SatchelError where error.code == .storageFailed {
            note("sql refused", "\(home.name) may not execute \(text)")
            return []
        } catch is DatabaseError {
            note("sql refused", "\(home.name)'s shell refuses \(text)")
            return []
        }
        note("shell", "\(home.name)'s shell: \(text)")
        // Some of it waits for the next turn, whatever that is.
        guard random.isOnce(in: 2) else { return [] }
        return try problemsOfSealing(home)
    }

    /// Sealing takes what plain SQL wrote as it is: a value that was typed stays on the screen, fit or not.
    private func problemsOfSealing(_ home: ExchangeHome) throws -> [String] {
        let typed = try home.inspect(Self.values)
        let life = try home.replica.reading { transaction in
            try Self.items.map { try transaction.record($0)?.status ?? .absent }
        }
        let kept = try home.inspect(Self.values)
        return zip(Self.items, life).compactMap { record, status in
            guard let before = typed[record.description], let after = kept[record.description], before != after,
                status == .alive
            else { return nil }
            return "\(home.name) typed \(before) into \(record.shortName) and sees \(after)"
        }
    }

    /// Name, phone and tags of every item.
    private static func values(_ db: Database) throws -> [String: [String]] {
        var values: [String: [String]] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT id, name, phone, tags FROM item") {
            let tags = (row["tags"] as String?) ?? ""
            values[row["id"]] = [row["name"] ?? "", row["phone"] ?? "", tags == "[]" ? "" : tags]
        }
        return values
    }

    private func statement(using random: inout SeededRandom) -> String {
        let id = random.pick(from: Self.items)
        let other = random.pick(from: Self.items)
        let value = value(using: &random)
        switch random.pick(below: 16) {
        case 0: return "UPDATE item SET name = '\(value)' WHERE id = '\(id)'"
        case 1: return "UPDATE item SET phone = '\(value)', name = NULL WHERE id = '\(id)'"
        case 2: return "UPDATE item SET name = '\(value)'"
        case 3: return "UPDATE item SET tags = '[\"a\",\"\(value)\"]' WHERE id = '\(id)'"
        case 4: return "UPDATE item SET tags = NULL, phone = '\(value)' WHERE id IN ('\(id)', '\(other)')"
        case 5: return "UPDATE item SET parent = '\(other)' WHERE id = '\(id)'"
        case 6: return "INSERT INTO item (id, name, phone) VALUES ('\(id)', '\(value)', '\(value)')"
        case 7: return "INSERT OR REPLACE INTO item (id, name, tags) VALUES ('\(id)', '\(value)', '[\"b\"]')"
        case 8:
            return """
                INSERT INTO item (id, phone) VALUES ('\(id)', '\(value)')
                ON CONFLICT (id) DO UPDATE SET phone = excluded.phone
                """
        case 9: return "DELETE FROM item WHERE id = '\(id)'"
        case 10:
            return """
                DELETE FROM item WHERE id = '\(id)';
                INSERT INTO item (id, name) VALUES ('\(id)', '\(value)')
                """
        case 11: return "UPDATE item SET id = '\(other)' WHERE id = '\(id)'"
        case 12: return "UPDATE item SET phone = '\(String(repeating: value, count: 30))' WHERE id = '\(id)'"
        case 13: return "UPDATE item SET parent = '\(RecordID.sample(98))' WHERE id = '\(id)'"
        case 14:
            let remark = random.pick(from: Self.remarks)
            return "INSERT OR REPLACE INTO remark (id, body, item) VALUES ('\(remark)', '\(value)', '\(id)')"
        default: return "UPDATE item SET tags = 'no list' WHERE id = '\(id)'"
        }
    }
}
