import Foundation

/// Waiting for what another process does: looked for often, and never for ever.
package enum Patience {
    /// Looks until there is something to see.
    @discardableResult package static func until<Sight>(
        _ what: String, within limit: Duration = .seconds(60), _ look: () async throws -> Sight?
    ) async throws -> Sight {
        let deadline = ContinuousClock.now + limit
        while true {
            if let sight = try await look() { return sight }
            guard ContinuousClock.now < deadline else { throw AcceptanceFailure("Within \(limit) never seen: \(what)") }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().asyncAfter(deadline: .now() + 0.003) { continuation.resume() }
            }
        }
    }
}
