import SatchelSync
import SatchelTerminal
import Testing

@Suite struct HumanAgeTests {
    @Test(
        arguments: [
            (0, "just now"), (9, "just now"), (10, "10 s ago"), (59, "59 s ago"), (60, "1 min ago"),
            (359, "5 min ago"),
            (3_600, "1 h ago"), (86_399, "23 h ago"), (86_400, "1 day ago"), (172_800, "2 days ago"),
            (60 * 86_400, "2026-01-01"), (-9, "just now"), (-300, "in 5 min"), (-7_200, "in 2 h"),
        ] as [(Int64, String)]) func `an age is said in its largest full unit`(seconds: Int64, expected: String)
    {
        let now = Timestamp(milliseconds: 1_772_409_600_000)  // 2026-03-02T00:00:00Z
        let time = Timestamp(milliseconds: now.milliseconds - seconds * 1_000)
        #expect(HumanAge.text(of: time, now: now) == expected)
    }
}
