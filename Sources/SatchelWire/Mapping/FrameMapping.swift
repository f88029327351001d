import SatchelSync

extension SyncFrame {
    func message(_ format: WireFormat, _ agreement: WireAgreement) throws(SatchelError) -> ProtoSyncFrame {
        var message = ProtoSyncFrame()
        switch self {
        case .opening(let opening): message.opening = opening.message()
        case .verdicts(let entries): message.verdicts = ProtoVerdicts(entries)
        case .actors(let entries):
            message.actors.actors = entries.map(ProtoActorEntry.init)
        case .records(let deltas):
            switch format {
            case .protobuf: message.records.columns = WireBytes.data(try ColumnBody.encode(deltas, agreement))
            case .json: message.records = try ProtoRecords(deltas)
            }
        case .closing(let closing):
            message.closing.checkpoint = ProtoCheckpoint(closing.checkpoint)
            message.closing.scopeVersion = closing.scopeVersion
        case .failure(let problem): message.failure = ProtoProblem(problem)
        case .fork(let point): message.fork = ProtoForkPoint(point)
        }
        return message
    }
}

extension Opening {
    fileprivate func message() -> ProtoOpening {
        var message = ProtoOpening()
        message.epoch = WireBytes.id(epoch.high, epoch.low)
        message.schemaVersion = schemaVersion
        message.serverTime = serverTime.milliseconds
        message.held = UInt64(max(0, serverTime.milliseconds - receivedAt.milliseconds))
        message.forkToken = WireBytes.data(forkToken)
        message.frontier = frontier
        if let backup {
            message.backedUpCount = backup.count
            message.backedUpAt = backup.madeAt.milliseconds
        }
        message.lineFrontiers = lineFrontiers.map { line in
            var message = ProtoLineFrontier()
            message.actor = WireBytes.id(line.actor.high, line.actor.low)
            message.counter = line.counter
            return message
        }
        message.recovery = ProtoRecovery(recovery)
        return message
    }
}

extension FormReader {
    mutating func frame(_ message: ProtoSyncFrame) throws(FormError) -> SyncFrame {
        switch message.kind {
        case .opening(let opening):
            return .opening(try inside("opening") { (reader) throws(FormError) in try reader.opening(opening) })
        case .verdicts(let verdicts):
            return .verdicts(try inside("verdicts") { (reader) throws(FormError) in try reader.verdicts(verdicts) })
        case .actors(let actors):
            return .actors(try actorEntries(actors.actors, "actors"))
        case .records(let records):
            return .records(try inside("records") { (reader) throws(FormError) in try reader.records(records) })
        case .closing(let closing):
            return .closing(try inside("closing") { (reader) throws(FormError) in try reader.closing(closing) })
        case .failure(let problem):
            return .failure(try inside("failure") { (reader) throws(FormError) in try reader.problem(problem) })
        case .fork(let point): return .fork(try forkPoint(point))
        case nil: throw fault(takes: "one kind of frame")
        }
    }

    private mutating func opening(_ message: ProtoOpening) throws(FormError) -> Opening {
        let serverTime = try time(message.serverTime, "server_time")
        let held = Int64(try counterOrZero(message.held, "held"))
        return Opening(
            epoch: try epoch(message.epoch), schemaVersion: message.schemaVersion,
            receivedAt: try time(serverTime.milliseconds - held, "held"), serverTime: serverTime,
            forkToken: try opaque(message.forkToken, "fork_token", bytesMax: WireLimits.forkTokenBytesMax),
            frontier: try counterOrZero(message.frontier, "frontier"), backup: try backup(message),
            lineFrontiers: try each("line_frontiers", message.lineFrontiers) {
                (reader, line) throws(FormError) in
                LineFrontier(
                    actor: try reader.ordinaryActor(line.actor, "actor"),
                    counter: try reader.counterOrZero(line.counter, "counter"))
            },
            recovery: try recoveryPhase(message.recovery))
    }

    private func backup(_ message: ProtoOpening) throws(FormError) -> BackupReceipt? {
        let count = try counterOrZero(message.backedUpCount, "backed_up_count")
        guard message.backedUpAt != 0 else {
            guard count == 0 else { throw fault("backed_up_count", takes: "0 where backed_up_at is 0") }
            return nil
        }
        return BackupReceipt(count: count, madeAt: try time(message.backedUpAt, "backed_up_at"))
    }

    private mutating func closing(_ message: ProtoClosing) throws(FormError) -> Closing {
        guard message.hasCheckpoint else { throw fault("checkpoint", takes: "a checkpoint") }
        return Closing(
            checkpoint: try checkpoint(message.checkpoint),
            scopeVersion: try counterOrZero(message.scopeVersion, "scope_version"))
    }
}
