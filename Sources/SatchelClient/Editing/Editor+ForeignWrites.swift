import SatchelStorage
import SatchelSync

extension Editor {
    /// Seals what plain SQL changed since the last turn (design §4).
    ///
    /// What fits becomes one change-set, or several where it touches more records than one may. What breaks the schema or a
    /// reference becomes a change-set of its own, parked at once and never dropped, so that it holds back nothing else.
    package func sealForeignWrites(label: String = "sql") throws {
        let captured = try transaction.takeCaptured(bytesMax: Self.foreignBytesMax)
        let (sound, broken) = try sorted(captured)
        for slice in try slices(of: Self.parentsFirst(try withCascades(sound))) {
            _ = try seal(Draft(label: label, changes: slice), rejection: nil)
        }
        for (change, violation) in broken {
            _ = try seal(Draft(label: label, changes: [change]), rejection: Rejection(violation))
        }
    }

    /// Tells edits that fit from those that do not.
    ///
    /// What refers to a record whose making does not fit, does not fit either.
    private func sorted(
        _ captured: [CapturedEdit]
    ) throws -> (sound: [DraftChange], broken: [(DraftChange, Violation)]) {
        var sound: [DraftChange] = []
        var broken: [(DraftChange, Violation)] = []
        for edit in captured {
            if let violation = edit.violation {
                broken.append((edit.change, violation))
            } else {
                sound.append(edit.change)
            }
        }
        var isSettled = false
        while !isSettled {
            isSettled = true
            let others = sound
            sound.removeAll { change in
                guard let violation = violation(of: change, beside: others) else { return false }
                broken.append((change, violation))
                isSettled = false
                return true
            }
        }
        return (sound, broken)
    }

    /// Why an edit would be refused; a failure of the store counts as one, for nothing of it may be lost here.
    private func violation(of change: DraftChange, beside others: [DraftChange]) -> Violation? {
        do {
            try check(change, beside: others)
            return nil
        } catch let violation as Violation {
            return violation
        } catch {
            return Violation(.internalError, record: change.record, "The edit could not be checked: \(error).")
        }
    }

    /// Puts new records behind those that they refer to, so that no change-set needs one that comes later.
    ///
    /// A circle of new
    /// records keeps the order of ids.
    private static func parentsFirst(_ changes: [DraftChange]) -> [DraftChange] {
        let created = Dictionary(
            changes.filter { $0.life == .create }.map { ($0.record, $0) }, uniquingKeysWith: { first, _ in first })
        var depths: [RecordID: Int] = [:]
        func depth(_ change: DraftChange, below path: Set<RecordID>) -> Int {
            if let known = depths[change.record] { return known }
            let parents = change.unsealed.references.filter { $0 != change.record && !path.contains($0) }
            let deepest =
                parents.compactMap { created[$0] }
                .map { depth($0, below: path.union([change.record])) + 1 }.max() ?? 0
            depths[change.record] = deepest
            return deepest
        }
        let ranked = changes.enumerated().map { (rank: depth($1, below: [$1.record]), place: $0, change: $1) }
        return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.change)
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
