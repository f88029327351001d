import SatchelStorage
import SatchelSync
import SatchelWire

// What a restored store takes otherwise than in its turn (causality.md §7).
extension Intake {
    /// Takes a change-set that an earlier life of the store has judged, as that one did.
    ///
    /// Applied is not validated again, parked stays parked, and what had come back comes back. Only what the store cannot hold as it
    /// stands now is parked: another device may have made a record of another type under the same id meanwhile.
    ///
    /// - Returns: Its entry; `nil` where it has to wait for a record that is not back yet.
    mutating func takeAgain(_ reoffer: Reoffer, bytes: [UInt8], digest: [UInt8]) throws -> LogEntry? {
        let changeSet = reoffer.offered.changeSet
        var placement = try transaction.snapshot.placement(of: changeSet.dot, changeSet)
        placement.isReoffered = true
        placement.digest = digest
        let need = try judge.need(of: changeSet)
        if need != nil, reoffer.verdict.isApplied, standing.isRecovering { return nil }
        let unfit = try need.map { .held($0) } ?? judge.misfit(in: changeSet).map { Verdict.rejected($0) }
        let parked = try obstacle(to: reoffer, unfit: unfit, byteCount: bytes.count, digest: digest, at: placement)
        let targets = changeSet.fixes == nil ? [] : try transaction.snapshot.fixed(by: changeSet)
        let created = try newRecords(of: changeSet)
        let entry = try merger.take(
            changeSet, bytes: bytes, digest: digest, at: placement, parked: parked, origin: origin,
            correctedTime: reoffer.correctedTime)
        if entry.verdict.isApplied {
            try settle(targets + [entry], as: entry.dot)
            try releaseWaiting(for: created)
        } else if entry.verdict.rejection?.code == SatchelError.Code.awaitsReturn.word, reoffer.isReleased, unfit == nil
        {
            if try enter(changeSet, logged: entry).isApplied { try releaseWaiting(for: created) }
        } else if case .held(let rejection) = entry.verdict, let record = rejection.record {
            // What it waited for may have come back before it.
            if try transaction.type(of: record) != nil { try releaseWaiting(for: [record]) }
        }
        return entry
    }

    /// The verdict that keeps out what an earlier life of the store has judged, or `nil` where it enters.
    ///
    /// `unfit` says why the store cannot hold it as it stands now.
    private func obstacle(
        to reoffer: Reoffer, unfit: Verdict?, byteCount: Int, digest: [UInt8], at placement: Placement
    ) throws -> Verdict? {
        let changeSet = reoffer.offered.changeSet
        if let rejection = reoffer.verdict.rejection, Self.isJudgedAnew(rejection) {
            return try obstacle(toRenamed: changeSet, digest: digest) ?? judge.unfitFix(changeSet)
                ?? judge.verdict(on: changeSet, byteCount: byteCount, at: placement)
        }
        if let double = try double(of: changeSet.dot, digest: digest) { return double }
        if reoffer.verdict.rejection.map(\.isReturn) ?? reoffer.verdict.isApplied {
            return try judge.missingAlone(to: changeSet).map { .held(.awaitingReturn(of: $0)) } ?? unfit
        }
        guard reoffer.verdict == .reissued else { return reoffer.verdict }
        // A released one whose record is not back yet is held on it again: what brings the record may stand behind it in its line.
        return reoffer.isReleased ? unfit ?? .rejected(Self.releasedBefore) : .rejected(Self.fixedBefore)
    }

    /// Whether what was parked so comes as if for the first time: it was held for what a restore has cost the store, or is there under
    /// another name, which may not come back.
    private static func isJudgedAnew(_ rejection: Rejection) -> Bool {
        rejection.isDuplicate || rejection.code == SatchelError.Code.inRecovery.word
            || rejection.code == SatchelError.Code.awaitsReturn.word && !rejection.isReturn
    }

    /// The fixes and discards that came before what they stand in the place of had come back, by the digest of that.
    ///
    /// - Complexity: O(those that wait so).
    func fixesWaitingForReturn() throws -> [[UInt8]: [ParkedWork]] {
        var waiting: [[UInt8]: [ParkedWork]] = [:]
        for work in try transaction.snapshot.waitingForReturn() {
            guard let changeSet = try transaction.snapshot.logEntry(work.dot)?.changeSet() else { continue }
            let last = try transaction.snapshot.fixed(by: changeSet).last?.changeSet() ?? changeSet
            if let missing = last.fixes { waiting[missing, default: []].append(work) }
        }
        return waiting
    }

    /// Lets in those that waited for one that is back: the last of a chain, which closes it.
    func releaseFixes(_ waiting: [ParkedWork]) throws {
        for work in waiting.reversed() { try releaseWaiting(for: try enterWaiting(work)) }
    }

    /// Why a change-set that had another name in an earlier life of the store does not go in: it is there, or it would be counted
    /// twice if that name comes back.
    func obstacle(toRenamed changeSet: ChangeSet, digest: [UInt8]) throws -> Verdict? {
        if let double = try double(of: changeSet.dot, digest: digest) { return double }
        guard standing.isRecovering, changeSet.hasIncrements else { return nil }
        return .held(
            Rejection(
                code: SatchelError.Code.inRecovery.word, record: nil, field: nil,
                sentence: "It adds to a counter, and may have done so before the store was restored."))
    }

    /// The verdict on a change-set that is applied under another name.
    func double(of dot: Dot, digest: [UInt8]) throws -> Verdict? {
        let snapshot = transaction.snapshot
        let first = try snapshot.otherNames(of: dot).first { name in
            guard let entry = try snapshot.logEntry(name), entry.digest == digest, try !entry.isOutline else {
                return false
            }
            return try entry.verdict.isApplied || snapshot.parkedWork(name)?.reissuedAs != nil
        }
        return first.map {
            .rejected(
                Rejection(
                    code: SatchelError.Code.duplicate.word, record: nil, field: nil,
                    sentence: "The same change-set is in the store as \($0)."))
        }
    }

    private static var releasedBefore: Rejection {
        Rejection(
            code: SatchelError.Code.awaitsReturn.word, record: nil, field: nil,
            sentence: "It was released before the store was restored, and comes back so.")
    }

    private static var fixedBefore: Rejection {
        Rejection(
            code: SatchelError.Code.awaitsReturn.word, record: nil, field: nil,
            sentence: "It was fixed before the store was restored; the fix comes behind it.")
    }
}

extension Rejection {
    /// Why work is held that an earlier life of the store had applied.
    fileprivate static func awaitingReturn(of record: RecordID) -> Rejection {
        Rejection(
            code: SatchelError.Code.awaitsReturn.word, record: record, field: nil,
            sentence: "It was applied before the store was restored; record \(record) has not come back.")
    }

    /// Whether what waits so had been applied by an earlier life of the store, and writes the one record that it waits for.
    ///
    /// As long as the record is missing nobody can read it, so a context that covers such work is of the life in which it was applied: who
    /// names it had seen it. Of other parked work that cannot be said (causality.md §2).
    var isReturn: Bool { code == SatchelError.Code.awaitsReturn.word && record != nil }
}

extension ChangeSet {
    /// Whether some write adds to a counter.
    var hasIncrements: Bool {
        changes.contains { change in change.writes.contains(where: \.write.isIncrement) }
    }
}

extension FieldWrite {
    /// Whether it adds to a counter.
    var isIncrement: Bool { if case .counter = self { true } else { false } }
}
