import SatchelStorage
import Testing

/// How text is cut for the search index.
@Suite struct SearchTextTests {
    @Test(
        arguments: [
            ("Blue Door", "Blue Door"), ("阿斯特", " 阿斯 斯特 特 "), ("阿", " 阿 "), ("A阿斯B", "A 阿斯 斯 B"), ("", ""),
            ("カタカナ", " カタ タカ カナ ナ "), ("阿 斯", " 阿   斯 "),
        ])
    func `runs without spaces become pairs`(text: String, indexed: String) {
        #expect(SearchText.indexed(text) == indexed)
    }

    @Test(
        arguments: [
            ("blue", "\"blue\" *"), ("Blue door", "\"Blue\" * AND \"door\" *"), ("阿斯", "\"阿斯\""), ("阿斯特", "\"阿斯 斯特\""),
            ("阿", "\"阿\" *"), ("Aster阿斯", "\"Aster\" * AND \"阿斯\""),
            ("a\"b OR (c)", "\"a\" * AND \"b\" * AND \"OR\" * AND \"c\" *"),
            ("+43 (1) 555", "\"43\" * AND \"1\" * AND \"555\" *"),
        ])
    func `a query asks for every word`(text: String, query: String) {
        #expect(SearchText.query(text) == query)
    }

    @Test(arguments: ["", "  ", "\"", "--", "。"])
    func `what has no word asks for nothing`(text: String) { #expect(SearchText.query(text) == nil) }
}
