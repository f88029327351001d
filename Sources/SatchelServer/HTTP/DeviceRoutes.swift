import Foundation
import Hummingbird
import Logging
import SatchelInterchange
import SatchelStorage
import SatchelSync
import SatchelWire

/// What devices and inspectors ask over HTTP.
struct DeviceRoutes<Store: ServerStore>: Sendable {
    let engine: SyncEngine<Store>
    let desk: EnrolmentDesk<Store>
    let service: OperatorService<Store>
    let isBehindProxy: Bool
    let connections: ConnectionDesk
    let listeners: HeadListeners
    private let exchanges: TokenBuckets
    private let enrolFailures = TokenBuckets(
        count: ServerLimits.enrolFailuresPerHourMax, per: .seconds(3_600),
        refusal: "Too many failed attempts came from this address.")
    private let resolutions = TokenBuckets(
        count: ServerLimits.resolutionsPerMinuteMax, per: .seconds(60),
        refusal: "This device sends more than \(ServerLimits.resolutionsPerMinuteMax) resolutions a minute.")

    init(
        engine: SyncEngine<Store>, desk: EnrolmentDesk<Store>, service: OperatorService<Store>, isBehindProxy: Bool,
        connections: ConnectionDesk, listeners: HeadListeners, limits: PeerLimits
    ) {
        self.engine = engine
        self.desk = desk
        self.service = service
        self.isBehindProxy = isBehindProxy
        self.connections = connections
        self.listeners = listeners
        exchanges = TokenBuckets(
            count: limits.exchangesPerMinuteMax, per: .seconds(60), burst: limits.exchangesAtOnceMax,
            refusal: "This device syncs more than \(limits.exchangesPerMinuteMax) times a minute.",
            remedy: "Everything is kept; the next sync sends the same.")
    }

    /// Adds the routes.
    func add(to router: Router<ServerRequestContext>) {
        router.get("healthz") { _, _ in try answer(["status": "alive"]) }
        router.get("readyz") { _, _ in
            _ = try await engine.store.read { try $0.head() }
            return try answer(["status": "ready"])
        }
        router.post("v1/enrol") { request, context in try await enrol(request, context) }
        router.post("v1/sync") { request, context in try await sync(request, context) }
        router.get("v1/events") { request, context in try await events(request, context) }
        router.get("v1/schema") { request, context in
            _ = try await device(of: request, context)
            let reply = try await service.perform(.identity).identityReply()
            return try answer(reply, isCompressed: request.acceptsGzip)
        }
        router.get("v1/conflicts") { request, context in
            _ = try await device(of: request, context)
            return try await conflicts(request)
        }
        router.get("v1/conflicts/:record") { request, context in
            _ = try await device(of: request, context)
            let record = try context.parameters.require("record")
            let cases = try await service.perform(.record(type: nil, id: record)).cases()
            return try answer(cases.first)
        }
        router.post("v1/conflicts/:record/resolve") { request, context in try await resolve(request, context) }
    }

    func device(of request: Request, _ context: ServerRequestContext) async throws -> DeviceAccount {
        let hash = DeviceToken.hash(of: try request.bearerToken())
        guard let device = try await engine.store.read({ try $0.device(tokenHash: hash) }) else {
            throw Request.unauthorized
        }
        context.notes.note("device", device.id.description)
        if let revocation = device.revocation { throw SatchelError(revocation) }
        try connections.welcome(device.id.description, on: context.connection)
        return device
    }

    private func sync(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        do {
            return try await exchange(request, context)
        } catch {
            engine.alarms?.note(error)
            throw error
        }
    }

    private func exchange(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let device = try await device(of: request, context)
        try exchanges.take(for: device.id.description)
        let format = try request.wireFormat()
        let message = try WireCodec.decodeRequest(
            try await request.wireBody(), format: format, agreement: engine.agreement)
        context.notes.note("pushed", String(message.changeSets.count))
        if !message.changeSets.isEmpty { try FaultPoint.pushReceived.reach() }
        let cursor = try await begin(message, from: device, requestID: context.requestID)
        if !message.changeSets.isEmpty { try FaultPoint.verdictSends.reach() }
        for alarm in cursor.alarms {
            engine.alarms?.raise(
                alarm.code, subject: device.id.description,
                "Device \(device.name) of \(device.user) claims to have seen what it was not served, at record \(alarm.record?.description ?? "unknown")."
            )
        }
        for fault in cursor.faults { report(fault, device, context) }
        // Who comes from an earlier life of the store goes on as another without anything being wrong with it.
        if let fork = cursor.fork, message.epoch == engine.store.identity.epoch {
            engine.alarms?.raise(
                "device_forked", subject: device.id.description,
                "The database of device \(device.name) of \(device.user) was copied or put back to an earlier day; it goes on as a new actor from \(fork)."
            )
        }
        let stream = ReplyStream(
            engine: engine, format: request.replyFormat(otherwise: format), isCompressed: request.acceptsGzip,
            notes: context.notes, bytesMax: request.replyBytesMax)
        return try await stream.response(cursor)
    }

    /// Begins to answer; where a device may park no more, the operator is told.
    private func begin(
        _ message: SyncRequest, from device: DeviceAccount, requestID: String
    ) async throws -> SyncEngine<Store>.Cursor {
        do {
            return try await engine.begin(message, from: device, requestID: requestID)
        } catch let error as SatchelError where error.code == .tooManyParked {
            engine.alarms?.raise(
                error.code.word, subject: device.id.description,
                "Device \(device.name) of \(device.user) has as many change-sets parked as are kept for one: what it pushed was not taken. Look at `satchel-server parked list`."
            )
            throw error
        }
    }

