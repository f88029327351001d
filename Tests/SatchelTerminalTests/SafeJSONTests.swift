import SatchelSync
import SatchelTerminal
import Testing

@Suite struct SafeJSONTests {
    @Test func `escaped JSON is the same value without characters that drive a terminal`() throws {
        let value = JSONValue.members(["k": .text("\u{1B}[1m \u{9B}2J \u{202E} \u{2028} \u{7F} 蓝 \\ \"")])
        let line = OutputOptions.line(value)
        let isSafe = line.dropLast().unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value) && scalar.value != 0x202E
                && scalar.value != 0x2028
        }
        #expect(isSafe, "\(line)")
        #expect(try JSONReader.parse(Array(line.dropLast().utf8)) == value)
    }
}
