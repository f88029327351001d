import SatchelSync

extension SyncRequest {
    /// The request as a message: its change-sets as rows in JSON, and as columns in protobuf.
    func message(_ format: WireFormat, _ agreement: WireAgreement) throws(SatchelError) -> ProtoSyncRequest {
        var message = header()
        try writeRecovery(to: &message, format)
        switch format {
        case .protobuf:
            guard !changeSets.isEmpty else { break }
            message.columns = WireBytes.data(try ColumnBody.encode(changeSets, of: actor, agreement))
        case .json:
            var mentioned: Set<ActorID> = []
            for offered in changeSets { offered.insertActors(into: &mentioned) }
            let actors = ActorDictionary(mentioned)
            message.actors = actors.names
            var last: Int64 = 0
            message.changeSets = changeSets.map { $0.message(actors, after: &last) }
        }
        return message
    }

    private func header() -> ProtoSyncRequest {
        var message = ProtoSyncRequest()
        message.protocolVersion = protocolVersion
        message.schemaVersion = schemaVersion
        message.epoch = WireBytes.id(epoch.high, epoch.low)
        message.actor = WireBytes.id(actor.high, actor.low)
        message.highestCounter = highestCounter
        if let confirmed {
            message.confirmed.counter = confirmed.counter
            message.confirmed.digest = WireBytes.data(confirmed.digest)
        }
        message.forkToken = WireBytes.data(forkToken)
        if let checkpoint { message.checkpoint = ProtoCheckpoint(checkpoint) }
        message.resumeAfter = resumeAfter?.number ?? 0
        message.deviceTime = deviceTime.milliseconds
        message.scopeVersion = scopeVersion
        message.wantsRecords = wantsRecords
        message.parked = parked
        if let fork { message.fork = ProtoForkPoint(fork) }
        message.wantsFork = wantsFork
        if let clock {
            message.clock.offset = clock.milliseconds
            message.clock.error = UInt64(clock.errorMilliseconds)
        }
        for dot in formerParked {
            let actor = WireBytes.id(dot.actor.high, dot.actor.low)
            if message.formerParked.last?.actor != actor {
                message.formerParked.append(ProtoFormerParked())
                message.formerParked[message.formerParked.count - 1].actor = actor
            }
            message.formerParked[message.formerParked.count - 1].counters.append(dot.counter)
        }
        return message
    }
}

extension ProtoForkPoint {
    init(_ point: ForkPoint) {
        self.init()
        actor = WireBytes.id(point.actor.high, point.actor.low)
        counter = point.counter
    }
}

extension ProtoCheckpoint {
    init(_ checkpoint: Checkpoint) {
        self.init()
        epoch = WireBytes.id(checkpoint.epoch.high, checkpoint.epoch.low)
        sequence = checkpoint.sequence.number
        proof = WireBytes.data(checkpoint.proof)
    }
}

extension FormReader {
    /// The change-sets that stand in a message as rows.
    mutating func changeSets(of message: ProtoSyncRequest) throws(FormError) -> [OfferedChangeSet] {
        guard message.columns.isEmpty else { throw fault("columns", takes: "nothing in JSON") }
        try count(message.changeSets.count, "change_sets", max: Limits.changeSetsPerPushMax)
        try readDictionary(message.actors)
        var last: Int64 = 0
        return try each("change_sets", message.changeSets) { (reader, offered) throws(FormError) in
            try reader.offered(offered, after: &last)
        }
    }

