import Foundation
import SatchelSync
import SatchelTerminal
import Testing

/// Files that commands make: whole under their name, or not there at all.
@Suite final class NewFileTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/satchel-new-file-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }

    @Test func `a file has its name when it is whole`() throws {
        let path = folder + "/q.csv"
        let file = try NewFile(path)
        try file.write("id\r\n")
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.write("1\r\n")
        try file.finish()
        #expect(try names == ["q.csv"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "id\r\n1\r\n")
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        #expect(facts[.posixPermissions] as? Int == 0o600)
    }

    @Test func `of a file that is not finished nothing is left`() throws {
        do {
            let file = try NewFile(folder + "/q.csv")
            try file.write("id\r\n")
        }
        #expect(try names.isEmpty)
    }

    @Test func `a file that is there is kept, also one that came meanwhile`() throws {
        let path = folder + "/q.csv"
        let file = try NewFile(path)
        try Data("old".utf8).write(to: URL(filePath: path))
        #expect(throws: SatchelError.self) { try NewFile(path) }
        let refusal = #expect(throws: SatchelError.self) { try file.finish() }
        #expect(refusal?.code == .dataExists)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }

    @Test func `a name without a folder, a folder, and one that is not there are refused`() throws {
        for path in ["", folder + "/none/q.csv", folder + "/"] {
            #expect(throws: SatchelError.self) { try NewFile(path) }
        }
        #expect(try names.isEmpty)
    }
}
