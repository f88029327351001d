import Foundation
import SatchelInterchange
import SatchelSync

/// One line of a generated file.
struct WorkloadLine: Sendable {
    /// The short name of the author's actor; empty for a record of a seed.
    let actor: String
    /// The author's counter; 0 for a record of a seed.
    let counter: UInt64
    /// What the author had pulled, as short names and highest counters; `nil` where nothing changed since the line before.
    let saw: [String: UInt64]?
    /// What it does.
    let edit: EditLine

    /// Reads one line.
    init(_ bytes: [UInt8], number: Int) throws(SatchelError) {
        edit = try EditLineParser.parse(line: bytes, number: number)
        let value = try JSONReader.parse(bytes, firstLine: number)
        if case .string(let name)? = value["actor"] { actor = name.string } else { actor = "" }
        if case .integer(let number)? = value["n"] { counter = UInt64(clamping: number) } else { counter = 0 }
        if case .object(let members)? = value["saw"] {
            var seen: [String: UInt64] = [:]
            for member in members {
                if case .integer(let number) = member.value { seen[member.key] = UInt64(clamping: number) }
            }
            saw = seen
        } else {
            saw = nil
        }
    }
}

/// The folder of one workload.
struct WorkloadFolder: Sendable {
    /// Where it is.
    let url: URL

    /// Names the folder inside the one that `generate.py` wrote to.
    init(_ name: String, in input: URL) throws {
        url = input.appending(path: name, directoryHint: .isDirectory)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw SatchelError(
                .missingData, "There is no workload \(name) in \(input.path).",
                remedy: "Make it with generate.py, as Scripts/bench does.")
        }
    }

    /// The names of its files that begin and end like this, in order.
    func files(prefix: String, suffix: String = ".jsonl") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path)
            .filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.sorted()
    }

    /// The bytes of a file.
    func bytes(of name: String) throws -> [UInt8] { Array(try Data(contentsOf: url.appending(path: name))) }

    /// The lines of a file.
    func lines(of name: String) throws -> [WorkloadLine] {
        var lines: [WorkloadLine] = []
        for (index, line) in try bytes(of: name).split(separator: UInt8(ascii: "\n")).enumerated() {
            lines.append(try WorkloadLine(Array(line), number: index + 1))
        }
        return lines
    }
}
