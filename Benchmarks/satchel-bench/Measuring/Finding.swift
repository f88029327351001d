import Foundation

/// One line of the yardstick: what ours took and what the floor took.
struct Finding: Encodable, Sendable {
    /// What is counted.
    enum Measure: String, Encodable, Sendable {
        /// User and system time, in milliseconds.
        case cpu = "cpu_ms"
        /// Time on the wall, in milliseconds: what somebody waits.
        case wall = "wall_ms"
        /// Bytes on the wire.
        case bytes
    }

    /// What was measured.
    let name: String
    /// What the two numbers count.
    let measure: Measure
    /// Satchel's number: the median of the runs.
    let ours: Double
    /// The floor's number: the median of the same runs.
    let floor: Double
    /// Ours over the floor.
    let ratio: Double
    /// Satchel's user and system time, in milliseconds; `nil` for bytes.
    let cpuMilliseconds: Double?
    /// The floor's user and system time, in milliseconds; `nil` for bytes.
    let floorCPUMilliseconds: Double?
    /// Satchel's time on the wall, in milliseconds; `nil` for bytes.
    let wallMilliseconds: Double?
    /// The floor's time on the wall, in milliseconds; `nil` for bytes.
    let floorWallMilliseconds: Double?
    /// How many runs the medians are of.
    let runs: Int
    /// How many change-sets, records or edits one run took.
    let count: Int

    private enum CodingKeys: String, CodingKey {
        case name, measure, ours, floor, ratio, runs, count
        case cpuMilliseconds = "cpu_ms"
        case floorCPUMilliseconds = "floor_cpu_ms"
        case wallMilliseconds = "wall_ms"
        case floorWallMilliseconds = "floor_wall_ms"
    }

    /// Compares times: those of the processor, or those that somebody waits.
    init(name: String, _ measure: Measure = .cpu, ours: [Usage], floor: [Usage], count: Int) {
        self.name = name
        self.count = count
        self.measure = measure
        let cpu = (Self.median(ours.map(\.cpuMilliseconds)), Self.median(floor.map(\.cpuMilliseconds)))
        let wall = (Self.median(ours.map(\.wallMilliseconds)), Self.median(floor.map(\.wallMilliseconds)))
        (self.ours, self.floor) = measure == .wall ? wall : cpu
        ratio = Self.ratio(self.ours, self.floor)
        (cpuMilliseconds, floorCPUMilliseconds) = cpu
        (wallMilliseconds, floorWallMilliseconds) = wall
        runs = ours.count
    }

    /// Compares sizes.
    init(name: String, bytes: Int, floorBytes: Int, count: Int) {
        self.name = name
        self.count = count
        measure = .bytes
        ours = Double(bytes)
        floor = Double(floorBytes)
        ratio = Self.ratio(ours, floor)
        (cpuMilliseconds, floorCPUMilliseconds) = (nil, nil)
        (wallMilliseconds, floorWallMilliseconds) = (nil, nil)
        runs = 1
    }

    /// One line for people.
    var text: String {
        let name = name.padding(toLength: 22, withPad: " ", startingAt: 0)
        let ratio = Self.padded(String(format: "%.2f", ratio), 6)
        let cpu = "cpu \(Self.shown(cpuMilliseconds ?? 0)) ms, floor \(Self.shown(floorCPUMilliseconds ?? 0)) ms"
        let wall = "wall \(Self.shown(wallMilliseconds ?? 0)) ms, floor \(Self.shown(floorWallMilliseconds ?? 0)) ms"
        switch measure {
        case .cpu: return "\(name)\(ratio) ×   \(cpu)   \(wall)"
        case .wall: return "\(name)\(ratio) ×   \(wall)   \(cpu)"
        case .bytes:
            let (ours, floor) = (Self.padded(String(Int(ours)), 9), Self.padded(String(Int(floor)), 9))
            return "\(name)\(ratio) ×   \(ours) bytes, floor \(floor) bytes"
        }
    }

    /// One line for programs.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        let value = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        return rounded(value)
    }

    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
    private static func ratio(_ ours: Double, _ floor: Double) -> Double { floor > 0 ? rounded(ours / floor) : 0 }
    private static func shown(_ value: Double) -> String { padded(String(format: "%.1f", value), 8) }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
