import ArgumentParser
import Foundation
import SatchelClient
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Where the conflicts are read: one of three.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A device's home folder; SATCHEL_HOME when nothing is given.", valueName: "dir"),
        completion: .directory)
    var home: String?
    @Option(
        help: ArgumentHelp("A server's data folder; SATCHEL_DATA when nothing is given.", valueName: "dir"),
        completion: .directory)
    var data: String?
    @Option(help: ArgumentHelp("A server's address, after `satchel-inspect enrol`.", valueName: "url"))
    var server: String?
    @Option(name: .customLong("as"), help: ArgumentHelp("The user who decides, with --data.", valueName: "user"))
    var user: String?

    func validate() throws {
        guard [home, data, server].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("Say only one of --home, --data and --server.")
        }
    }

    /// The options as `resolve` needs them, for commands that people copy: who decides is asked of a data folder alone.
    var repeated: [String] {
        let isFolder = data != nil || home == nil && server == nil && Self.variable("SATCHEL_DATA") != nil
        let places = [("--home", home), ("--data", data), ("--server", server), ("--as", user)]
        return places.compactMap { name, value in value.map { "\(name) \(ShellWord.quoted($0))" } }
            + (isFolder && user == nil ? ["--as USER"] : [])
    }

    private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    /// The source that is meant; nothing is opened yet.
    ///
    /// - Throws: ``SatchelError`` `invalid_request` when none is given.
    func source() throws -> any ConflictSource {
        if let server { return try ServerSource(serverURL: server, credential: InspectorCredential.of(server)) }
        if let home { return ReplicaSource(replica: Replica(home: home)) }
        if let data { return FolderSource(path: data, user: user) }
        if let data = Self.variable("SATCHEL_DATA") { return FolderSource(path: data, user: user) }
        if let home = Self.variable("SATCHEL_HOME") { return ReplicaSource(replica: Replica(home: home)) }
        throw SatchelError.wrongUsage(
            "Nothing says where the conflicts are.", remedy: "Say --home, --data or --server.")
    }
}
