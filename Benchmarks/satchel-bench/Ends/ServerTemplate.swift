import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// A server's store with its seed and its devices, closed, of which every run gets a copy.
struct ServerTemplate: Sendable {
    let folder: URL
    let schema: Schema

    /// Makes the store, enrols a device for each short name, and lets the seed in.
    static func make(
        in folder: URL, source: String, schema: Schema, actors: [String], seed: [OfferedChangeSet]
    ) async throws -> ServerTemplate {
        let now = SystemClock().now()
        try SQLiteServerStore.create(
            in: DataFolder(path: folder.path), identity: .new(name: "bench", schemaSource: source), schema: schema,
            at: now)
        let server = try BenchServer(folder: folder, schema: schema)
        try await server.store.write { transaction in
            let user = try transaction.addUser(named: Historian.author, at: now)
            for name in [Historian.seedActor] + actors {
                _ = try transaction.addDevice(
                    user: user, name: name, actor: Historian.actor(named: name),
                    tokenHash: Hashing.sha256(Array(name.utf8)), forkToken: .initial(), at: now)
            }
        }
        var device = try await server.device(named: Historian.seedActor)
        for part in stride(from: 0, to: seed.count, by: seedPushMax) {
            try await device.push(seed[part..<min(part + seedPushMax, seed.count)], to: server)
        }
        try server.store.close()
        return ServerTemplate(folder: folder, schema: schema)
    }

    /// Opens a copy.
    func copy(to folder: URL) throws -> BenchServer {
        let manager = FileManager.default
        try manager.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let file = "satchel.sqlite"
        try manager.copyItem(at: self.folder.appending(path: file), to: folder.appending(path: file))
        return try BenchServer(folder: folder, schema: schema)
    }

    private static let seedPushMax = 20
}
