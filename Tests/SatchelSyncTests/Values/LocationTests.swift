import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct LocationTests {
    @Test(arguments: [
        ("48.137154,11.576124", "48.1371540,11.5761240"), ("48.137154, 11.576124, 12", "48.1371540,11.5761240,12"),
        ("-90,180", "-90.0000000,180.0000000"), ("90,-180,0", "90.0000000,-180.0000000,0"),
        ("0.0000001,-0.0000001", "0.0000001,-0.0000001"), ("1.00000000,2", "1.0000000,2.0000000"),
        ("0,0,20100000", "0.0000000,0.0000000,20100000"),
    ])
    func `a place is read exactly and written with seven digits`(text: String, written: String) throws {
        let place = try #require(Location(text))
        #expect(place.description == written)
        #expect(Location(written) == place)
    }

    @Test(arguments: [
        "", "48.1", "48.1,", ",11", "48.1;11.5", "90.0000001,0", "-90.0000001,0", "0,180.0000001", "0,-180.0000001",
        "0,0,-1", "0,0,20100001", "0,0,1.5", "0,0,0,0", "1.00000001,0", "N48,E11", "0,0,", "922337203685477580.7,0",
    ])
    func `what is no place on the earth is refused`(text: String) { #expect(Location(text) == nil) }

    @Test func `numbers out of range are refused before they are made smaller`() {
        #expect(Location(latitude: .max, longitude: 0, accuracy: nil) == nil)
        #expect(Location(latitude: 0, longitude: .min, accuracy: nil) == nil)
        #expect(Location(latitude: 0, longitude: 0, accuracy: .max) == nil)
        #expect(Location(latitude: 4_294_967_296, longitude: 0, accuracy: nil) == nil)
    }

    @Test func `no accuracy and an accuracy of nothing are two things`() throws {
        let unknown = try #require(Location("1,2"))
        let exact = try #require(Location("1,2,0"))
        #expect(unknown.accuracy == nil && exact.accuracy == 0 && unknown != exact)
    }
}
