import SatchelStorage
import SatchelSync
import SatchelWire

/// Gives a restored copy what the devices of the store would offer it: their own change-sets since the backup, which they keep until
/// a verified backup covers them, read from the log of the store that still lives (causality.md §7).
struct ReturnRehearsal {
    /// The store that lives, which is only read.
    let live: DataFolder
    /// The restored copy.
    let copy: DataFolder
    /// What it is a copy of.
    let point: RestorePoint
    let clock: any WallClock
    let readSchema: @Sendable (String) throws -> Schema

    private typealias Since = DrillReport.Since
    private static let pageMax = 500

    /// A line of a device, and how far the store has come with it.
    private struct LiveLine: Sendable {
        let line: DeviceLine
        let name: ActorName?
        let firstDigest: [UInt8]
        let counter: UInt64
    }

    private struct LiveDevice: Sendable {
        let account: DeviceAccount
        let lines: [LiveLine]
    }

    /// What the store had when the rehearsal began.
    private struct Standing: Sendable {
        var since: Since
        let devices: [LiveDevice]
        let digest: String
    }

    /// Lets them come; `nil` where there is no store any more, or the backup is not of it.
    func run(progress: @Sendable (_ done: Int, _ total: Int) -> Void) async throws -> DrillReport.Since? {
        guard live.hasDatabase, let standing = try await standing() else { return nil }
        var since = standing.since
        let store = try SQLiteServerStore(folder: copy, purpose: "drill", readSchema: readSchema)
        let result: Result<String, any Error>
        do {
            let before = try await store.read { try $0.head().position }
            var (last, taken) = (before, -1)
            // What waits for a record that another device brings goes in with the next round.
            while taken != 0 {
                for device in standing.devices {
                    try await offer(device, to: store)
                    progress(Int(last - before), since.deviceChangeSetCount)
                }
                let now = try await store.read { try $0.head().position }
                (taken, last) = (Int(now - last), now)
            }
            let known = Set(standing.devices.flatMap { $0.lines.map(\.line.actor) })
            since.returnedCount = try await store.read { snapshot in
                try snapshot.changeSetCounts(after: before).filter { known.contains($0.key) }.values.reduce(0, +)
            }
            result = .success(try await store.read { try $0.recordDigest() })
        } catch {
            result = .failure(error)
        }
        try store.close()
        since.isSame = try result.get() == standing.digest
        return since
    }

    private func standing() async throws -> Standing? {
        let (point, first) = (point, try await knownDevices())
        return try await ServerStoreView.read(live, readSchema: readSchema) { snapshot -> Standing? in
            guard try snapshot.isOwn(point) else { return nil }
            let head = try snapshot.head()
            var since = Since(sequence: head.sequence)
            var devices: [LiveDevice] = []
            var counts = try snapshot.changeSetCounts(after: point.position)
            for account in try snapshot.devices() {
                let lines = try snapshot.lines(ofDevice: account.key)
                let own = lines.reduce(0) { $0 + (counts.removeValue(forKey: $1.actor) ?? 0) }
                guard own > 0 else { continue }
                guard first.contains(account.id) else {
                    since.strangerCount += 1
                    since.strangerChangeSetCount += own
                    continue
                }
                since.deviceCount += 1
                since.deviceChangeSetCount += own
                devices.append(
                    LiveDevice(
                        account: account,
                        lines: try lines.map {
                            LiveLine(
                                line: $0, name: try snapshot.name(of: $0.actor),
                                firstDigest: try snapshot.firstDigest(of: $0.actor),
                                counter: try snapshot.frontier(of: $0.actor).counter)
                        }))
            }
            since.officeChangeSetCount = counts.values.reduce(0, +)
            let reached = try snapshot.devices().map(\.checkpoint).max() ?? .zero
            try snapshot.forEachLogEntry(after: point.position) { entry, _, _ in
                guard entry.sequence <= reached || entry.sequence == .zero else { return false }
                if !entry.isRevision, counts[entry.dot.actor] != nil { since.receivedOfficeCount += 1 }
                return true
            }
            return Standing(since: since, devices: devices, digest: try snapshot.recordDigest())
        }
    }

    /// The devices that the backup knows, by their names for ever.
    private func knownDevices() async throws -> Set<RecordID> {
        try await ServerStoreView.read(copy, readSchema: readSchema) { Set(try $0.devices().map(\.id)) }
    }

    /// Offers what the copy lacks of a device's lines, in own order, up to what has to wait for a record.
    private func offer(_ device: LiveDevice, to store: SQLiteServerStore) async throws {
        for line in device.lines {
            try await begin(line, of: device, in: store)
            while true {
                let frontier = try await store.read { try $0.frontier(of: line.line.actor).counter }
                guard frontier < line.counter else { break }
                let end = min(line.counter, frontier + UInt64(Self.pageMax))
                let page = try await ServerStoreView.read(live, readSchema: readSchema) { snapshot in
                    try ((frontier + 1)...end).map { try snapshot.reoffer(Dot(line.line.actor, $0)) }
                }
                let whole = page.prefix { $0 != nil }.compactMap(\.self)
                guard !whole.isEmpty else { return }
                try await take(whole, from: device, into: store)
                // The rest of the device waits with what waits.
                guard try await store.read({ try $0.frontier(of: line.line.actor).counter }) > frontier else { return }
            }
        }
    }

    /// A line of which the copy has no memory, since it began after the backup.
    private func begin(_ line: LiveLine, of device: LiveDevice, in store: SQLiteServerStore) async throws {
        try await store.write { transaction in
            let snapshot = transaction.snapshot
            guard try snapshot.line(of: line.line.actor) == nil else { return }
            if let name = line.name { try transaction.setName(name, of: line.line.actor) }
            let former = try snapshot.epochStanding().number - 1
            try transaction.addLine(
                DeviceLine(
                    actor: line.line.actor, device: device.account.key, fork: line.line.fork, forkToken: .ofFork(),
                    beganAt: line.line.beganAt, epoch: min(line.line.epoch, former)), firstDigest: line.firstDigest)
        }
    }

    private func take(_ reoffers: [Reoffer], from device: LiveDevice, into store: SQLiteServerStore) async throws {
        let (schema, now) = (store.schema, clock.now())
        try await store.write { transaction in
            guard let account = try transaction.snapshot.device(key: device.account.key) else { return }
            var intake = ReofferIntake(
                transaction: transaction, schema: schema, device: account,
                standing: try transaction.snapshot.epochStanding(), now: now, recordBytesMax: .max,
                guardian: MergeGuard(transaction: transaction, requestID: "", isCareful: true))
            try intake.take(reoffers)
            try transaction.flush()
        }
    }
}

extension ServerSnapshot {
    /// The digest of all records.
    func recordDigest() throws -> String {
        var digest = StoreDigest(schema: schema)
        try forEachRecord { digest.add($0.state, type: $0.type, record: $0.id) }
        return digest.finalized()
    }

    /// A change-set as its device would offer it again; `nil` where its bytes are gone.
    fileprivate func reoffer(_ dot: Dot) throws -> Reoffer? {
        guard let entry = try logEntry(dot), let changeSet = try entry.changeSet() else { return nil }
        let present = try presentVerdict(entry)
        return Reoffer(
            offered: OfferedChangeSet(changeSet: changeSet, digest: entry.digest), verdict: present.verdict,
            correctedTime: present.correctedTime, isReleased: present.isReleased)
    }
}
