import Foundation
import GRDB
import SatchelSync

/// The facts of a replica, one row a fact.
struct ReplicaMeta {
    let db: Database

    func text(_ key: Key) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM satchel_meta WHERE key = ?", arguments: [key.rawValue])
    }

    func number(_ key: Key) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT value FROM satchel_meta WHERE key = ?", arguments: [key.rawValue])
    }

    func bytes(_ key: Key) throws -> [UInt8]? {
        try Data.fetchOne(db, sql: "SELECT value FROM satchel_meta WHERE key = ?", arguments: [key.rawValue])
            .map { Array($0) }
    }

    func set(_ key: Key, _ value: (any DatabaseValueConvertible)?) throws {
        try db.cachedStatement(
            sql:
                "INSERT INTO satchel_meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ).execute(arguments: [key.rawValue, value])
    }

    enum Key: String {
        case schemaSource = "schema"
        case actor, lineage, user, device, token
        case serverURL = "server_url"
        case serverName = "server_name"
        case serverTrust = "server_trust"
        case epoch
        case forkPoint = "fork_point"
        case forkDigest = "fork_digest"
        case isForkNamed = "is_fork_named"
        case forkEpoch = "fork_epoch"
        case renamedThrough = "renamed_through"
        case formerLines = "former_lines"
        case isReturning = "is_returning"
        case isWindowOpen = "is_window_open"
        case forkToken = "fork_token"
        case checkpointSequence = "checkpoint_sequence"
        case checkpointProof = "checkpoint_proof"
        case clockOffset = "clock_offset_ms"
        case clockError = "clock_error_ms"
        case clockWall = "clock_wall"
        case clockBoot = "clock_boot"
        case clockElapsed = "clock_elapsed_ms"
        case lastSync = "last_sync"
        case backedUpCount = "backed_up_count"
        case backedUpAt = "backed_up_at"
        case failureCount = "failure_count"
        case nextAttempt = "next_attempt"
        case lastFailure = "last_failure"
        case lastFailureSentence = "last_failure_sentence"
        case lastFailureTime = "last_failure_time"
        case notBefore = "not_before"
        case pushBytes = "push_bytes"
        case machine
        case isBaseLost = "is_base_lost"
        case isFetchUnfinished = "is_fetch_unfinished"
        case doubt
        case doubtPosition = "doubt_position"
        case doubtDetail = "doubt_detail"
        case acknowledged
        case outlineCount = "outline_count"
        case outlinedThrough = "outlined_through"
        case newsShown = "news_shown"
        case newsShownAt = "news_shown_at"
    }

    func identity() throws -> ReplicaIdentity {
        guard let actor = try text(.actor).flatMap({ ActorID($0) }), let user = try text(.user),
            let device = try text(.device), let url = try text(.serverURL), let token = try text(.token)
        else { throw damaged("who this replica is") }
        var reader = ByteReader(try bytes(.lineage) ?? [0])
        guard let ancestors = try? reader.ancestors() else { throw damaged("the lineage of this replica") }
        var identity = ReplicaIdentity(
            actor: actor, lineage: Lineage(ancestors: ancestors), user: user, device: device, serverURL: url,
            serverName: try text(.serverName) ?? "", token: token, serverTrust: try text(.serverTrust))
        if let point = try text(.forkPoint).flatMap(ForkPoint.init(stored:)), let digest = try bytes(.forkDigest) {
            let epoch = try text(.forkEpoch) ?? text(.epoch) ?? ""
            identity.fork = ForkOrigin(
                point: point, digest: digest, isNamed: try number(.isForkNamed) == 1,
                epoch: try StoreEpoch(stored: epoch),
                renamedThrough: UInt64(clamping: try number(.renamedThrough) ?? 0))
        }
        var former = ByteReader(try bytes(.formerLines) ?? [0])
        guard let lines = try? former.formerLines() else { throw damaged("the former lines of this replica") }
        identity.formerLines = lines
        return identity
    }

    func setIdentity(_ identity: ReplicaIdentity) throws {
        var lineage: [UInt8] = []
        lineage.write(identity.lineage.ancestors)
        try set(.actor, identity.actor.description)
        try set(.lineage, Data(lineage))
        try set(.user, identity.user)
        try set(.device, identity.device)
        try set(.serverURL, identity.serverURL)
        try set(.serverName, identity.serverName)
        try set(.token, identity.token)
        try set(.serverTrust, identity.serverTrust)
        try set(.forkPoint, identity.fork?.point.description)
        try set(.forkDigest, identity.fork.map { Data($0.digest) })
        try set(.isForkNamed, identity.fork.map { $0.isNamed ? 1 : 0 })
        try set(.forkEpoch, identity.fork?.epoch.description)
        try set(.renamedThrough, identity.fork.map { Int64(clamping: $0.renamedThrough) })
        var former: [UInt8] = []
        former.write(identity.formerLines)
        try set(.formerLines, Data(former))
    }

    func exchangeFacts() throws -> ExchangeFacts {
        guard let epoch = try text(.epoch), let forkToken = try bytes(.forkToken) else {
            throw damaged("where this replica stands with its server")
        }
        var facts = ExchangeFacts(epoch: try StoreEpoch(stored: epoch), forkToken: forkToken)
        if let sequence = try number(.checkpointSequence), sequence >= 0, let proof = try bytes(.checkpointProof) {
            facts.checkpoint = Checkpoint(
                epoch: facts.epoch, sequence: ServerSequence(UInt64(sequence)), proof: proof)
        }
        facts.clockOffsetMilliseconds = try number(.clockOffset) ?? 0
        if let error = try number(.clockError), let wall = try number(.clockWall) {
            let reading = try text(.clockBoot).flatMap { boot in
                try number(.clockElapsed).map { BootReading(boot: boot, elapsed: .milliseconds($0)) }
            }
            facts.clockMeasure = ClockMeasure(
                offset: ClockOffset(milliseconds: facts.clockOffsetMilliseconds, errorMilliseconds: error),
                reading: reading, wall: Timestamp(milliseconds: wall))
        }
        facts.lastSync = try number(.lastSync).map { Timestamp(milliseconds: $0) }
        if let count = try number(.backedUpCount), count >= 0, let time = try number(.backedUpAt) {
            facts.backup = BackupReceipt(count: UInt64(count), madeAt: Timestamp(milliseconds: time))
        }
        return facts
    }

    func setExchangeFacts(_ facts: ExchangeFacts) throws {
        try set(.epoch, facts.epoch.description)
        try set(.forkToken, Data(facts.forkToken))
        try set(.checkpointSequence, facts.checkpoint.map { Int64($0.sequence.number) })
        try set(.checkpointProof, facts.checkpoint.map { Data($0.proof) })
        try set(.clockOffset, facts.clockOffsetMilliseconds)
        let measure = facts.clockMeasure
        try set(.clockError, measure?.offset.errorMilliseconds)
        try set(.clockWall, measure?.wall.milliseconds)
        try set(.clockBoot, measure?.reading?.boot)
        try set(.clockElapsed, measure?.reading.map { Int64($0.elapsed / .milliseconds(1)) })
        try set(.lastSync, facts.lastSync?.milliseconds)
        try set(.backedUpCount, facts.backup.map { Int64($0.count) })
        try set(.backedUpAt, facts.backup?.madeAt.milliseconds)
    }
}

