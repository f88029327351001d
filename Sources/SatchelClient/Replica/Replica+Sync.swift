import SatchelStorage
import SatchelSync

extension Replica {
    /// Pushes the queue and pulls to the checkpoint.
    ///
    /// - Throws: `SatchelError`; where it is transient, the same call may succeed later. Nothing pending is ever lost.
    public func sync(onProgress: @escaping @Sendable (Int) -> Void = { _ in }) async throws -> SyncReport {
        let url = try reading { try $0.identity().serverURL }
        let runner = SyncRunner(
            replica: self, transport: try HTTPTransport(serverURL: url), onProgress: onProgress)
        return try await runner.run()
    }
}
