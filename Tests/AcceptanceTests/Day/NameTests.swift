import Foundation
import ScenarioRunner
import Testing

/// Real names in Chinese: sorted, found by two characters, and printed in straight columns.
@Suite(
    .enabled(
        if: Places.has(Places.chineseNames),
        "the shared data is not beside the repository; SATCHEL_SHARED names its place"))
struct NameTests {
    private struct Found: Decodable { let id: String, ending: String, title: String }

    /// Names of brands, with Latin words in some, of firms and of people; two of them twice.
    private static func names() throws -> [String] {
        func lines(_ file: String) throws -> [String] {
            try String(contentsOf: Places.chineseNames.appending(path: file), encoding: .utf8)
                .split(whereSeparator: \.isNewline).map(String.init)
        }
        func some(_ names: [String], every step: Int) -> [String] {
            stride(from: 0, to: names.count, by: step).map { names[$0] }
        }
        // None of the names has a comma or a quote.
        let brands = try lines("brands.csv").dropFirst().map { $0.split(separator: ",")[1] }.map(String.init)
            .filter { !$0.contains("\"") }
        let people = try lines("homophone-names.csv").dropFirst().flatMap {
            $0.split(separator: ",")[1].split(separator: "|").map(String.init)
        }
        let names =
            some(brands, every: 4) + some(try lines("company-short-names.txt"), every: 150)
            + some(people, every: 80)
        return names + names.prefix(2)
    }

    /// The order that is promised: by the numbers of the characters, those of a to z as A to Z; then by id.
    private static func isBefore(_ a: Found, _ b: Found) -> Bool {
        func key(_ name: String) -> [UInt32] {
            name.unicodeScalars.map { (65...90).contains($0.value) ? $0.value + 32 : $0.value }
        }
        let (x, y) = (key(a.title), key(b.title))
        return x == y ? a.id < b.id : x.lexicographicallyPrecedes(y)
    }

    @Test func `names are sorted the same on every run and device, found by two characters, and stand in columns`()
        async throws
    {
        let names = try Self.names()
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let cities = ["上海", "Wien", "乌鲁木齐", ""]
        try await ann.apply(
            try names.enumerated().map { index, name in
                let fields = ["name": name, "city": cities[index % 4], "status": "active"].filter { !$0.value.isEmpty }
                let record: [String: Any] = ["type": "account", "set": fields]
                return String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self)
            })
        try await server.quiet([ann, bo])

        func sorted(_ device: Device, _ order: String) async throws -> [Found] {
            try await device.run(["list", "account", "--sort", order, "--limit", "1000", "--json"]).decoded()
        }
        let all = try await sorted(ann, "name")
        #expect(all.map(\.title).sorted() == names.sorted())
        #expect(all.map(\.id) == all.sorted(by: Self.isBefore).map(\.id))
        #expect(try await sorted(ann, "name").map(\.id) == all.map(\.id))
        #expect(try await sorted(bo, "name").map(\.id) == all.map(\.id))
        #expect(try await sorted(bo, "-name").map(\.title) == all.reversed().map(\.title))

        try await Self.search(all, on: ann)
        try await Self.expectColumns(all, on: ann)
        try await server.requireDrained([ann, bo])
        try await server.requireGracefulStop()
    }

    /// Expects of words of two characters, from the beginning, the middle and the end of names, all records that have them, and no other.
    private static func search(_ all: [Found], on device: Device) async throws {
        let words = stride(from: 5, to: all.count, by: all.count / 9).compactMap { index -> String? in
            let name = Array(all[index].title)
            let starts = name.indices.dropLast().filter { isHan(name[$0]) && isHan(name[$0 + 1]) }
            guard !starts.isEmpty else { return nil }
            let start = starts[index % starts.count]
            return String(name[start...(start + 1)])
        }
        #expect(words.count >= 7)
        for word in words + ["茶"] {
            let found: [Found] = try await device.run(["search", word, "--limit", "1000", "--json"]).decoded()
            #expect(Set(found.map(\.id)) == Set(all.filter { $0.title.contains(word) }.map(\.id)), "\(word)")
            #expect(!found.isEmpty)
        }
        // Latin words within them by their beginning, in either case.
        let latin = all.filter { $0.title.lowercased().split { !$0.isLetter }.contains { $0.hasPrefix("ch") } }
        let found: [Found] = try await device.run(["search", "CH", "--limit", "1000", "--json"]).decoded()
        #expect(Set(latin.map(\.id)).isSubset(of: found.map(\.id)))
        let none: [Found] = try await device.run(["search", "鑫鑫鑫鑫", "--json"]).decoded()
        #expect(none.isEmpty)
    }

    /// Expects each row of the tables to have, between the columns at which the headings begin, what the record has.
    private static func expectColumns(_ all: [Found], on device: Device) async throws {
        struct Whole: Decodable { let ending: String, fields: [String: Shown] }
        let list = ["list", "account", "--sort", "name", "--limit", "1000"]
        let records: [Whole] = try await device.run(list + ["--json"]).decoded()
        let rows = try table(try await device.run(list).output)
        let fields = ["name", "status", "city"]
        #expect(rows.first == ["ID"] + fields.map { $0.uppercased() })
        for (row, record) in zip(rows.dropFirst(), records) {
            let shown = fields.map { field in
                if case .text(let text)? = record.fields[field] { text } else { "" }
            }
            #expect(row == [record.ending] + shown)
        }
        #expect(rows.count == records.count + 1)

        let word = try #require(all.first { isHan($0.title.first ?? " ") }?.title.prefix(1))
        let search = ["search", String(word), "--limit", "1000"]
        let found: [Found] = try await device.run(search + ["--json"]).decoded()
        for language in ["en", "zh"] {
            let rows = try table(try await device.run(search + ["--language", language]).output)
            #expect(rows.dropFirst().map { $0[1] } == found.map(\.ending))
            #expect(rows.dropFirst().map { $0[2] } == found.map(\.title), "\(language)")
        }
        // The day in Chinese: words of the program and names in the same columns.
        for (index, record) in [all[0], all[all.count / 2], all[all.count - 1]].enumerated() {
            try await device.edit(["visit", "plan", record.id, "--at", "23:59", "purpose=第\(index)次拜访"])
        }
        try await device.edit(["task", "add", "回电话", "--of", all[3].id, "--due", "2020-01-01"])
        let day = try await device.run(["today", "--language", "zh"]).output.split(separator: "\n").dropFirst()
        let entries = try table(day.joined(separator: "\n"))
        #expect(
            Set(entries.dropFirst().map { $0[2] })
                == [all[0].title, all[all.count / 2].title, all[all.count - 1].title, all[3].title])
        #expect(Set(entries.dropFirst().map { $0[3] }) == ["第0次拜访", "第1次拜访", "第2次拜访", "回电话"])
    }

    /// The cells of a table, its head first.
    private static func table(_ text: String) throws -> [[String]] {
        let lines = text.split(separator: "\n").map { TerminalColumns($0) }
        let starts = try #require(lines.first).starts
        return try lines.map { line in
            guard let cells = line.cells(from: starts) else {
                throw AcceptanceFailure("A row does not keep to the columns:\n\(text)")
            }
            return cells
        }
    }

    private static func isHan(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { (0x4E00...0x9FFF).contains($0.value) }
    }
}
