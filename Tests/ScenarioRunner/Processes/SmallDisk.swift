import Foundation

/// A file system of a few megabytes in memory, where the machine lets this process mount one.
package struct SmallDisk: Sendable {
    /// Where it is mounted.
    package let path: String
    private let site: Site

    /// Lends one to `body` and takes it away again; says so and does nothing where none may be mounted.
    package static func with(in site: Site, megabytes: Int, _ body: (SmallDisk) async throws -> Void) async throws {
        do {
            try await required(in: site, megabytes: megabytes, body)
        } catch let refusal as NotYet {
            print("skipped: \(refusal.reason)")
        }
    }

    /// Lends one to `body` and takes it away again.
    ///
    /// - Throws: ``NotYet`` where this process may not mount one.
    package static func required(
        in site: Site, megabytes: Int, _ body: (SmallDisk) async throws -> Void
    ) async throws {
        let disk = SmallDisk(path: site.path("disk"), site: site)
        try FileManager.default.createDirectory(atPath: disk.path, withIntermediateDirectories: true)
        let refusal = try await disk.command("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", disk.path])
        if let refusal {
            throw NotYet("this process may not mount a small disk: \(refusal)")
        }
        do {
            try await body(disk)
        } catch {
            _ = try await disk.command("umount", ["-l", disk.path])
            throw error
        }
        _ = try await disk.command("umount", ["-l", disk.path])
    }

    /// Leaves no byte free.
    package func fill() throws {
        _ = FileManager.default.createFile(atPath: path + "/filler", contents: nil)
        let file = try FileHandle(forWritingTo: URL(filePath: path + "/filler"))
        defer { try? file.close() }
        for size in [64 * 1024, 4 * 1024, 256, 1] {
            let block = Data(repeating: 0x2A, count: size)
            while (try? file.write(contentsOf: block)) != nil {}
        }
    }

    /// Makes the space free again.
    ///
    /// The filler is cut first: a program that another test started while ``fill()`` had it open may hold it still, and a
    /// removed file that is held keeps its bytes.
    package func empty() throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path + "/filler"))
        defer { try? file.close() }
        try file.truncate(atOffset: 0)
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    /// Why a command did not work; `nil` where it did.
    private func command(_ name: String, _ arguments: [String]) async throws -> String? {
        guard let program = Places.installed(name) else { return "there is no program \(name)" }
        let result = try await site.end(try site.start(program, arguments.map { Array($0.utf8) }))
        return result.exitCode == 0 ? nil : result.error
    }
}
