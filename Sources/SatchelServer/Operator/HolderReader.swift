import SatchelInspection
import SatchelStorage
import SatchelSync

/// Tells which devices are known to have what was committed at a sequence.
///
/// The server writes nothing down when it serves. What a device had been served when it made an edit, the edit's contexts prove:
/// every change-set they name was applied at a sequence that the device had reached (causality.md §3.2), and with that sequence
/// everything before it.
struct HolderReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    /// When a device last came, as far as the running server knows better than the store.
    let lastSeen: (DeviceAccount) -> Timestamp?

    private static var readMax: Int { 500 }

    /// The server and every device, in the order of their enrolment; `dot` was made by `author`.
    ///
    /// - Complexity: O(devices × their latest change-sets, at most 500 of each).
    func holders(of dot: Dot?, at sequence: ServerSequence) throws -> [HolderExplanation] {
        let server = HolderExplanation(
            place: "server", hasIt: true,
            sentence: sequence == .zero ? "has it, out of the store" : "has it, at sequence \(sequence)")
        return [server] + (try snapshot.devices().map { try holder($0, of: dot, at: sequence) })
    }

    private func holder(_ device: DeviceAccount, of dot: Dot?, at sequence: ServerSequence) throws
        -> HolderExplanation
    {
        func holder(_ hasIt: Bool?, _ sentence: String) -> HolderExplanation {
            HolderExplanation(place: device.name, user: device.user, hasIt: hasIt, sentence: sentence)
        }
        if let dot, (dot.actor.releasedDot ?? dot).actor == device.actor { return holder(true, "made it") }
        if sequence == .zero { return holder(false, "was not served it: it is not in the store") }
        if let proof = try proof(that: device, reached: sequence) {
            return holder(true, "had it when it made \(proof.shortDescription)")
        }
        guard let last = lastSeen(device) else { return holder(false, "never came") }
        return holder(nil, "not known; last came \(last)")
    }

    /// An applied change-set of the device that names, in what its author had seen, one committed at the sequence or after.
    private func proof(that device: DeviceAccount, reached sequence: ServerSequence) throws -> Dot? {
        var counter = try snapshot.frontier(of: device.actor).counter
        for _ in 0..<Self.readMax where counter > 0 {
            let dot = Dot(device.actor, counter)
            counter -= 1
            guard let entry = try snapshot.logEntry(dot), entry.verdict.isApplied else { continue }
            // What came before cannot have been seen by older work.
            guard entry.sequence >= sequence else { return nil }
            for seen in try entry.changeSet()?.changes.flatMap(\.context.entries) ?? [] {
                if let reached = try snapshot.sequence(of: seen), reached >= sequence { return dot }
            }
        }
        return nil
    }
}
