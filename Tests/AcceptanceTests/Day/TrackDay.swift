import Foundation
import SatchelTestSupport
import ScenarioRunner

/// The day of a rep whose ways are real tracks: customers near some of their points, and check-ins at others.
struct TrackDay: Sendable {
    /// A check-in that the program made.
    struct CheckIn: Sendable {
        let id: String
        let customer: Customer
        /// Where; `nil` without a position.
        let point: TrackPoint?
        /// The answer of the command.
        let answer: Customer.Expectation
    }

    /// What `checkin --json` answers.
    private struct Answer: Decodable {
        let dot: String, records: [String], verdict: String?, distance: Int?, radius: Int?

        enum CodingKeys: String, CodingKey {
            case dot, records, verdict
            case distance = "distance_m"
            case radius = "radius_m"
        }
    }

    let customers: [Customer]
    /// Points of a phone, in the order of the file.
    let phone: [TrackPoint]
    /// Points of receivers: with and without times, of 1901, with offsets, with ten digits behind the point.
    let receivers: [TrackPoint]

    /// Reads the tracks; of long ones points are left out, evenly.
    init() throws {
        let phone = try Track(file: Places.tracks.appending(path: "posmo_phone_track.csv")).points
        let files = try FileManager.default.contentsOfDirectory(
            at: Places.tracks.appending(path: "gpxpy"), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
        let tracks = try files.map { try Track(file: $0).points }
        self.phone = Self.thinned(phone, to: Places.isWhole ? .max : 45)
        receivers = tracks.flatMap { Self.thinned($0, to: Places.isWhole ? .max : 6) }
        // Along the way of the phone, where it was sure of itself and where not, and at the beginning of other tracks.
        let rough = self.phone.filter { ($0.accuracy.flatMap(Double.init) ?? 0) > 40 }
        let places =
            [phone[440], rough[rough.count / 3], phone[1_200]] + tracks.filter { $0.count > 100 }.compactMap(\.first)
        let radii = [nil, 40, 5_000, nil, 1_000, 90, nil]
        customers =
            places.enumerated().map { index, place in
                Customer(
                    id: Self.id(index), name: "Customer \(index)",
                    place: TrackPoint(
                        latitude: place.latitude, longitude: place.longitude,
                        accuracy: index.isMultiple(of: 2) ? "10" : nil),
                    radius: radii[index % radii.count])
            } + [Customer(id: Self.id(99), name: "Customer whose place nobody knows", place: nil, radius: nil)]
    }

    /// Makes the customers, at the office.
    func makeCustomers(at server: ServerProcess) async throws {
        try await server.apply(try customers.map { try $0.line() }.joined(separator: "\n") + "\n")
    }

    /// The customer whom a rep would check in at: the nearest, and now and then one whose place nobody knows.
    func customer(for point: TrackPoint) -> Customer {
        let unknown = customers[customers.count - 1]
        if point.latitude.utf8.reduce(0, { $0 + Int($1) }).isMultiple(of: 9) { return unknown }
        return customers.min { ($0.metres(to: point) ?? .max) < ($1.metres(to: point) ?? .max) } ?? unknown
    }

    /// Checks in at each point, one command each, when the track was there; where it does not say when, now.
    func checkIn(at points: [TrackPoint], on device: Device) async throws -> [CheckIn] {
        var made: [CheckIn] = []
        for point in points {
            let then = point.instant.map { device.with("SATCHEL_NOW=\($0)") } ?? device
            made.append(try await checkIn(customer(for: point), at: point, on: then))
        }
        return made
    }

    /// Checks in once.
    func checkIn(_ customer: Customer, at point: TrackPoint?, on device: Device) async throws -> CheckIn {
        let position = point.map { ["--at", $0.typed] } ?? []
        let answer: Answer = try await device.run(["checkin", customer.id, "--json"] + position).decoded()
        device.site.keepAcknowledged(answer.dot, at: device.home)
        guard answer.records.count == 1, let radius = answer.radius else {
            throw AcceptanceFailure("A check-in is not one row with a radius: \(answer)")
        }
        return CheckIn(
            id: answer.records[0], customer: customer, point: point,
            answer: Customer.Expectation(
                position: customer.expects(point).position, verdict: answer.verdict ?? "", distance: answer.distance,
                radius: radius))
    }

    private static func thinned(_ points: [TrackPoint], to count: Int) -> [TrackPoint] {
        guard points.count > count else { return points }
        return (0..<count).map { points[$0 * points.count / count] }
    }

    private static func id(_ number: Int) -> String {
        "019a0000-0000-7000-8000-0000000a\(String(format: "%04d", number))"
    }
}

extension RecordForm {
    /// What the row of a check-in says.
    var said: Customer.Expectation? {
        guard case .text(let verdict)? = fields["verdict"], case .number(let radius)? = fields["radius_m"] else {
            return nil
        }
        var (position, distance): (String?, Int?)
        if case .text(let text)? = fields["position"] { position = text }
        if case .number(let metres)? = fields["distance_m"] { distance = Int(metres) }
        return Customer.Expectation(position: position, verdict: verdict, distance: distance, radius: Int(radius))
    }
}
