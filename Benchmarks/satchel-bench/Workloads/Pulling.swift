import Foundation
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelWire

/// W3: a new device receives all records.
struct Pulling {
    private let bench: Bench
    private let template: ServerTemplate
    private let floorTemplate: URL
    private let plan: FloorPlan
    private let selects: [Int]
    private let count: Int

    /// Reads the workload and makes both stores.
    init(_ bench: Bench) async throws {
        self.bench = bench
        let folder = try WorkloadFolder("w3-bootstrap", in: bench.input)
        var historian = Historian(schema: bench.schema)
        var plan = FloorPlan(schema: bench.schema)
        let lines = try folder.lines(of: "seed.jsonl")
        count = lines.count
        let seed = try historian.seed(lines)
        let seeding = [plan.transaction(seed)]
        selects = bench.schema.types.map { plan.number(of: FloorPlan.selectAsJSON($0)) }
        self.plan = plan
        template = try await ServerTemplate.make(
            in: bench.place(), source: bench.source, schema: bench.schema, actors: ["new"], seed: seed)
        floorTemplate = bench.place()
        try FloorStore.make(at: floorTemplate, plan: plan, transactions: seeding)
    }

    /// The frames of a first pull, encoded and compressed as they are sent, beside the rows as JSON Lines under gzip.
    func measure() async throws {
        var (bytes, floorBytes) = (0, 0)
        try await bench.compare("w3", count: count) { place in
            let server = try template.copy(to: place)
            var device = try await server.device(named: "new")
            device.checkpoint = nil
            var records = 0
            bytes = 0
            let usage = try await Usage.of {
                var deflater = try GzipDeflater()
                var cursor = try await server.engine.begin(
                    device.request(pushing: [], wantsRecords: true), from: device.account)
                var frames = cursor.opening
                while true {
                    var page: [UInt8] = []
                    for frame in frames {
                        if case .records(let deltas) = frame { records += deltas.count }
                        page += try WireCodec.encodeFrame(frame)
                    }
                    bytes += deflater.deflateAndFlush(page).count
                    if cursor.isDone { break }
                    frames = try await server.engine.nextFrames(&cursor)
                }
                bytes += deflater.finish().count
            }
            guard records == count else {
                throw SatchelError(.internalError, "Of \(count) records \(records) were pulled.")
            }
            try server.store.close()
            return usage
        } floor: { place in
            let store = try FloorStore(copyOf: floorTemplate, as: place, plan: plan)
            floorBytes = 0
            return try await Usage.of { floorBytes = try floorPull(from: store) }
        }
        try bench.compare("w3-bytes", count: count, bytes: bytes, floorBytes: floorBytes)
    }

    /// Reads all rows and compresses them; returns how many bytes come out.
    private func floorPull(from store: FloorStore) throws -> Int {
        var deflater = try GzipDeflater()
        var (piece, count): ([UInt8], Int) = ([], 0)
        for select in selects {
            try unsafe store.read(select) { row in
                unsafe piece.append(contentsOf: row)
                piece.append(UInt8(ascii: "\n"))
                guard piece.count >= Self.pieceBytes else { return }
                count += deflater.deflate(piece).count
                piece.removeAll(keepingCapacity: true)
            }
        }
        return count + deflater.finish(piece).count
    }

    private static let pieceBytes = 64 * 1_024
}
