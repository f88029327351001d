import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct LocationTests {
    @Test(arguments: [
        ("48.137154,11.576124", "48.1371540,11.5761240"), ("48.137154, 11.576124, 12", "48.1371540,11.5761240,12"),
        ("-90,180", "-90.0000000,180.0000000"), ("90,-180,0", "90.0000000,-180.0000000,0"),
        ("0.0000001,-0.0000001", "0.0000001,-0.0000001"), ("1.00000000,2", "1.0000000,2.0000000"),
        ("0,0,20100000", "0.0000000,0.0000000,20100000"),
        // As phones write them.
        ("47.04712429999999,7.038471899999999,24.0", "47.0471243,7.0384719,24"),
        ("-0.00000005,0.00000004999,0.0001", "-0.0000001,0.0000000,1"),
        ("-33.99999996,1,12.99", "-34.0000000,1.0000000,13"),
        ("45.375987450,14.165938050", "45.3759875,14.1659381"),
        ("89.99999999,-179.99999999", "90.0000000,-180.0000000"),
    ])
    func `a place is read to the centimetre and written with seven digits`(text: String, written: String) throws {
        let place = try #require(Location(text))
        #expect(place.description == written)
        #expect(Location(written) == place)
    }

    @Test(arguments: [
        "", "48.1", "48.1,", ",11", "48.1;11.5", "90.0000001,0", "-90.0000001,0", "0,180.0000001", "0,-180.0000001",
        "0,0,-1", "0,0,20100001", "0,0,20100000.1", "0,0,-0.5", "0,0,0,0", "90.00000005,0", "N48,E11", "0,0,",
        "922337203685477580.7,0", "1.0000000x,0", "1.,0", "0,0,1.", "1.0.1,0", "1.00000001.5,0", ".5,0", "4.7e1,7",
        "NaN,7",
        "1.\(String(repeating: "0", count: 60)),0",
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
