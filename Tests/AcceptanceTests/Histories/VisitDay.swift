import Foundation
import ScenarioRunner

/// One real inspection: who came to whom, when, and what came of it.
struct Inspection: Sendable {
    let number: String
    let rep: String
    let accountNumber: String
    let accountName: String
    let day: String
    let kind: String
    let result: String

    /// The month, `2011-09`.
    var month: String { String(day.prefix(7)) }

    /// The id of the account's record: the same for the same number.
    var accountID: String { Self.recordID("account \(accountNumber)") }
    /// The id of the visit's record.
    var visitID: String { Self.recordID("visit \(number)") }

    private static func recordID(_ name: String) -> String {
        MergeLine(name: name, base: nil, left: nil, right: nil).recordID
    }

    /// The line of JSON that makes the visit, and tells the account of it: in one change-set.
    func line() throws -> String {
        let visit: [String: Any] = [
            "op": "create", "type": "visit", "id": visitID,
            "set": [
                "account": accountID, "rep": rep, "status": "done", "purpose": kind, "outcome": result,
                "started_at": "\(day)T09:00:00.000Z", "external_id": number,
            ],
        ]
        let account: [String: Any] = [
            "op": "update", "type": "account", "id": accountID, "set": ["last_visit": "\(day)T09:00:00.000Z"],
            "add": ["tags": [result]], "increment": ["stock": 1],
        ]
        let edit: [String: Any] = ["label": "visit", "at": "\(day)T10:00:00.000Z", "changes": [visit, account]]
        return String(decoding: try JSONSerialization.data(withJSONObject: edit), as: UTF8.self)
    }

    /// The line of JSON that makes the account.
    func accountLine() throws -> String {
        let record: [String: Any] = [
            "type": "account", "id": accountID, "set": ["name": accountName, "external_id": accountNumber],
        ]
        return String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self)
    }

    /// The inspections of a file's first days, by day.
    static func read(_ file: URL, days: Int) throws -> [(day: String, inspections: [Inspection])] {
        let rows = try Self.rows(String(contentsOf: file, encoding: .utf8))
        guard let head = rows.first else { throw AcceptanceFailure("\(file.lastPathComponent) is empty.") }
        func place(_ name: String) throws -> Int {
            guard let place = head.firstIndex(of: name) else { throw AcceptanceFailure("There is no column \(name).") }
            return place
        }
        let columns = try [
            "inspection_id", "rep", "account_no", "account_name", "visit_date", "visit_type", "result",
        ].map(place)
        let all = rows.dropFirst().filter { $0.count == head.count }.map { row in
            let cells = columns.map { row[$0] }
            return Inspection(
                number: cells[0], rep: cells[1], accountNumber: cells[2], accountName: cells[3], day: cells[4],
                kind: cells[5], result: cells[6])
        }
        let byDay = Dictionary(grouping: all, by: \.day)
        return byDay.keys.sorted().prefix(days).map { ($0, byDay[$0] ?? []) }
    }

    /// Rows of cells; a cell in double quotes may hold commas, and doubled quotes.
    private static func rows(_ text: String) -> [[String]] {
        text.split(whereSeparator: \.isNewline).map { line in
            var (cells, cell, isQuoted) = ([String](), "", false)
            for character in line {
                switch character {
                case "\"": isQuoted.toggle()
                case "," where !isQuoted:
                    cells.append(cell)
                    cell = ""
                default: cell.append(character)
                }
            }
            return cells + [cell]
        }
    }
}
