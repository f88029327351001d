import SatchelSync
import SatchelWire

/// N: lines that fail in every way between a device and its server.
enum Network {}

extension Network {
    /// N02: the same bytes on two connections at once; the second is a device's real request, doubled by the proxy.
    static func twiceAtOnce(_ stage: Stage) async throws -> String {
        let rounds = stage.count(200, over: 10)
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        let ann = try await scene.server.enrol("ann", url: proxy.url)
        let account = try await ann.new("account", ["name=Aster"])
        proxy.set(.recorded.with { $0.copyCount = 1 })
        for round in 1...rounds {
            try await ann.set("account", account, ["stock+=1", "tags+=\(round)"])
            try await ann.sync()
        }
        let recordings = try await Patience.until("the answers to the copies") { () -> [ConnectionRecording]? in
            let all = proxy.recordings
            return all.allSatisfy { $0.copyAnswers.count == 1 && HTTPAnswer($0.copyAnswers[0])?.isWhole == true }
                ? all : nil
        }
        for recording in recordings {
            guard let first = HTTPAnswer(recording.down), let second = HTTPAnswer(recording.copyAnswers[0]) else {
                continue
            }
            stage.expect([first.status, second.status], is: [200, 200], "the status of the two answers")
            guard first.status == 200, second.status == 200 else { continue }
            let frames = try [first.frames(), second.frames()].map(\.withoutMoment)
            stage.expect(frames[0].verdicts == frames[1].verdicts, "two answers to one request tell of other verdicts")
            stage.expect(!frames[0].verdicts.isEmpty, "a doubled request pushed nothing")
        }
        let devices = scene.devices + [ann]
        try await scene.server.requireDrained(devices)
        for device in devices {
            let shown = try await device.show("account", account)
            stage.expect(shown.fields["stock"], is: .number(Int64(rounds)), "the counter at \(device.home)")
            stage.expect(shown.fields["tags"]?.elements?.count, is: rounds, "the elements at \(device.home)")
        }
        stage.expect(try await scene.server.ledger().count, is: rounds + 1, "the change-sets of the server")
        try await scene.server.requireGracefulStop()
        return
            "\(recordings.count) requests, each on two connections at once: applied once, both answered 200 with the same verdicts"
    }

    /// M07: increments whose pushes come five times each, at once and again later in another order.
    static func repeatedIncrements(_ stage: Stage) async throws -> String {
        let id = Semantics.id(1)
        let scene = try await Scene.start(
            stage, users: ["office-watch"], office: [Semantics.account(id, name: "Aster")])
        let proxy = try await FaultProxy(before: scene.server, seed: stage.seed)
        defer { proxy.stop() }
        var devices: [Device] = []
        for user in ["office-watch", "office-watch", "office-watch"] {
            devices.append(try await scene.server.enrol(user, url: proxy.url))
            try await devices.last?.sync()
        }
        proxy.set(.recorded.with { $0.copyCount = 4 })
        for (device, step) in zip(devices, ["stock+=3", "stock+=5", "stock-=2"]) {
            try await device.set("account", id, [step])
        }
        for device in devices.reversed() { try await device.sync() }
        let pushes = try await Patience.until("the answers to the copies") { () -> [[UInt8]]? in
            let all = proxy.recordings.filter { !$0.up.isEmpty }
            return all.allSatisfy {
                $0.copyAnswers.count == 4 && $0.copyAnswers.allSatisfy { HTTPAnswer($0)?.isWhole == true }
            }
                ? all.map(\.up) : nil
        }
        proxy.set(.plain)
        // Later, in every order, after the devices went on.
        try await devices[0].set("account", id, ["city=Lund"])
        try await devices[0].sync()
        var late: [Int] = []
        for order in Orders.all(of: 3) {
            for place in order where place < pushes.count {
                let bytes = try await RawRequest.exchange(HTTPText.closing(pushes[place]), port: scene.server.port)
                late.append(HTTPAnswer(bytes)?.status ?? 0)
            }
        }
        stage.expect(late.allSatisfy { [200, 409].contains($0) }, "late repetitions were answered with \(Set(late))")
        try await scene.server.requireDrained(scene.devices + devices)
        for device in scene.devices + devices {
            stage.expect(
                try await device.show("account", id).fields["stock"], is: .number(6), "the sum at \(device.home)")
        }
        stage.expect(
            try await scene.server.show("account", id).fields["stock"], is: .number(6), "the sum at the server")
        try await scene.server.requireGracefulStop()
        return "3 pushes five times at once and \(late.count) late repetitions: 6 everywhere"
    }

