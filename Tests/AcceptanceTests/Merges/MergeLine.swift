import Foundation
import ScenarioRunner

/// One real concurrent edit: a record before, and as two people made it who did not know of each other.
struct MergeLine: Sendable {
    /// What a field of the data holds; an empty text and an empty list are no value.
    enum Content: Hashable, Sendable {
        case text(String)
        case list(Set<String>)
    }

    typealias Sheet = [String: Content]

    let name: String
    /// `nil` where both made the record.
    let base: Sheet?
    /// `nil` where the record was deleted.
    let left: Sheet?
    let right: Sheet?

    /// Reads a file of lines.
    static func read(_ file: URL) throws -> [MergeLine] {
        try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).enumerated().map { place, line in
            let form = try JSONDecoder().decode(LineForm.self, from: line)
            return MergeLine(
                name: name(form.id, line: place), base: form.base.map(sheet), left: form.left.map(sheet),
                right: form.right.map(sheet))
        }
    }

    /// A name of its own for each line: two records of the data have no key, and the same name then.
    static func name(_ id: String, line: Int) -> String { id.hasSuffix("/") ? "\(id)line \(line)" : id }

    /// A record that only one of the two deleted; the data holds none, so some are made of its edits.
    func withDelete(onLeft: Bool) -> MergeLine {
        MergeLine(name: name + " deleted", base: base, left: onLeft ? nil : left, right: onLeft ? right : nil)
    }

    /// The id of its record: the same for the same name.
    var recordID: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var digits = ""
        for salt in 0..<2 {
            for byte in Array(name.utf8) + [UInt8(salt)] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            let word = String(hash, radix: 16)
            digits += String(repeating: "0", count: 16 - word.count) + word
        }
        var text = Array(digits)
        (text[12], text[16]) = ("7", "8")
        for position in [20, 16, 12, 8] { text.insert("-", at: position) }
        return String(text)
    }

    private struct LineForm: Decodable {
        let id: String
        let base: [String: ContentForm]?, left: [String: ContentForm]?, right: [String: ContentForm]?
    }

    private struct ContentForm: Decodable {
        let content: Content

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                content = .text(text)
            } else {
                content = .list(Set(try container.decode([String].self)))
            }
        }
    }

    private static func sheet(_ forms: [String: ContentForm]) -> Sheet {
        forms.mapValues(\.content).filter { $0.value != .text("") && $0.value != .list([]) }
    }
}
