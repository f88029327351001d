import SatchelTerminal
import Testing

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("Ann", 3), ("蓝门咖啡", 8), ("ﾊﾝｶｸ", 4), ("ＡＢ", 4), ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("e\u{301}", 1), ("Zürich", 6), ("Zu\u{308}rich", 6), ("👍", 2), ("👍🏽", 2), ("👨‍👩‍👧‍👦", 2), ("🇨🇳", 2), ("❤", 1),
        ("❤️", 2),
        ("1️⃣", 2), ("\u{301}", 0), ("\u{200B}", 0), ("\u{AD}", 0), ("नमस्ते", 4), ("عربي", 4), ("「」", 4), ("…", 1),
        ("𠀀", 2), ("🫩", 2),
    ]) func `text takes the columns that a terminal gives it`(text: String, columns: Int) {
        #expect(DisplayWidth.of(text) == columns, "\(text)")
    }

    @Test(arguments: [
        ("蓝门咖啡", 8, "蓝门咖啡"), ("蓝门咖啡", 7, "蓝门咖…"), ("蓝门咖啡", 6, "蓝门…"), ("Blue Door", 5, "Blue…"),
        ("Blue Door", 1, "…"), ("Blue Door", 0, ""), ("", 0, ""), ("👨‍👩‍👧‍👦👍x", 4, "👨‍👩‍👧‍👦…"),
    ]) func `cutting never splits a character and never exceeds the width`(text: String, width: Int, expected: String) {
        let cut = DisplayWidth.cut(text, to: width)
        #expect(cut == expected)
        #expect(DisplayWidth.of(cut) <= width)
    }
}
