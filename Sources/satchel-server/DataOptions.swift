import ArgumentParser
import Foundation
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Which store a command works on.
struct DataOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The folder of the server's store; SATCHEL_DATA where it is not given.", valueName: "dir"),
        completion: .directory)
    var data: String?

    /// The folder.
    ///
    /// - Throws: ``SatchelError`` `invalid_request` where none is named.
    func path() throws -> String {
        if let path = named { return path }
        throw SatchelError.wrongUsage(
            "No data folder is named.", remedy: "Give --data DIR, or set SATCHEL_DATA.")
    }

    /// The folder; `nil` where none is named.
    var named: String? {
        let path = data ?? ProcessInfo.processInfo.environment["SATCHEL_DATA"]
        return path.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The option as it was given, for commands that people copy.
    var repeated: [String] { data.map { ["--data \(ShellWord.quoted($0))"] } ?? [] }

    /// Opens the folder, runs `body` and gives it back.
    func withAccess<Result>(
        purpose: String, _ body: (any OperatorAccess) async throws -> Result
    ) async throws -> Result {
        try await OperatorDoor.with(path: try path(), purpose: "satchel-server \(purpose)", body)
    }
}

/// Who edits at the office.
struct EditorOptions: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("The user who edits.", valueName: "user"))
    var user: String
}

extension OperatorAccess {
    /// The schema of the store.
    func schema() async throws -> Schema { try await perform(.identity).identityReply().schema() }
}

/// Reads a file that a person named.
func readFile(_ path: String, what: String) throws -> String {
    do {
        let data = try Data(contentsOf: URL(filePath: path))
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SatchelError(
                .invalidRequest, "The \(what) \(path) is not UTF-8.", remedy: "Save it as UTF-8 and try again.")
        }
        return text
    } catch let error as SatchelError {
        throw error
    } catch {
        throw SatchelError(
            .invalidRequest, "The \(what) \(path) cannot be read.", remedy: "Check the path and who may read it.",
            cause: error)
    }
}
