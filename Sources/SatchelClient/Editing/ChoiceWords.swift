import SatchelSync
import Synchronization

/// How people call the words of enums in their language: what a list shows may be typed.
package enum ChoiceWords {
    /// Names a field and one of its words; answers what people call it, or `nil` where they have no other word.
    package typealias Naming = @Sendable (_ field: String, _ word: String) -> String?

    private static let naming = Mutex<Naming?>(nil)

    /// Takes words in another language from now on; to be called before anything is typed.
    package static func speak(_ naming: @escaping Naming) { self.naming.withLock { $0 = naming } }

    /// The word of an enum that is typed as people call it; the text itself for everything else.
    static func word(typed text: String, field: Field) -> String {
        guard case .enumeration(let cases) = field.kind, !cases.contains(UTF8Text(text)),
            let naming = naming.withLock({ $0 })
        else { return text }
        return cases.first { naming(field.name, $0.string) == text }?.string ?? text
    }
}
