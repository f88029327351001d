import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// The engine in the place of the network: bytes go in and come out, and nothing is lost between.
struct DirectTransport: ExchangeTransport {
    let engine: SyncEngine<SQLiteServerStore>

    func schemaSource(token: String) async throws -> String { SimulationSchema.source }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String, onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        let bytes = try WireCodec.encode(request, agreement: agreement)
        do {
            let request = try WireCodec.decodeRequest(bytes, agreement: engine.agreement)
            let hash = DeviceToken.hash(of: token)
            guard let account = try await engine.store.read({ try $0.device(tokenHash: hash) }) else {
                throw SatchelError(.unauthorized, "The credential is not one of this server.")
            }
            var cursor = try await engine.begin(request, from: account)
            var frames = cursor.opening
            while true {
                for frame in frames { try await onFrame(frame) }
                if cursor.isDone { return }
                frames = try await engine.nextFrames(&cursor)
            }
        } catch let failure as ExchangeFailure {
            throw failure.error
        }
    }
}
