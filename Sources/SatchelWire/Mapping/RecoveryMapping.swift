import SatchelSync

extension SyncRequest {
    /// Writes what the request offers to a restored store.
    func writeRecovery(
        to message: inout ProtoSyncRequest, _ format: WireFormat
    ) throws(SatchelError) {
        message.renamedThrough = renamedThrough
        message.lines = lines.map { line in
            var message = ProtoLineClaim()
            message.actor = WireBytes.id(line.actor.high, line.actor.low)
            guard let origin = line.origin else { return message }
            message.fork = ProtoForkPoint(origin.point)
            message.epoch = WireBytes.id(origin.epoch.high, origin.epoch.low)
            message.forkDigest = WireBytes.data(origin.digest)
            message.firstDigest = WireBytes.data(origin.firstDigest)
            return message
        }
        if !reoffers.isEmpty { message.reoffers = try ProtoReoffers(reoffers, format) }
        guard !states.records.isEmpty else { return }
        switch format {
        case .protobuf: message.states.columns = WireBytes.data(try ColumnBody.encode(states.records, .nothing))
        case .json: message.states = try ProtoRecords(states.records)
        }
        message.stateActors = states.actors.map(ProtoActorEntry.init)
    }
}

extension ProtoReoffers {
    fileprivate init(_ reoffers: [Reoffer], _ format: WireFormat) throws(SatchelError) {
        self.init()
        let offered = reoffers.map(\.offered)
        switch format {
        case .protobuf:
            columns = WireBytes.data(try ColumnBody.encode(offered, of: nil, .nothing))
        case .json:
            var mentioned: Set<ActorID> = []
            for offered in offered { offered.insertActors(into: &mentioned) }
            let dictionary = ActorDictionary(mentioned)
            actors = dictionary.names
            var last: Int64 = 0
            changeSets = offered.map { $0.message(dictionary, after: &last) }
        }
        verdicts =
            ProtoVerdicts(
                reoffers.map {
                    VerdictEntry(
                        counter: $0.offered.changeSet.dot.counter, verdict: $0.verdict,
                        correctedTime: $0.correctedTime, formerActor: $0.offered.changeSet.dot.actor,
                        isReleased: $0.isReleased)
                }
            ).verdicts
    }
}

/// What a request offers to a restored store, as it is read.
struct RecoveryParts {
    var reoffered: [OfferedChangeSet] = []
    var states: [RecordDelta] = []
}

extension RecoveryParts {
    /// Reads what stands in a message as columns.
    init(columnsOf message: ProtoSyncRequest) throws(SatchelError) {
        if message.hasReoffers {
            reoffered = try ColumnBody.decodeChangeSets(
                WireBytes.array(message.reoffers.columns), of: nil, epoch: nil, .nothing)
        }
        if message.hasStates {
            states = try ColumnBody.decodeRecords(WireBytes.array(message.states.columns), .nothing)
        }
    }
}

extension FormReader {
    /// Reads what stands in a message as rows.
    mutating func recoveryParts(_ message: ProtoSyncRequest) throws(FormError) -> RecoveryParts {
        var parts = RecoveryParts()
        if message.hasReoffers {
            parts.reoffered = try inside("reoffers") { (reader) throws(FormError) in
                guard message.reoffers.columns.isEmpty else {
                    throw reader.fault("columns", takes: "nothing in JSON")
                }
                try reader.readDictionary(message.reoffers.actors)
                var last: Int64 = 0
                return try reader.each("change_sets", message.reoffers.changeSets) {
                    (reader, offered) throws(FormError) in
                    try reader.offered(offered, after: &last)
                }
            }
        }
        if message.hasStates {
            parts.states = try inside("states") { (reader) throws(FormError) in try reader.records(message.states) }
        }
        return parts
    }

    mutating func reoffers(
        _ message: ProtoReoffers, _ offered: [OfferedChangeSet]
    ) throws(FormError) -> [Reoffer] {
        try count(offered.count, "reoffers", max: Limits.changeSetsPerPushMax)
        var verdicts = ProtoVerdicts()
        verdicts.verdicts = message.verdicts
        let entries = try inside("reoffers") { (reader) throws(FormError) in try reader.verdicts(verdicts) }
        guard entries.count == offered.count else { throw fault("reoffers", takes: "a verdict for each change-set") }
        var reoffers: [Reoffer] = []
        for (offered, entry) in zip(offered, entries) {
            guard offered.digest != nil, entry.formerActor == offered.changeSet.dot.actor,
                entry.counter == offered.changeSet.dot.counter
            else {
                throw fault("reoffers", takes: "change-sets with their digests, and their verdicts in the same order")
            }
            reoffers.append(
                Reoffer(
                    offered: offered, verdict: entry.verdict, correctedTime: entry.correctedTime,
                    isReleased: entry.isReleased))
        }
        return reoffers
    }

    mutating func lines(_ messages: [ProtoLineClaim]) throws(FormError) -> [LineClaim] {
        try count(messages.count, "lines", max: WireLimits.linesMax)
        return try each("lines", messages) { (reader, line) throws(FormError) in
            let actor = try reader.ordinaryActor(line.actor, "actor")
            guard line.hasFork else { return LineClaim(actor: actor, origin: nil) }
            return LineClaim(
                actor: actor,
                origin: LineClaim.Origin(
                    point: try reader.forkPoint(line.fork), epoch: try reader.epoch(line.epoch),
                    digest: try line.forkDigest.isEmpty ? [] : reader.digest(line.forkDigest, "fork_digest"),
                    firstDigest: try reader.digest(line.firstDigest, "first_digest")))
        }
    }

    mutating func actorEntries(
        _ messages: [ProtoActorEntry], _ name: StaticString
    ) throws(FormError) -> [ActorEntry] {
        try each(name, messages) { (reader, entry) throws(FormError) in
            ActorEntry(actor: try reader.actor(entry.actor), user: entry.user, device: entry.device)
        }
    }

    mutating func recoveryPhase(_ message: ProtoRecovery) throws(FormError) -> RecoveryPhase {
        switch message {
        case .none: .none
        case .running: .running
        case .open: .open
        case .UNRECOGNIZED: throw fault("recovery", takes: "none, running or open")
        }
    }
}

extension ProtoActorEntry {
    init(_ entry: ActorEntry) {
        self.init()
        actor = ActorDictionary.name(entry.actor)
        user = entry.user
        device = entry.device
    }
}

extension ProtoRecovery {
    init(_ phase: RecoveryPhase) {
        switch phase {
        case .none: self = .none
        case .running: self = .running
        case .open: self = .open
        }
    }
}