    /// A merge that threw: the log has the cause under the request's name, the operator's list the change-set.
    ///
    /// Of the server's own there are only verdicts on check-ins: nothing is parked then, and nobody can do more than look.
    private func report(_ fault: MergeFault, _ device: DeviceAccount, _ context: ServerRequestContext) {
        let isVerdict = fault.dot.actor == engine.store.identity.actor
        context.logger.error(
            isVerdict ? "check-ins stay without the server's verdict" : "a change-set was parked: its merge threw",
            metadata: [
                "code": "internal_error", "request": "\(context.requestID)", "change_set": "\(fault.dot)",
                "cause": "\(String(describing: fault.cause).prefix(400))",
            ])
        guard !isVerdict else { return }
        engine.alarms?.raise(
            "merge_failed", subject: device.id.description,
            "The merge of change-set \(fault.dot) of device \(device.name) of \(device.user) threw, in request \(context.requestID); it is parked. Release it once the cause is mended."
        )
    }

    private func enrol(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let address = address(of: request, context)
        try enrolFailures.requireRoom(for: address)
        let format = try request.wireFormat()
        let message = try WireCodec.decodeEnrolRequest(
            try await request.wireBody(bytesMax: ServerLimits.enrolBodyBytesMax), format: format)
        do {
            let reply = try await desk.enrol(message)
            context.notes.note("device", reply.deviceID)
            try await lookForPredecessor(of: reply, named: message.deviceName)
            let replyFormat = request.replyFormat(otherwise: format)
            let bytes = try WireCodec.encode(reply, format: replyFormat)
            return try answer(bytes, replyFormat, isCompressed: request.acceptsGzip)
        } catch let error as SatchelError where error.code == .invalidCode {
            enrolFailures.note(address)
            throw error
        }
    }

    /// Tells the operator of a device that is enrolled anew under its name while it held work: who lost a home has not lost it unseen.
    private func lookForPredecessor(of reply: EnrolReply, named name: String) async throws {
        let presence = engine.presence
        let predecessors = try await engine.store.read { snapshot in
            try snapshot.devices().filter {
                $0.user == reply.user && $0.name == name && $0.id.description != reply.deviceID
            }.map { ($0, presence.lastVisit(of: $0)?.pending ?? 0) }
        }
        for (device, pending) in predecessors where pending > 0 {
            engine.alarms?.raise(
                "work_missing", subject: device.id.description,
                "Device \(device.name) of \(device.user) was enrolled anew; as \(device.actor) it last reported \(pending) pending, which only its old home holds."
            )
        }
    }

    private func conflicts(_ request: Request) async throws -> Response {
        let limit = try request.uri.queryParameters["limit"].map { text in
            guard let limit = Int(text), limit > 0 else { throw badQuery("limit", "a whole number above 0") }
            return limit
        }
        let severity = try request.uri.queryParameters["severity"].map { text in
            guard ["decide", "review"].contains(text) else { throw badQuery("severity", "decide or review") }
            return String(text)
        }
        let after = request.uri.queryParameters["after"].map { String($0) }
        let query = ConflictsRequest(severity: severity, after: after, limit: limit ?? 100)
        guard case .records(let cases, let next) = try await service.perform(.conflicts(query)) else {
            throw SatchelError.unexpectedReply
        }
        return try answer(CasesReply(conflicts: cases, next: next))
    }

    private func resolve(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let device = try await device(of: request, context)
        try resolutions.take(for: device.id.description)
        let record = try context.parameters.require("record")
        let body = try await request.wireBody(bytesMax: ServerLimits.resolutionBodyBytesMax)
        let wish = try ResolutionWish(json: body)
        let reply = try await service.perform(
            .resolve(
                ResolveRequest(
                    record: record, subject: wish.subject, choice: try wish.choice(), reason: wish.reason,
                    token: wish.token,
                    user: device.user)))
        guard case .resolved(let dot, let settled) = reply else { throw SatchelError.unexpectedReply }
        return try answer(SettledReply(dot: dot, record: settled))
    }

    private func badQuery(_ name: String, _ wanted: String) -> SatchelError {
        SatchelError(.invalidRequest, "The query's \"\(name)\" takes \(wanted).", remedy: "Correct the address.")
    }

    /// Where the request comes from; behind a proxy, what the proxy next to us says.
    private func address(of request: Request, _ context: ServerRequestContext) -> String {
        if isBehindProxy, let name = HTTPFields.Element.Name("X-Forwarded-For"),
            let last = request.headers[name]?.split(separator: ",").last
        {
            return last.filter { !$0.isWhitespace }
        }
        return context.remoteAddress ?? "local"
    }

    private func answer(_ value: some Encodable, isCompressed: Bool = false) throws -> Response {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try answer(Array(try encoder.encode(value)), .json, isCompressed: isCompressed)
    }

    /// Compressed where that is wanted: a body of gzip bears its checksum, and what a device keeps for good should.
    private func answer(_ bytes: [UInt8], _ format: WireFormat, isCompressed: Bool) throws -> Response {
        var headers: HTTPFields = [.contentType: format.contentType]
        if isCompressed { headers[.contentEncoding] = Gzip.contentCoding }
        let body = isCompressed ? try Gzip.compress(bytes) : bytes
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
