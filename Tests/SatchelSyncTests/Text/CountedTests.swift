import SatchelSync
import Testing

@Suite struct CountedTests {
    @Test func `one is one, and everything else is many`() {
        #expect(Counted.text(1, "record") == "1 record")
        #expect(Counted.text(0, "record") == "0 records")
        #expect(Counted.text(2, "change-set") == "2 change-sets")
        #expect(Counted.text(1, "entry", "entries") == "1 entry")
        #expect(Counted.text(UInt64(3), "entry", "entries") == "3 entries")
        #expect(Counted.text(1, "record waits", "records wait") == "1 record waits")
    }
}