    /// N04: requests cut off at every 64th, and around the ends of change-sets.
    static func truncatedUpload(_ stage: Stage) async throws -> String {
        let parts = stage.count(64, over: 4)
        let scene = try await Scene.start(stage, users: ["ann"])
        var cuts = 0, statuses: Set<Int> = []
        for (form, variant) in Upload.all.enumerated() {
            var device = try await PlayedDevice.enrol("ann", at: scene.server)
            for number in 0..<6 {
                device.makeAccount(
                    RecordID(high: 0x0199_0000_0000_7000 + UInt64(form), low: 0x8000_0000_0000_0000 + UInt64(number)),
                    name: "Customer \(form) \(number), \(String(repeating: "on the road ", count: 10))")
            }
            let request = try variant.request(of: device)
            let known = try await scene.server.ledger().count
            for cut in try variant.cuts(of: request, parts: parts) {
                let answer = try await RawRequest.exchange(request, port: scene.server.port, cutsAfter: cut)
                cuts += 1
                if let status = HTTPAnswer(answer)?.status {
                    statuses.insert(status)
                    stage.expect((400..<500).contains(status), "\(variant.name), cut after \(cut): HTTP \(status)")
                }
                if cuts.isMultiple(of: 8) {
                    stage.expect(
                        try await scene.server.ledger().count, is: known, "change-sets, after a cut after \(cut)")
                }
            }
            stage.expect(
                try await scene.server.ledger().count, is: known, "change-sets after all cuts of \(variant.name)")
            let bytes = try await RawRequest.exchange(request, port: scene.server.port)
            let answer = HTTPAnswer(bytes)
            stage.expect(answer?.status, is: 200, "\(variant.name), sent whole")
            let verdicts = try answer.map { try PlayedDevice.verdicts($0, variant.format) } ?? [:]
            stage.expect(verdicts.values.count { $0.isApplied }, is: 6, "applied of \(variant.name), sent whole")
        }
        try await scene.end()
        return
            "\(cuts) cuts of \(Upload.all.count) forms; nothing taken of any, answers \(statuses.sorted()); sent whole all is"
    }
}

/// A form in which a push goes over the line.
private struct Upload {
    let name: String
    let format: WireFormat
    var isCompressed = false
    var isChunked = false

    static let all = [
        Upload(name: "protobuf", format: .protobuf),
        Upload(name: "protobuf in gzip", format: .protobuf, isCompressed: true),
        Upload(name: "protobuf in gzip, chunked", format: .protobuf, isCompressed: true, isChunked: true),
        Upload(name: "JSON", format: .json), Upload(name: "JSON, chunked", format: .json, isChunked: true),
    ]

    func request(of device: PlayedDevice) throws -> [UInt8] {
        let plain = try device.body(format)
        let body = isCompressed ? try Gzip.compress(plain) : plain
        return RawRequest(headers: device.headers(format, isCompressed: isCompressed), body: body)
            .bytes(isChunked: isChunked)
    }

    /// Every 64th of the bytes, and in JSON, where a change-set is one piece of it, around the end of each; always less than all.
    func cuts(of request: [UInt8], parts: Int) throws -> [Int] {
        var cuts = Set((1..<parts).map { request.count * $0 / parts } + [1, request.count - 1])
        if format == .json, !isChunked {
            for end in request.indices.dropFirst().dropLast(2) where Array(request[end...(end + 1)]) == Array("},".utf8)
            {
                cuts.formUnion([end, end + 1, end + 2])
            }
        }
        return cuts.filter { $0 > 0 && $0 < request.count }.sorted()
    }
}
