import SatchelSync

extension ConflictItemReport {
    /// Describes a contested life: on one side what keeps the record alive, on the other the deletes.
    ///
    /// The record stays visible until a person decides, so the living side is the winner.
    init(lifeOf state: RecordState, type: EntityType, context: InspectionContext) throws {
        subject = "life"
        token = state.token(of: .life)
        label = "life of the record"
        severity = .decide
        policy = "life"
        base = nil
        let deletes = state.life.filter(\.isDelete)
        let survivors = Survivor.all(in: state, type: type)
        let living = try survivors.map { survivor in
            try WriterReport(
                dot: survivor.dot, time: survivor.time, fields: survivor.fields, others: deletes.map(\.dot),
                context: context)
        }
        let dead = try deletes.map { pair in
            try WriterReport(
                dot: pair.dot, time: pair.time, seen: pair.deletingContext, others: survivors.map(\.dot),
                context: context)
        }
        siblings = [
            SiblingReport(
                number: 1, value: ShownValue(content: .life(isAlive: true), text: Self.livingText(living)),
                isWinner: true, writers: living),
            SiblingReport(
                number: 2,
                value: ShownValue(
                    content: .life(isAlive: false),
                    text: "deleted by \(dead.map(\.userText).joined(separator: " and by "))"),
                isWinner: false, writers: dead),
        ]
        winnerReason = "a person must decide; the record stays visible until then"
    }

    private static func livingText(_ writers: [WriterReport]) -> String {
        guard !writers.isEmpty else { return "alive: living records refer to it" }
        return writers.map { writer in
            writer.fields.isEmpty
                ? "alive by \(writer.userText)"
                : "edited by \(writer.userText) (\(writer.fields.joined(separator: ", ")))"
        }.joined(separator: "; ")
    }
}

/// A change-set that no standing delete had seen, and what it wrote.
private struct Survivor {
    let dot: Dot
    let time: Timestamp
    var fields: [String]

    /// The survivors in dot order.
    static func all(in state: RecordState, type: EntityType) -> [Survivor] {
        var covered = DeletingContext(vector: VersionVector())
        var byDot: [Dot: Survivor] = [:]
        for pair in state.life {
            if case .deleted(let context) = pair.mark {
                covered = covered.union(context)
            } else {
                byDot[pair.dot] = Survivor(dot: pair.dot, time: pair.time, fields: [])
            }
        }
        for entry in state.fields {
            let name = type.field(entry.field)?.name ?? "field \(entry.field.number)"
            for stamp in entry.state.stamps where !covered.covers(stamp.dot) {
                var survivor = byDot[stamp.dot] ?? Survivor(dot: stamp.dot, time: stamp.time, fields: [])
                if survivor.fields.last != name { survivor.fields.append(name) }
                byDot[stamp.dot] = survivor
            }
        }
        return byDot.values.sorted { $0.dot < $1.dot }
    }
}

extension LifePair {
    fileprivate var deletingContext: VersionVector? {
        if case .deleted(let context) = mark { context.vector } else { nil }
    }
}
