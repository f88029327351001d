import Foundation
import SatchelWire

extension Network {
    /// N08: small bodies that inflate to very much.
    static func gzipBomb(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann", "bo"])
        let played = try await PlayedDevice.enrol("ann", at: scene.server)
        let lines = Data(String(repeating: "{\"label\":\"edit\",\"changes\":[]},", count: 340_000).utf8)
        let bombs: [(String, WireFormat, [UInt8])] = [
            ("100 MiB of zeros", .protobuf, try Self.squeezed([UInt8](repeating: 0, count: 100 * 1024 * 1024))),
            ("10 MiB of JSON", .json, try Self.squeezed(Array(lines))),
        ]
        var answers: [String] = [], growth = 0
        for (name, format, body) in bombs {
            stage.expect(body.count <= 180_000, "\(name) takes \(body.count) bytes on the wire")
            let before = try scene.server.peakKilobytes()
            for _ in 0..<3 {
                let answer = try await RawRequest(headers: played.headers(format, isCompressed: true), body: body)
                    .exchange(with: scene.server)
                stage.expect([400, 413].contains(answer.status), "\(name): HTTP \(answer.status)")
                stage.expect(
                    ["too_large", "malformed_body"].contains(answer.problemCode ?? ""),
                    "\(name): \(answer.problemCode ?? "no code")")
                answers.append("\(answer.status) \(answer.problemCode ?? "")")
            }
            growth = max(growth, try scene.server.peakKilobytes() - before)
        }
        stage.expect(growth < 48 * 1024, "the server grew by \(growth) KiB")
        // Nobody is banned: the device that was played syncs, and the others too.
        var device = played
        device.makeAccount(Semantics.record(1), name: "Aster")
        let answer = try await RawRequest(headers: device.headers(.protobuf), body: device.body(.protobuf))
            .exchange(with: scene.server)
        stage.expect(answer.status, is: 200, "what the played device gets afterwards")
        try await scene.devices[0].new("account", ["name=Birch"])
        try await scene.end()
        return "\(Set(answers).sorted().joined(separator: ", ")); memory grew by \(growth / 1024) MiB; nobody banned"
    }

    /// N07: peers that bring a byte a second, of a head or of a body.
    static func slowLoris(_ stage: Stage) async throws -> String {
        let scene = try await Scene.start(stage, users: ["ann"])
        let (server, ann) = (scene.server, scene.devices[0])
        // In quick size a debug build waits for slow peers four tenths as long as it does otherwise.
        if stage.count(10, over: 10) == 1 {
            try await server.requireGracefulStop()
            try await server.serve(environment: ["SATCHEL_PATIENCE=0.4"])
        }
        let before = try server.peakKilobytes()
        let head = "GET /healthz HTTP/1.1\r\nHost: here\r\nX-Slow: "
        let body =
            "POST /v1/enrol HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"
        let slow = try SlowPeers(
            port: server.port,
            beginnings: [String](repeating: head, count: 100) + [String](repeating: body, count: 100))
        var slowest = Duration.zero
        let start = ContinuousClock.now
        repeat {
            try await ann.new("account", ["name=Aster"])
            let began = ContinuousClock.now
            try await ann.sync()
            slowest = max(slowest, ContinuousClock.now - began)
        } while slow.openCount > 0 && ContinuousClock.now - start < .seconds(60)
        let took = ContinuousClock.now - start
        stage.expect(slow.openCount, is: 0, "slow peers that are still connected")
        stage.expect(slowest < .seconds(2), "a device synced in \(slowest)")
        let growth = try server.peakKilobytes() - before
        stage.expect(growth < 64 * 1024, "the server grew by \(growth) KiB")
        try await scene.end()
        // What a rule did is summed up, at the latest when the server stops.
        let lines = try server.process().errorText.split(separator: "\n").filter { $0.contains("\"rule\"") }
        stage.expect((1...6).contains(lines.count), "the log has \(lines.count) lines about rules")
        return
            "200 slow peers sent away in \(took.milliseconds / 1_000) s; a device synced in \(slowest.milliseconds) ms at most;"
            + " \(growth / 1024) MiB, \(lines.count) lines in the log"
    }

    /// Compressed as far as it goes, also where our own compressor would store what shrinks so well.
    private static func squeezed(_ bytes: [UInt8]) throws -> [UInt8] {
        var deflater = try GzipDeflater(level: 9)
        return deflater.finish(bytes)
    }
}
