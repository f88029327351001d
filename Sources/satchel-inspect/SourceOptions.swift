import ArgumentParser
import Foundation
import SatchelClient
import SatchelServer
import SatchelSync

/// Where the conflicts are read: one of three.
struct SourceOptions: ParsableArguments {
    @Option(help: "A device's home folder; SATCHEL_HOME when nothing is given.")
    var home: String?
    @Option(help: "A server's data folder; SATCHEL_DATA when nothing is given.")
    var data: String?
    @Option(help: "A server's address, after `satchel-inspect enrol`.")
    var server: String?
    @Option(name: .customLong("as"), help: "The user who decides, with --data.")
    var user: String?

    func validate() throws {
        guard [home, data, server].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("Say only one of --home, --data and --server.")
        }
    }

    /// The source that is meant; nothing is opened yet.
    ///
    /// - Throws: ``SatchelError`` `invalid_request` when none is given.
    func source() throws -> any ConflictSource {
        let environment = ProcessInfo.processInfo.environment
        if let server { return try ServerSource(serverURL: server, token: InspectorCredential.token(for: server)) }
        if let home { return ReplicaSource(replica: Replica(home: home)) }
        if let data { return FolderSource(path: data, user: user) }
        if let data = environment["SATCHEL_DATA"] { return FolderSource(path: data, user: user) }
        if let home = environment["SATCHEL_HOME"] { return ReplicaSource(replica: Replica(home: home)) }
        throw SatchelError.wrongUsage(
            "Nothing says where the conflicts are.", remedy: "Say --home, --data or --server.")
    }
}