// How fork points are kept.
extension ForkPoint {
    /// Reads what ``description`` writes.
    fileprivate init?(stored text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let actor = ActorID(parts[0]), let counter = UInt64(parts[1]) else { return nil }
        self.init(actor: actor, counter: counter)
    }
}

extension ByteReader {
    fileprivate mutating func formerLines() throws -> [FormerOrigin] {
        try (0..<count()).map { _ in
            let name = try actor()
            guard try byte() == 1 else { return FormerOrigin(actor: name, fork: nil) }
            let point = ForkPoint(actor: try actor(), counter: try varint())
            let epoch = try actor()
            let digest = try bytes(count())
            return FormerOrigin(
                actor: name,
                fork: ForkOrigin(
                    point: point, digest: digest, isNamed: true, epoch: StoreEpoch(high: epoch.high, low: epoch.low),
                    renamedThrough: try varint()))
        }
    }

    fileprivate mutating func ancestors() throws -> [ForkPoint] {
        try (0..<count()).map { _ in ForkPoint(actor: try actor(), counter: try varint()) }
    }
}

extension [UInt8] {
    fileprivate mutating func write(_ lines: [FormerOrigin]) {
        write(varint: lines.count)
        for line in lines {
            write(line.actor)
            append(line.fork == nil ? 0 : 1)
            guard let fork = line.fork else { continue }
            write(fork.point.actor)
            write(varint: fork.point.counter)
            write(ActorID(high: fork.epoch.high, low: fork.epoch.low))
            write(varint: fork.digest.count)
            append(contentsOf: fork.digest)
            write(varint: fork.renamedThrough)
        }
    }

    fileprivate mutating func write(_ ancestors: [ForkPoint]) {
        write(varint: ancestors.count)
        for ancestor in ancestors {
            write(ancestor.actor)
            write(varint: ancestor.counter)
        }
    }
}
