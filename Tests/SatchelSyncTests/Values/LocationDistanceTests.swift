import Foundation
import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct LocationDistanceTests {
    @Test(arguments: [
        ("31.2304,121.4737", "31.2304,121.4737", 0),
        // A thousandth of a degree along a meridian, along the equator, and along the parallel of 60° north.
        ("48,11", "48.001,11", 111), ("0,11", "0,11.001", 111), ("60,11", "60,11.001", 56),
        ("0,0", "0,180", 20_015_114), ("90,0", "-90,77", 20_015_114), ("90,0", "90,180", 0),
        ("0,179.9995", "0,-179.9995", 111),
        // Shanghai and Beijing, Munich and Sydney, by the same formula elsewhere.
        ("31.2304,121.4737", "39.9042,116.4074", 1_067_312), ("48.137154,11.576124", "-33.8688,151.2093", 16_328_809),
    ])
    func `the distance between two places is the same both ways`(one: String, other: String, metres: Int) throws {
        let (here, there) = (try #require(Location(one)), try #require(Location(other)))
        #expect(here.distanceMetres(to: there) == metres)
        #expect(there.distanceMetres(to: here) == metres)
    }

    @Test func `it is what the mathematical library finds`() throws {
        try forAll(cases: 2_000) { random, replay in
            let here = try Self.place(&random)
            // Every other time a neighbour, as a photo is of a check-in.
            let reach: Int64 = 100_000
            let near = Location(
                latitude: Int64(here.latitude) + .random(in: -reach...reach, using: &random),
                longitude: Int64(here.longitude) + .random(in: -reach...reach, using: &random), accuracy: nil)
            let there = try Bool.random(using: &random) ? near ?? here : Self.place(&random)
            let found = Double(here.distanceMetres(to: there))
            #expect(abs(found - Self.distance(here, there)) <= 0.501, "\(replay): \(here) to \(there)")
        }
    }

    private static func place(_ random: inout SeededRandom) throws -> Location {
        try #require(
            Location(
                latitude: .random(in: -900_000_000...900_000_000, using: &random),
                longitude: .random(in: -1_800_000_000...1_800_000_000, using: &random), accuracy: nil))
    }

    /// By Vincenty's formula for a sphere: exact at every distance.
    private static func distance(_ here: Location, _ there: Location) -> Double {
        let angles = [here.latitude, here.longitude, there.latitude, there.longitude].map {
            Double($0) / 1e7 * .pi / 180
        }
        let east = angles[3] - angles[1]
        let across = cos(angles[2]) * sin(east)
        let along = cos(angles[0]) * sin(angles[2]) - sin(angles[0]) * cos(angles[2]) * cos(east)
        let inward = sin(angles[0]) * sin(angles[2]) + cos(angles[0]) * cos(angles[2]) * cos(east)
        return 6_371_008.8 * atan2((across * across + along * along).squareRoot(), inward)
    }
}
