/// A place where a simulation may let a process die, as if its power went: whatever it throws there passes every hand.
///
/// In a release build nothing happens at it.
package enum FaultPoint: String, Sendable {
    /// A turn of writing a replica begins.
    case replicaOpens = "replica-opens"
    /// A transaction of a replica is about to be committed.
    case replicaCommits = "replica-commits"
    /// A transaction of a replica is on the disk, and nobody was told.
    case replicaCommitted = "replica-committed"

    #if DEBUG
        /// Told of each place that is reached; what it throws, the place throws.
        @TaskLocal package static var handler: (@Sendable (FaultPoint) throws -> Void)?
    #endif

    /// Says that the place is reached.
    package func reach() throws {
        #if DEBUG
            try Self.handler?(self)
        #endif
    }
}
