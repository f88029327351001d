import SatchelSync

/// What a few actors may do in a small world of which every history is walked.
struct SmallScope: Sendable {
    /// One thing that an actor does.
    enum Operation: Hashable, Sendable {
        /// Edits the record, resting on what the device has now.
        case edit(HistoryStep.Edit)
        /// Opens a form.
        case read
        /// Edits the record, resting on what the form showed.
        case formEdit(HistoryStep.Edit)
        /// Sends what waits and takes what the server has.
        case sync
        /// The same, and the server parks the first of what was sent.
        case parkedSync
        /// Sends what waits; the answer is lost.
        case send
        /// Writes anew in the place of the first edit that the device knows to be parked.
        case fix(HistoryStep.Edit)
        /// The operator releases the first of what is parked.
        case release

        /// Whether it touches nothing but its own device: such a one may change places with any operation of another.
        var isLocal: Bool {
            switch self {
            case .edit, .read, .formEdit: true
            case .sync, .parkedSync, .send, .fix, .release: false
            }
        }

        func steps(of device: Int) -> [HistoryStep] {
            let push = { (isParked: Bool) in HistoryStep.push(device: device, atMost: 100, isParked: isParked) }
            return switch self {
            case .edit(let edit): [.edit(device: device, record: 0, edit, fromForm: false)]
            case .read: [.read(device: device, record: 0)]
            case .formEdit(let edit): [.edit(device: device, record: 0, edit, fromForm: true)]
            case .sync: [push(false), .pull(device: device)]
            case .parkedSync: [push(true), .pull(device: device)]
            case .send: [push(false)]
            case .fix(let edit): [.fix(device: device, 0, edit)]
            case .release: [.release(0)]
            }
        }
    }

    /// Who acts: what he may do, and how often at most.
    struct Role: Sendable {
        let operations: [Operation]
        var countMax: Int
    }

    /// The policy, or what else of the merge is walked.
    let name: String
    /// What happened before: in no history is it left out.
    let opening: [HistoryStep]
    /// The devices by number; who only releases holds a device that does nothing.
    var actors: [Role]

    /// The same world with at most `count` operations an actor.
    func limited(to count: Int) -> SmallScope {
        var scope = self
        for index in scope.actors.indices { scope.actors[index].countMax = min(count, actors[index].countMax) }
        return scope
    }
}

extension SmallScope {
    /// Operations that each actor makes at most in the full run.
    static let countMax = 3

    /// A world for each policy, for the life of a record, and for the work that does not come in its turn.
    static let all: [SmallScope] = policies + [life, creation, forms, lostAnswers, parked, fixes]

    /// Three devices that write the same place, whatever its policy.
    private static let policies: [SmallScope] =
        HistorySchema.registers.enumerated().map { number, policy in
            scope(policy.word, edits: [.write(register: number, value: 0), .write(register: number, value: 1)])
        } + [
            scope("counter", edits: [.increment(1), .increment(-2)]),
            scope("set", opening: [.add(0)], edits: [.add(0), .remove(0)]),
            scope("map", opening: [.put(key: 0, value: 2)], edits: [.put(key: 0, value: 1), .put(key: 0, value: 0)]),
        ]

    private static let life = scope("life", edits: [.delete, .revive, .write(register: 0, value: 1)])

    /// No record is there before; that two create the same one is what an import on two devices does.
    private static let creation = SmallScope(
        name: "creation", opening: [],
        actors: threeDevices { _ in [.edit(.create), .edit(.write(register: 0, value: 1)), .edit(.delete), .sync] })

    /// Devices that keep a form open while they edit and fetch beside it.
    private static let forms = SmallScope(
        name: "forms", opening: shared([.write(register: 1, value: 2)]) + [.read(device: 0, record: 0)],
        actors: threeDevices {
            [.edit(.write(register: 1, value: ($0 + 1) % 3)), .read, .formEdit(.write(register: 1, value: $0)), .sync]
        })

    private static let lostAnswers = SmallScope(
        name: "lost answers", opening: shared([]),
        actors: threeDevices { [.edit(.write(register: 1, value: $0)), .send, .sync] })

    /// One device whose work the server parks, one that deletes beside it, and an operator who releases.
    private static let parked = SmallScope(
        name: "parked work", opening: shared([.write(register: 1, value: 0)]) + parkedWrite,
        actors: [
            Role(
                operations: [.edit(.write(register: 1, value: 2)), .edit(.delete), .sync, .parkedSync],
                countMax: countMax),
            Role(
                operations: [.edit(.write(register: 1, value: 0)), .edit(.delete), .sync, .parkedSync],
                countMax: countMax),
            Role(operations: [.release], countMax: 2),
        ])

    /// One device that fixes what the server parked, or discards it, and goes on; another that writes beside it.
    private static let fixes = SmallScope(
        name: "fixes", opening: shared([.write(register: 1, value: 0)]) + parkedWrite,
        actors: [
            Role(
                operations: [
                    .edit(.write(register: 1, value: 2)), .edit(.delete), .fix(.write(register: 1, value: 0)),
                    .fix(.nothing), .sync, .parkedSync,
                ], countMax: countMax),
            Role(operations: [.edit(.write(register: 1, value: 1)), .edit(.delete), .sync], countMax: countMax),
            Role(operations: [.release], countMax: 2),
        ])

    /// The first device has written, the server has parked it, and the device knows.
    private static let parkedWrite: [HistoryStep] = [
        .edit(device: 0, record: 0, .write(register: 1, value: 1), fromForm: false),
        .push(device: 0, atMost: 1, isParked: true), .pull(device: 0),
    ]

    private static func scope(
        _ name: String, opening: [HistoryStep.Edit] = [], edits: [HistoryStep.Edit]
    ) -> SmallScope {
        SmallScope(
            name: name, opening: shared(opening), actors: threeDevices { _ in edits.map { .edit($0) } + [.sync] })
    }

    private static func threeDevices(_ operations: (Int) -> [Operation]) -> [Role] {
        (0..<3).map { Role(operations: operations($0), countMax: countMax) }
    }

    /// A record that the first device made and all have.
    private static func shared(_ edits: [HistoryStep.Edit]) -> [HistoryStep] {
        ([.create] + edits).map { .edit(device: 0, record: 0, $0, fromForm: false) }
            + [.push(device: 0, atMost: 100, isParked: false)] + (0..<3).map { .pull(device: $0) }
    }
}
