import SatchelClient
import SatchelSync
import SatchelWire

/// The network between all devices and the server, in virtual time; it knows bytes only.
///
/// Only the simulation's thread touches it.
final class Network: @unchecked Sendable {
    /// A request on its way.
    struct Delivery {
        let device: Int
        let bytes: [UInt8]
        let token: String
        let plan: LinePlan
        /// Where the answer is heard; `nil` where nobody listens.
        let line: Line?
    }

    let timeline: Timeline
    let counters: Counters
    /// Takes what arrives at the server.
    var server: (Delivery) -> Void = { _ in }
    /// The schema file that the server hands out.
    var schemaSource = SimulationSchema.source
    /// Whether lines may do what their plans say.
    private(set) var isFaulty = true
    private var upBlockedUntil: [Int: Int64] = [:]
    private var downBlockedUntil: [Int: Int64] = [:]

    init(timeline: Timeline, counters: Counters) {
        self.timeline = timeline
        self.counters = counters
    }

    /// Cuts a device off for so many milliseconds, in one direction or both.
    func cutOff(_ device: Int, up: Bool, down: Bool, for milliseconds: Int64) {
        if up { upBlockedUntil[device] = timeline.now + milliseconds }
        if down { downBlockedUntil[device] = timeline.now + milliseconds }
    }

    /// From now on everything arrives, once and in order; what is still to be replayed never is.
    func stopFaults() {
        isFaulty = false
        upBlockedUntil = [:]
        downBlockedUntil = [:]
    }

    func isBlocked(down device: Int) -> Bool { downBlockedUntil[device, default: -1] > timeline.now }
    private func isBlocked(up device: Int) -> Bool { upBlockedUntil[device, default: -1] > timeline.now }

    /// Sends a request; what comes back arrives on the line.
    func send(_ bytes: [UInt8], from device: Int, token: String, plan: LinePlan, line: Line) {
        let delay = plan.requestDelay ?? 20
        if plan.isAnsweredByProxy == true {
            counters.note("answered by a proxy")
            timeline.plan(in: delay) {
                line.arrive(
                    .failure(SatchelError(.unknownAnswer, "The answer is a page of a proxy.", isTransient: true)))
            }
        }
        if isBlocked(up: device) { counters.note("cut off on the way up") }
        let isHeardFirst = plan.hearsSecond != true && plan.isAnsweredByProxy != true
        if plan.losesRequest == true || isBlocked(up: device) {
            counters.note("request lost")
        } else {
            deliver(in: delay, bytes, device, token, plan, line: isHeardFirst ? line : nil)
        }
        if let after = plan.duplicateAfter {
            counters.note("request delivered twice")
            let isHeard = plan.hearsSecond == true && plan.isAnsweredByProxy != true
            deliver(in: delay + after, bytes, device, token, plan, line: isHeard ? line : nil, isFault: true)
        }
        if let after = plan.replayAfter {
            deliver(in: delay + after, bytes, device, token, plan, line: nil, isFault: true, isReplay: true)
        }
    }

    private func deliver(
        in delay: Int64, _ bytes: [UInt8], _ device: Int, _ token: String, _ plan: LinePlan, line: Line?,
        isFault: Bool = false, isReplay: Bool = false
    ) {
        timeline.plan(in: delay) { [self] in
            guard isFaulty || !isFault, !isBlocked(up: device) else { return }
            if isReplay { counters.note("request replayed") }
            server(Delivery(device: device, bytes: bytes, token: token, plan: plan, line: line))
        }
    }

    /// Waits in virtual time.
    func pause(_ milliseconds: Int64) async {
        await withCheckedContinuation { continuation in
            timeline.plan(in: milliseconds) { continuation.resume() }
        }
    }
}

/// How a simulated device reaches the server: its first exchange goes as the plan says, what follows goes well.
final class NetworkTransport: ExchangeTransport, @unchecked Sendable {
    private let network: Network
    private let device: Int
    private let plan: LinePlan
    private let onFrame: () -> Void
    private var exchangeCount = 0
    /// The exchange under way.
    private(set) var line: Line?

    /// `onFrame` is told before each frame that the device takes.
    init(network: Network, device: Int, plan: LinePlan, onFrame: @escaping () -> Void) {
        self.network = network
        self.device = device
        self.plan = plan
        self.onFrame = onFrame
    }

    func schemaSource(token: String) async throws -> String { network.schemaSource }

    func exchange(
        _ request: SyncRequest, agreement: WireAgreement, token: String,
        onFrame: (SyncFrame) async throws -> Void
    ) async throws {
        let bytes = try WireCodec.encode(request, agreement: agreement)
        let line = Line(timeline: network.timeline, patience: 60_000)
        self.line = line
        defer { line.hangUp() }
        let isFirst = exchangeCount == 0 && network.isFaulty
        exchangeCount += 1
        network.send(
            bytes, from: device, token: token, plan: isFirst ? plan : plan.withoutFaults, line: line)
        var reader = FrameReader(format: .protobuf)
        while true {
            switch await line.next() {
            case .frame(let bytes):
                self.onFrame()
                reader.append(bytes)
                while let frame = try reader.next() { try await onFrame(frame) }
            case .end: return
            case .failure(let error): throw error
            case .crash: throw Crash(place: "waiting")
            }
        }
    }
}
