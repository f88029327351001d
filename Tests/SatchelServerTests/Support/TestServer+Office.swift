import SatchelInspection
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// What the operator does at the office.
extension TestServer {
    /// A server whose office has a user.
    static func withOffice() async throws -> TestServer {
        let server = try TestServer()
        _ = try await server.service.perform(.addUser(name: "office"))
        return server
    }

    /// A server where ann and bo gave one phone two values.
    static func inConflict() async throws -> TestServer {
        let server = try await withOffice()
        _ = try await server.apply(line(1, #""name":"Acme","phone":"base""#))
        _ = try await server.concurrently {
            $0.edit(.sample(1), .phone("left"))
        } and: {
            $0.edit(.sample(1), .phone("right"))
        }
        return server
    }

    /// Two new devices that have seen the same edit, and then sync.
    func concurrently(
        _ left: (inout TestDevice) -> Void, and right: (inout TestDevice) -> Void
    ) async throws -> (TestDevice, TestDevice) {
        var (ann, bo) = (try await device("ann"), try await device("bo"))
        try await ann.sync()
        try await bo.sync()
        left(&ann)
        right(&bo)
        try await ann.sync()
        try await bo.sync()
        return (ann, bo)
    }

    /// Applies lines as the office's user.
    func apply(settles: Bool = false, _ lines: String...) async throws -> [EditOutcome] {
        let request = ApplyRequest(
            lines: lines.enumerated().map { ApplyRequest.Line(number: $0.offset + 1, text: $0.element) },
            user: "office", settles: settles)
        guard case .applied(let outcomes) = try await service.perform(.apply(request)) else {
            throw SatchelError.unexpectedReply
        }
        return outcomes
    }

    /// Settles a conflict as the office's user.
    @discardableResult
    func resolve(
        _ record: String, _ subject: String, _ choice: ResolveRequest.Choice, reason: String = "asked",
        token: String? = nil
    ) async throws -> (dot: String, record: RecordCase) {
        let request = ResolveRequest(
            record: record, subject: subject, choice: choice, reason: reason, token: token, user: "office")
        guard case .resolved(let dot, let settled) = try await service.perform(.resolve(request)) else {
            throw SatchelError.unexpectedReply
        }
        return (dot, settled)
    }

    /// The open conflicts.
    func conflicts() async throws -> [ConflictReport] {
        guard case .records(let cases, _) = try await service.perform(.conflicts(ConflictsRequest(limit: 10))) else {
            throw SatchelError.unexpectedReply
        }
        return try cases.map { try $0.conflictReport(schema: store.schema) }
    }

    /// A line that makes an item or edits it.
    static func line(_ number: Int, _ set: String) -> String {
        #"{"type":"item","id":"\#(RecordID.sample(number))","set":{\#(set)}}"#
    }

    /// A line that deletes an item.
    static func deletion(_ number: Int) -> String {
        #"{"changes":[{"op":"delete","type":"item","id":"\#(RecordID.sample(number))"}]}"#
    }
}
