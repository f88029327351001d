import SatchelInspection
import SatchelStorage
import SatchelSync

/// Tells which devices are known to have what was committed at a sequence.
///
/// What a device had when it last came, its checkpoint proves: everything up to that sequence. What that visit brought it says
/// with the next one.
struct HolderReader<Snapshot: ServerSnapshot> {
    let snapshot: Snapshot
    /// The last visit of a device, as far as anybody knows.
    let lastVisit: (DeviceAccount) -> DevicePresence.Visit?

    /// The server and every device, in the order of their enrolment.
    ///
    /// - Complexity: O(devices).
    func holders(of dot: Dot?, at sequence: ServerSequence) throws -> [HolderExplanation] {
        let server = HolderExplanation(
            place: "server", hasIt: true,
            sentence: sequence == .zero ? "has it, out of the store" : "has it, at sequence \(sequence)")
        return [server] + (try snapshot.devices().map { try holder($0, of: dot, at: sequence) })
    }

    private func holder(_ device: DeviceAccount, of dot: Dot?, at sequence: ServerSequence) throws -> HolderExplanation
    {
        func holder(_ hasIt: Bool?, _ sentence: String) -> HolderExplanation {
            HolderExplanation(place: device.name, user: device.user, hasIt: hasIt, sentence: sentence)
        }
        let lines = try snapshot.lines(ofDevice: device.key)
        if let dot, lines.contains(where: { $0.actor == (dot.actor.releasedDot ?? dot).actor }) {
            return holder(true, "made it")
        }
        if sequence == .zero { return holder(false, "was not served it: it is not in the store") }
        guard let visit = lastVisit(device) else { return holder(false, "never came") }
        let reached =
            visit.checkpoint == .zero ? "had nothing yet" : "had all up to sequence \(visit.checkpoint)"
        if visit.checkpoint >= sequence { return holder(true, "\(reached) when it last came, \(visit.time)") }
        return holder(nil, "\(reached) when it last came, \(visit.time); what it got then it says with its next sync")
    }
}
