/// One thing that somebody does, or that happens, at its time.
///
/// What it means in full follows from its number and from what stands, so leaving steps out of a script leaves a script.
package struct Step: Codable, Hashable, Sendable {
    /// What is done.
    package enum Action: String, Codable, Hashable, Sendable, CaseIterable {
        /// A rep edits through the library.
        case edit
        /// An application edits by plain SQL.
        case sql
        /// A rep moves an amount from one purse to the other, in one change-set.
        case move
        /// A rep opens a form, which a later edit rests on.
        case read
        /// A rep settles a conflict on the device.
        case resolve
        /// A rep fixes or discards parked work.
        case reissue
        /// A device syncs.
        case sync
        /// A device's process dies at one of its next steps.
        case crashDevice
        /// A device's clock is set.
        case setClock
        /// The office edits at the server.
        case office
        /// An inspector settles a conflict at the server.
        case inspect
        /// An operator releases parked work.
        case release
        /// A rule of the house comes or goes.
        case rule
        /// The server's disk stops answering for a while.
        case stall
        /// The server's process dies at one of its next steps.
        case crashServer
        /// A device is cut off for a while, in one direction or both.
        case cutOff
        /// A device's home is copied, and both go on.
        case clone
        /// A device's home is put back to how it was.
        case rollBack
        /// The server's store is restored from a backup.
        case restore
        /// The schema gains a field.
        case upgrade
        /// A rep takes back what was made last.
        case undo
    }

    /// When, in milliseconds since the simulation began.
    package var at: Int64
    /// What is done.
    package var action: Action
    /// Whose device; 0 where none is meant.
    package var device: Int
    /// Where everything random of the step is drawn from.
    package var seed: UInt32
    /// How much of it: changes of an edit, steps until a crash, minutes of a stall.
    package var size: Int?
    /// What the line does to a sync.
    package var line: LinePlan?

    /// The step without what makes it larger than it need be, one simplification each.
    var simpler: [Step] {
        var found: [Step] = []
        if line != nil {
            var step = self
            step.line = nil
            found.append(step)
        }
        if let size, size > 1 {
            var step = self
            step.size = size / 2
            found.append(step)
        }
        return found
    }
}
