import SatchelStorage
import SatchelSync
import SatchelWire

extension ParkedWork {
    /// Whether it came back by its release, and not by a fix.
    var isReleased: Bool { reissuedAs?.actor.releasedDot == dot }

    /// The name that has come back in its place, as it was made.
    fileprivate var successor: Dot? { reissuedAs.map { $0.actor.releasedDot ?? $0 } }
}

// What a device is told of its change-sets after their first verdict.
extension ServerSnapshot {
    /// The last verdict on a change-set of the log.
    func presentVerdict(_ entry: LogEntry) throws -> VerdictEntry {
        let work = entry.verdict.isApplied ? nil : try parkedWork(entry.dot)
        let verdict = work?.verdict ?? entry.verdict
        return VerdictEntry(
            counter: entry.dot.counter, verdict: verdict, correctedTime: entry.correctedAt,
            timeErrorMilliseconds: entry.timeErrorMilliseconds, isReleased: work?.isReleased ?? false,
            original: try original(of: entry, verdict, work))
    }

    /// The name under which the store has a duplicate, or what came back under another name than this one.
    private func original(of entry: LogEntry, _ verdict: Verdict, _ work: ParkedWork?) throws -> Dot? {
        let first =
            if verdict.rejection?.isDuplicate == true {
                try double(of: entry.dot, digest: entry.digest)
            } else if let successor = work?.successor, try logEntry(successor)?.digest == entry.digest {
                successor
            } else {
                nil as Dot?
            }
        return first == entry.dot ? nil : first
    }

    /// Of the parked change-sets that a request asks after, those that came back, and those that are parked for another reason
    /// than at first.
    ///
    /// Of those that the device made as another actor it is told too.
    func news(of request: SyncRequest, from device: DeviceAccount) throws -> [VerdictEntry] {
        if Mutant.newsWithheld.isPlanted { return [] }
        let offered = Set(request.changeSets.map(\.changeSet.dot.counter))
        let own = request.parked.filter { !offered.contains($0) }.map { Dot(request.actor, $0) }
        let former = try request.formerParked.filter { try line(of: $0.actor)?.device == device.key }
        return try (own + former).compactMap { dot in
            guard let work = try parkedWork(dot), let entry = try logEntry(dot), work.verdict != entry.verdict else {
                return nil
            }
            return VerdictEntry(
                counter: dot.counter, verdict: work.verdict, correctedTime: entry.correctedAt,
                formerActor: dot.actor == request.actor ? nil : dot.actor,
                timeErrorMilliseconds: entry.timeErrorMilliseconds, isReleased: work.isReleased,
                original: try original(of: entry, work.verdict, work))
        }
    }
}
