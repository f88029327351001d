import SatchelStorage
import SatchelSync

extension Editor {
    /// Seals what plain SQL changed since the last turn (design §4).
    ///
    /// What fits becomes one change-set, or several where it touches more records than one may. What breaks the schema or a
    /// reference becomes a change-set of its own, parked at once and never dropped, so that it holds back nothing else.
    package func sealForeignWrites(label: String = "sql") throws {
        let captured = try transaction.takeCaptured()
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
        for start in stride(from: 0, to: sound.count, by: Limits.changesPerChangeSetMax) {
            let slice = sound[start..<min(start + Limits.changesPerChangeSetMax, sound.count)]
            _ = try seal(Draft(label: label, changes: Array(slice)), rejection: nil)
        }
        for (change, violation) in broken {
            _ = try seal(Draft(label: label, changes: [change]), rejection: Rejection(violation))
        }
    }
}
