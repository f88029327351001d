import SatchelStorage
import SatchelSync

extension Editor {
    /// Seals what plain SQL changed since the last turn (design §4).
    ///
    /// What fits becomes one change-set, or several where it touches more records than one may. What breaks the schema or a
    /// reference becomes a change-set of its own, parked at once and never dropped, so that it holds back nothing else.
    package func sealForeignWrites(label: String = "sql") throws {
        let captured = try transaction.takeCaptured(bytesMax: Self.foreignBytesMax)
        let changes = captured.map(\.change)
        var sound: [DraftChange] = []
        var broken: [(DraftChange, Violation)] = []
        for edit in captured {
            do {
                if let violation = edit.violation { throw violation }
                try check(edit.change, beside: changes)
                sound.append(edit.change)
            } catch let violation as Violation {
                broken.append((edit.change, violation))
            }
        }
        for slice in try slices(of: sound) { _ = try seal(Draft(label: label, changes: slice), rejection: nil) }
        for (change, violation) in broken {
            _ = try seal(Draft(label: label, changes: [change]), rejection: Rejection(violation))
        }
    }

    /// Cuts edits into change-sets that keep the limits of number and of bytes, contexts included.
    private func slices(of changes: [DraftChange]) throws -> [[DraftChange]] {
        var slices: [[DraftChange]] = []
        var byteCount = 0
        for change in changes {
            let actors = try transaction.record(change.record)?.state.context.count ?? 0
            let size = change.byteCount + actors * Self.contextEntryBytesMax
            let fits = byteCount + size <= Self.foreignBytesMax
            if let last = slices.last, last.count < Limits.changesPerChangeSetMax, fits {
                slices[slices.count - 1].append(change)
                byteCount += size
            } else {
                slices.append([change])
                byteCount = size
            }
        }
        return slices
    }

    /// Half of what a change-set may take: the rest is for the contexts of the last edit, and for its head.
    private static let foreignBytesMax = Limits.changeSetBytesMax / 2
    private static let contextEntryBytesMax = 32
}
