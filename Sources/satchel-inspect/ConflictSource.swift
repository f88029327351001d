import SatchelClient
import SatchelInspection
import SatchelSchemaFile
import SatchelServer
import SatchelSync

/// What an inspector needs of a place that holds conflicts.
protocol ConflictSource: Sendable {
    /// The records with open conflicts.
    func conflicts(atLeast severity: ConflictSeverity, limit: Int) async throws -> [ConflictReport]

    /// One record's conflicts.
    func conflict(type: String, id: String) async throws -> ConflictReport

    /// Settles one conflict; returns the dot of the change-set that does.
    func resolve(_ decision: Decision) async throws -> String
}

/// What an inspector decided.
struct Decision: Sendable {
    let type: String
    let id: String
    let subject: String?
    let choice: TypedChoice
    let reason: String
    let token: String?
}

/// A device's home.
struct ReplicaSource: ConflictSource {
    let replica: Replica

    func conflicts(atLeast severity: ConflictSeverity, limit: Int) async throws -> [ConflictReport] {
        try replica.conflicts(atLeast: severity, limit: limit)
    }

    func conflict(type: String, id: String) async throws -> ConflictReport {
        try replica.conflict(typeName: type, of: id)
    }

    func resolve(_ decision: Decision) async throws -> String {
        try replica.resolve(
            typeName: decision.type, decision.id, subject: decision.subject, choice: decision.choice,
            reason: decision.reason, token: decision.token
        ).dot.description
    }
}

/// A server's data folder, through the socket of the server that runs on it, or by the lease where none does.
struct FolderSource: ConflictSource {
    let path: String
    let user: String?

    func conflicts(atLeast severity: ConflictSeverity, limit: Int) async throws -> [ConflictReport] {
        try await asking { access, schema in
            try await access.allCases(limit: limit) { after, count in
                .conflicts(ConflictsRequest(severity: severity.word, after: after, limit: count))
            }.map { try $0.conflictReport(schema: schema) }
        }
    }

    func conflict(type: String, id: String) async throws -> ConflictReport {
        try await asking { access, schema in
            try await record(type: type, id: id, access).conflictReport(schema: schema)
        }
    }

    func resolve(_ decision: Decision) async throws -> String {
        guard let user else {
            throw SatchelError.wrongUsage("Nothing says who decides.", remedy: "Say --as USER.")
        }
        return try await asking { access, schema in
            let report = try await record(type: decision.type, id: decision.id, access).conflictReport(schema: schema)
            let request = ResolveRequest(
                record: report.record.description, subject: try decision.subject(in: report),
                choice: decision.choice.requested, reason: decision.reason, token: decision.token, user: user)
            guard case .resolved(let dot, _) = try await access.perform(.resolve(request)) else {
                throw SatchelError.unexpectedReply
            }
            return dot
        }
    }

    private func record(type: String, id: String, _ access: any OperatorAccess) async throws -> RecordCase {
        guard let found = try await access.perform(.record(type: type, id: id)).cases().first else {
            throw SatchelError.unexpectedReply
        }
        return found
    }

    private func asking<Result>(
        _ body: (any OperatorAccess, Schema) async throws -> Result
    ) async throws -> Result {
        try await OperatorDoor.with(path: path, purpose: "satchel-inspect") { access in
            let identity = try await access.perform(.identity).identityReply()
            return try await body(access, try SchemaFile.parse(identity.schemaSource).schema)
        }
    }
}

/// A server over the network.
struct ServerSource: ConflictSource {
    private let client: InspectorClient

    init(serverURL: String, credential: InspectorCredential) throws {
        let line = try HTTPTransport(serverURL: serverURL, trust: ServerTrust(stored: credential.trust))
        client = InspectorClient(serverURL: serverURL, token: credential.token, client: line.client) { error in
            guard var distrust = SatchelError.distrust(error, serverURL: serverURL) else { return nil }
            distrust.remedy = "Ask the operator, and enrol again: `satchel-inspect enrol \(serverURL) --code CODE`."
            return distrust
        }
    }

    func conflicts(atLeast severity: ConflictSeverity, limit: Int) async throws -> [ConflictReport] {
        let schema = try await schema()
        let cases = try await client.allConflicts(severity: severity.word, limit: limit)
        return try cases.map { try $0.conflictReport(schema: schema) }
    }

    func conflict(type: String, id: String) async throws -> ConflictReport {
        let report = try await client.record(id).conflictReport(schema: try await schema())
        guard report.type == type else {
            throw SatchelError(
                .unknownRecord, "Record \(report.record) is of type \(report.type), not \(type).",
                remedy: "Name its own type, or take the id from `list`.")
        }
        return report
    }

    func resolve(_ decision: Decision) async throws -> String {
        let report = try await conflict(type: decision.type, id: decision.id)
        let wish = ResolutionWish(
            subject: try decision.subject(in: report), reason: decision.reason, token: decision.token,
            choice: decision.choice.requested)
        return try await client.resolve(record: report.record.description, wish).dot
    }

    private func schema() async throws -> Schema {
        try SchemaFile.parse(try await client.identity().schemaSource).schema
    }
}

extension Decision {
    /// The conflict that is meant: the one that is named, or the only one that is open.
    fileprivate func subject(in report: ConflictReport) throws -> String {
        if let subject { return subject }
        guard let item = report.items.first, report.items.count == 1 else {
            throw SatchelError(
                report.items.isEmpty ? .noConflict : .invalidRequest,
                report.items.isEmpty
                    ? "\(report.type) \(report.record) has no open conflict."
                    : "\(report.type) \(report.record) has \(report.items.count) open conflicts.",
                remedy: report.items.isEmpty
                    ? "There is nothing to settle."
                    : "Name one: \(report.items.map(\.subject).joined(separator: ", ")).")
        }
        return item.subject
    }
}

extension TypedChoice {
    /// The choice as it travels to a server.
    fileprivate var requested: ResolveRequest.Choice {
        switch self {
        case .take(let number): .take(number)
        case .value(let text): text.isEmpty ? .empty : .value(text)
        case .keep: .keep
        case .delete: .delete
        }
    }
}
