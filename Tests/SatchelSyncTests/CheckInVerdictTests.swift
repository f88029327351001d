import SatchelSync
import Testing

/// What a position says of a check-in: inside and outside, rough, old, made up, and none.
@Suite struct CheckInVerdictTests {
    private static func place(_ north: Int64, accuracy: Int64? = nil) -> Location? {
        // A ten-millionth of a degree north is 1.11 cm.
        Location(latitude: 312_304_000 + north, longitude: 1_214_737_000, accuracy: accuracy)
    }

    @Test(
        arguments: [
            (place(0, accuracy: 10), 4, false, place(0), 300, "verified", 0),
            (place(26_000, accuracy: 10), 4, false, place(0), 300, "verified", 289),
            (place(27_500, accuracy: 10), 4, false, place(0), 300, "low_accuracy", 306),
            (place(28_500, accuracy: 10), 4, false, place(0), 300, "outside", 317),
            (place(0, accuracy: 301), 4, false, place(0), 300, "low_accuracy", 0),
            (place(100_000, accuracy: 500), 4, false, place(0), 300, "outside", 1_112),
            (place(0, accuracy: 10), 601, false, place(0), 300, "unverified", 0),
            (place(0, accuracy: 10), 600, false, place(0), 300, "verified", 0),
            (place(0, accuracy: 10), nil, true, place(0), 300, "unverified", 0),
            (place(0), nil, false, nil, 300, "unverified", nil),
            (nil, nil, false, place(0), 300, "skipped", nil),
            (place(1_000), nil, false, place(0, accuracy: 50), 20, "low_accuracy", 11),
        ] as [(Location?, Int64?, Bool, Location?, Int, String, Int?)])
    func `the verdict follows from distance, radius and doubt`(
        position: Location?, age: Int64?, isMock: Bool, site: Location?, radius: Int, word: String, distance: Int?
    ) {
        let verdict = CheckInVerdict(position: position, fixAge: age, isMock: isMock, site: site, radius: radius)
        #expect(verdict.word.rawValue == word)
        #expect(verdict.distance == distance)
        #expect(verdict.radius == radius)
    }
}
