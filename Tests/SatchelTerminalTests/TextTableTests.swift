import SatchelTerminal
import Testing

@Suite struct TextTableTests {
    private static func accounts() -> TextTable {
        var table = TextTable([
            .init("ID", isCuttable: false), .init("NAME"), .init("DAYS", .trailing), .init("CITY"),
        ])
        table.add(["9c41", "蓝门咖啡馆", "30", "上海"])
        table.add(["07fa", "Blue Door Coffee Roasters", "7", "Zürich"])
        table.add(["b2d0", "👨‍👩‍👧 Family", "120"])
        return table
    }

    @Test func `columns line up by display width and numbers stand to the right`() {
        #expect(
            Self.accounts().rendered() == """
                ID    NAME                       DAYS  CITY
                9c41  蓝门咖啡馆                   30  上海
                07fa  Blue Door Coffee Roasters     7  Zürich
                b2d0  👨‍👩‍👧 Family                   120

                """)
    }

    @Test func `a table is cut to a terminal's width at its widest columns`() {
        #expect(
            Self.accounts().rendered(width: 32) == """
                ID    NAME          DAYS  CITY
                9c41  蓝门咖啡馆      30  上海
                07fa  Blue Door C…     7  Zürich
                b2d0  👨‍👩‍👧 Family      120

                """)
    }

    @Test func `ids and numbers are never cut`() {
        let lines = Self.accounts().rendered(width: 1).split(separator: "\n")
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("9c41") || $0.hasPrefix("07fa") || $0.hasPrefix("b2d0") })
        #expect(lines.contains { $0.contains("120") })
    }

    @Test func `hostile cells cannot leave their line or colour the next`() {
        var table = TextTable([.init("NAME"), .init("CITY")])
        table.add(["evil\n\u{1B}[31mred\u{1B}[0m", "x\r\u{9B}2J"])
        let text = table.rendered(style: Style(isColored: false))
        #expect(
            text == """
                NAME                          CITY
                evil\\n\\u{1B}[31mred\\u{1B}[0m  x\\r\\u{9B}2J

                """)
    }

    @Test func `colours do not shift columns`() {
        var table = TextTable([.init("A"), .init("B")])
        table.add([.init("x", .alert), .init("y")])
        #expect(
            table.rendered(style: Style(isColored: true))
                == "\u{1B}[1mA\u{1B}[0m  \u{1B}[1mB\u{1B}[0m\n\u{1B}[31mx\u{1B}[0m  y\n")
    }

    @Test func `a table without rows prints nothing`() {
        #expect(TextTable([.init("ID")]).rendered().isEmpty)
    }

    @Test func `a column that may be left out is, where nothing is in it`() {
        var table = TextTable([.init("ID"), .init("MARK", isOptional: true), .init("NAME")])
        table.add([.init("1"), .init(""), .init("A")])
        #expect(table.rendered() == "ID  NAME\n1   A\n")
        table.add([.init("2"), .init("new"), .init("B")])
        #expect(table.rendered() == "ID  MARK  NAME\n1         A\n2   new   B\n")
    }
}
