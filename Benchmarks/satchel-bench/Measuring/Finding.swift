import Foundation

/// One line of the yardstick: what ours took and what the floor took.
struct Finding: Encodable, Sendable {
    /// What is counted.
    enum Measure: String, Encodable, Sendable {
        /// User and system time, in milliseconds.
        case cpu = "cpu_ms"
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
        case wallMilliseconds = "wall_ms"
        case floorWallMilliseconds = "floor_wall_ms"
    }

    /// Compares CPU times.
    init(name: String, ours: [Usage], floor: [Usage], count: Int) {
        self.name = name
        self.count = count
        measure = .cpu
        self.ours = Self.median(ours.map(\.cpuMilliseconds))
        self.floor = Self.median(floor.map(\.cpuMilliseconds))
        ratio = Self.ratio(self.ours, self.floor)
        wallMilliseconds = Self.rounded(Self.median(ours.map(\.wallMilliseconds)))
        floorWallMilliseconds = Self.rounded(Self.median(floor.map(\.wallMilliseconds)))
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
        wallMilliseconds = nil
        floorWallMilliseconds = nil
        runs = 1
    }

    /// One line for people.
    var text: String {
        let name = name.padding(toLength: 22, withPad: " ", startingAt: 0)
        let ratio = Self.padded(String(format: "%.2f", ratio), 6)
        switch measure {
        case .cpu:
            let (ours, floor) = (Self.shown(ours), Self.shown(floor))
            let (wall, floorWall) = (Self.shown(wallMilliseconds ?? 0), Self.shown(floorWallMilliseconds ?? 0))
            return "\(name)\(ratio) ×   cpu \(ours) ms, floor \(floor) ms   wall \(wall) ms, floor \(floorWall) ms"
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
