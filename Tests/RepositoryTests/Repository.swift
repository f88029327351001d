import Foundation

/// The checkout that these tests look at.
enum Repository {
    /// Its folder: the one that holds `Package.swift`.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// One file, by its path from the root.
    struct File: Sendable {
        let path: String
        let text: String

        /// Whether a program wrote it.
        var isGenerated: Bool { path.hasSuffix(".pb.swift") }
    }

    /// The Swift files under the folders of code that people wrote, in the order of their paths.
    static let swiftFiles: [SwiftSource] = files(under: ["Sources", "Tests", "Benchmarks", "Examples"])
        .filter { $0.path.hasSuffix(".swift") && !$0.isGenerated }.map(SwiftSource.init)

    /// The text files under folders and files of the root, in the order of their paths.
    static func files(under places: [String]) -> [File] {
        var paths: Set<String> = []
        for place in places {
            let folder = root.appending(path: place)
            guard let isFolder = try? folder.resourceValues(forKeys: [.isDirectoryKey]).isDirectory else { continue }
            guard isFolder else {
                paths.insert(place)
                continue
            }
            for found in FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? [] {
                if let name = found as? String { paths.insert("\(place)/\(name)") }
            }
        }
        return paths.sorted().compactMap { path in
            guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
            return File(path: path, text: text)
        }
    }

    /// Runs a program in the root and gives back what it printed.
    ///
    /// Output goes to a file: a pipe would wait for whoever inherits it.
    static func output(of arguments: [String]) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(path: "satchel-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = root
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: file)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(
                .executableLoad, userInfo: [NSLocalizedDescriptionKey: "\(arguments) ended with an error."])
        }
        return try Data(contentsOf: file)
    }
}