    /// The request of a message, with the change-sets that stand in it as rows or as columns.
    mutating func request(
        _ message: ProtoSyncRequest, _ changeSets: [OfferedChangeSet], _ recovery: RecoveryParts
    ) throws(FormError) -> SyncRequest {
        if let last = changeSets.last, last.digest == nil {
            throw fault("change_sets", takes: "a digest with the last change-set, for all of the push")
        }
        let confirmed =
            try !message.hasConfirmed
            ? nil
            : inside("confirmed") { (reader) throws(FormError) in
                ConfirmedMark(
                    counter: try reader.counter(message.confirmed.counter, "counter"),
                    digest: try reader.digest(message.confirmed.digest))
            }
        let checkpoint = try !message.hasCheckpoint ? nil : checkpoint(message.checkpoint)
        let parked = try parkedCounters(message.parked, "parked")
        let resumeAfter = try counterOrZero(message.resumeAfter, "resume_after")
        return SyncRequest(
            protocolVersion: message.protocolVersion, schemaVersion: message.schemaVersion,
            epoch: try epoch(message.epoch), actor: try ordinaryActor(message.actor, "actor"),
            highestCounter: try counterOrZero(message.highestCounter, "highest_counter"), confirmed: confirmed,
            forkToken: try opaque(message.forkToken, "fork_token", bytesMax: WireLimits.forkTokenBytesMax),
            checkpoint: checkpoint, resumeAfter: resumeAfter == 0 ? nil : ServerSequence(resumeAfter),
            deviceTime: try time(message.deviceTime, "device_time"),
            scopeVersion: try counterOrZero(message.scopeVersion, "scope_version"),
            changeSets: changeSets, parked: parked, wantsRecords: message.wantsRecords,
            fork: try !message.hasFork ? nil : forkPoint(message.fork), wantsFork: message.wantsFork,
            formerParked: try formerParked(message.formerParked),
            clock: try !message.hasClock ? nil : clockOffset(message.clock),
            lines: try lines(message.lines),
            reoffers: try reoffers(message.reoffers, recovery.reoffered),
            states: OfferedStates(
                records: recovery.states, actors: try actorEntries(message.stateActors, "state_actors")),
            renamedThrough: try counterOrZero(message.renamedThrough, "renamed_through"))
    }

    private mutating func clockOffset(_ message: ProtoClockReading) throws(FormError) -> ClockOffset {
        try inside("clock") { (reader) throws(FormError) in
            // Any clock is taken, whatever it says: only what no two instants are apart is not.
            guard message.offset.magnitude <= Limits.counterMax else {
                throw reader.fault("offset", takes: "the difference of two instants")
            }
            return ClockOffset(
                milliseconds: message.offset,
                errorMilliseconds: Int64(try reader.counterOrZero(message.error, "error")))
        }
    }

    private mutating func parkedCounters(_ counters: [UInt64], _ name: StaticString) throws(FormError) -> [UInt64] {
        try count(counters.count, name, max: Limits.parkedPerRequestMax)
        guard isAscending(counters), counters.allSatisfy({ (1...Limits.counterMax).contains($0) }) else {
            throw fault(name, takes: "counters in strictly ascending order")
        }
        return counters
    }

    private mutating func formerParked(_ messages: [ProtoFormerParked]) throws(FormError) -> [Dot] {
        let groups = try each("former_parked", messages) { (reader, message) throws(FormError) -> [Dot] in
            let actor = try reader.ordinaryActor(message.actor, "actor")
            guard !message.counters.isEmpty else { throw reader.fault("counters", takes: "at least one counter") }
            return try reader.parkedCounters(message.counters, "counters").map { Dot(actor, $0) }
        }
        guard isAscending(groups.map { $0[0].actor }) else {
            throw fault("former_parked", takes: "actors in strictly ascending order")
        }
        let dots = groups.flatMap(\.self)
        try count(dots.count, "former_parked", max: Limits.parkedPerRequestMax)
        return dots
    }

    /// Where an actor was forked.
    mutating func forkPoint(_ message: ProtoForkPoint) throws(FormError) -> ForkPoint {
        try inside("fork") { (reader) throws(FormError) in
            ForkPoint(
                actor: try reader.ordinaryActor(message.actor, "actor"),
                counter: try reader.counterOrZero(message.counter, "counter"))
        }
    }

    mutating func checkpoint(_ message: ProtoCheckpoint) throws(FormError) -> Checkpoint {
        try inside("checkpoint") { (reader) throws(FormError) in
            Checkpoint(
                epoch: try reader.epoch(message.epoch),
                sequence: ServerSequence(try reader.counterOrZero(message.sequence, "sequence")),
                proof: try reader.opaque(message.proof, "proof", bytesMax: WireLimits.proofBytesMax))
        }
    }
}
