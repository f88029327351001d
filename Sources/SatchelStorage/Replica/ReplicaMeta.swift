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
        case epoch
        case forkToken = "fork_token"
        case checkpointSequence = "checkpoint_sequence"
        case checkpointProof = "checkpoint_proof"
        case clockOffset = "clock_offset_ms"
        case lastSync = "last_sync"
        case failureCount = "failure_count"
        case nextAttempt = "next_attempt"
        case lastFailure = "last_failure"
    }

    func identity() throws -> ReplicaIdentity {
        guard let actor = try text(.actor).flatMap({ ActorID($0) }), let user = try text(.user),
            let device = try text(.device), let url = try text(.serverURL), let token = try text(.token)
        else { throw damaged("who this replica is") }
        var reader = ByteReader(try bytes(.lineage) ?? [0])
        guard let forkPoints = try? reader.vector() else { throw damaged("the lineage of this replica") }
        return ReplicaIdentity(
            actor: actor, lineage: Lineage(forkPoints: forkPoints), user: user, device: device, serverURL: url,
            serverName: try text(.serverName) ?? "", token: token)
    }

    func setIdentity(_ identity: ReplicaIdentity) throws {
        var lineage: [UInt8] = []
        lineage.write(identity.lineage.forkPoints)
        try set(.actor, identity.actor.description)
        try set(.lineage, Data(lineage))
        try set(.user, identity.user)
        try set(.device, identity.device)
        try set(.serverURL, identity.serverURL)
        try set(.serverName, identity.serverName)
        try set(.token, identity.token)
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
        facts.lastSync = try number(.lastSync).map { Timestamp(milliseconds: $0) }
        facts.failureCount = Int(try number(.failureCount) ?? 0)
        facts.nextAttempt = try number(.nextAttempt).map { Timestamp(milliseconds: $0) }
        facts.lastFailure = try text(.lastFailure)
        return facts
    }

    func setExchangeFacts(_ facts: ExchangeFacts) throws {
        try set(.epoch, facts.epoch.description)
        try set(.forkToken, Data(facts.forkToken))
        try set(.checkpointSequence, facts.checkpoint.map { Int64($0.sequence.number) })
        try set(.checkpointProof, facts.checkpoint.map { Data($0.proof) })
        try set(.clockOffset, facts.clockOffsetMilliseconds)
        try set(.lastSync, facts.lastSync?.milliseconds)
        try set(.failureCount, facts.failureCount)
        try set(.nextAttempt, facts.nextAttempt?.milliseconds)
        try set(.lastFailure, facts.lastFailure)
    }
}
