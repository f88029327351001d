import SatchelSchemaFile
package import SatchelStorage
import SatchelSync

/// How an operator's command reaches a data folder: through the server that holds it, or by taking the lease itself.
package struct OperatorDoor: Sendable {
    /// Who answers.
    package let access: any OperatorAccess
    private let closing: @Sendable () async throws -> Void

    /// Opens a data folder, waiting up to `patience` for whoever holds it to answer or to go.
    ///
    /// - Throws: `SatchelError` `missing_data`, `foreign_data`, `newer_data`, `database_in_use`.
    package static func open(
        path: String, purpose: String, patience: Duration = .seconds(5), clock: any WallClock = SystemClock()
    ) async throws -> OperatorDoor {
        let folder = DataFolder(path: path)
        try folder.requireDatabase(remedy: "Make one with `satchel-server init`.")
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                // The lease first: a socket may be what a killed server left.
                return try inProcess(folder: folder, purpose: purpose, clock: clock)
            } catch let error as SatchelError where error.code == .databaseInUse {
                if let client = try await OperatorClient.connect(folder: folder) {
                    return OperatorDoor(access: client, closing: { try await client.close() })
                }
                // A server that starts holds the lease before its socket answers.
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func inProcess(folder: DataFolder, purpose: String, clock: any WallClock) throws -> OperatorDoor {
        let store = try SQLiteServerStore(folder: folder, purpose: purpose, patience: .zero) { source in
            try SchemaFile.parse(source).schema
        }
        let service = OperatorService(
            store: store, queue: MergeQueue(store: store), presence: DevicePresence(), clock: clock)
        return OperatorDoor(access: service, closing: { try store.close() })
    }

    /// Gives the folder back; must be called once.
    package func close() async throws { try await closing() }

    /// Opens a folder, runs `body` and gives the folder back, whatever happened.
    package static func with<Result>(
        path: String, purpose: String, clock: any WallClock = SystemClock(),
        _ body: (any OperatorAccess) async throws -> Result
    ) async throws -> Result {
        let door = try await open(path: path, purpose: purpose, clock: clock)
        let result: Result
        do {
            result = try await body(door.access)
        } catch {
            try? await door.close()
            throw error
        }
        try await door.close()
        return result
    }
}
