import SatchelSync
import SatchelTerminal
import Testing

@Suite struct DebugSettingsTests {
    @Test func `nothing set, and set to nothing, is nothing planted`() throws {
        try DebugSettings.take { _ in nil }
        try DebugSettings.take { _ in "" }
        try DebugSettings.take { $0 == "SATCHEL_NOW" ? "2026-03-02T08:01:13.120Z" : nil }
    }

    @Test(arguments: [
        ("SATCHEL_FAULT", "replica-commits", "faults list"), ("SATCHEL_MUTANT", "nonsense", "clock-decides"),
        ("SATCHEL_NOW", "yesterday", "2026-"),
    ])
    func `what cannot be understood is wrong usage, with what can`(name: String, value: String, remedy: String) {
        let error = #expect(throws: SatchelError.self) { try DebugSettings.take { $0 == name ? value : nil } }
        #expect(error?.isWrongUsage == true)
        #expect(error?.remedy?.contains(remedy) == true)
    }
}
