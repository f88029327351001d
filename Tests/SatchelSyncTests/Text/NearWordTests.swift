import SatchelSync
import Testing

@Suite struct NearWordTests {
    private static let types = [
        "account", "contact", "opportunity", "product", "visit", "check_in", "photo", "note", "task", "activity",
    ]

    @Test(arguments: [
        ("acount", "account"), ("accounts", "account"), ("Account", "account"), ("accuont", "account"),
        ("opportunty", "opportunity"), ("checkin", "check_in"), ("notes", "note"), ("opp", "opportunity"),
        ("vist", "visit"), ("TASK", "task"),
    ]) func `a slip is near to what was meant`(word: String, name: String) {
        #expect(NearWord.of(word, among: Self.types) == name)
        #expect(NearWord.question(word, among: Self.types) == "Did you mean \(name)? ")
    }

    @Test(arguments: ["", "xyz", "customer", "a", "p", "阿斯特", String(repeating: "account", count: 20)])
    func `what is near to nothing, or to several alike, is left alone`(word: String) {
        #expect(NearWord.of(word, among: Self.types) == nil)
        #expect(NearWord.question(word, among: Self.types).isEmpty)
    }

    @Test func `nothing is near where there is nothing`() { #expect(NearWord.of("account", among: []) == nil) }
}
