/// Which own change-sets are asked for.
package enum OwnFilter: Sendable {
    /// Every one that the device still keeps.
    case all
    /// Those without a verdict.
    case unconfirmed
    /// Those whose writes the store has, under whatever name, and did not lose in a restore.
    case inStore
    /// Those with a verdict whose writes are in no store and wait for nobody: they were given up, or a later one stands in their place.
    case givenUp
    /// Those that are parked at the server and did not get lost in a restore.
    case parkedThere
    /// Those that base does not hold yet.
    case inOverlay
    /// Those that wait for a person or a record, by the server's word or because they break the schema, and that no later one
    /// fixes.
    case parked
    /// Of those, the ones that go in by themselves once a restored server has back what it lacks.
    case awaitsReturn
    /// Those that the server keeps parked, as far as the device knows.
    case parkedAtServer

    /// The condition on a row of `satchel_change_set`.
    var sql: String {
        switch self {
        case .all: "1"
        case .unconfirmed: "state < \(QueueState.applied.rawValue)"
        case .inStore:
            """
            state >= \(QueueState.applied.rawValue) AND NOT is_reoffered
              AND (NOT (\(Self.parkedAtServer.sql)) AND (state <> \(QueueState.reissued.rawValue) OR is_released)
                OR code IS 'duplicate')
            """
        case .parkedThere:
            """
            state >= \(QueueState.applied.rawValue) AND NOT is_reoffered AND \(Self.parked.sql)
              AND NOT (\(Self.inStore.sql))
            """
        case .givenUp:
            """
            state >= \(QueueState.applied.rawValue) AND NOT is_reoffered
              AND NOT (\(Self.inStore.sql)) AND NOT (\(Self.parkedThere.sql))
            """
        case .inOverlay: "is_in_overlay"
        case .parked: "is_in_overlay AND code IS NOT NULL"
        case .awaitsReturn:
            "is_in_overlay AND state = \(QueueState.held.rawValue) AND code IN ('in_recovery', 'awaits_return')"
        case .parkedAtServer: "state IN (\(QueueState.held.rawValue), \(QueueState.rejected.rawValue))"
        }
    }
}
