import ArgumentParser
package import SatchelSync
import Synchronization

/// A language that people are spoken to in.
package enum Language: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// What every phrase is written in.
    case english = "en"
    /// Simplified Chinese.
    case chinese = "zh"

    private static let chosen = Atomic<Bool>(false)
    private static let isForPrograms = Atomic<Bool>(false)

    /// The language of this process: English until another one is chosen, and where programs read what it prints.
    package static var current: Language { isForPrograms.load(ordering: .relaxed) ? .english : asked }

    /// The language that was asked for: in that people type words, and have names sorted, whoever reads the answer.
    package static var asked: Language { chosen.load(ordering: .relaxed) ? .chinese : .english }

    /// Speaks English from now on, as JSON has it in every language; to be called before anything is said.
    package static func speakToPrograms() { isForPrograms.store(true, ordering: .relaxed) }

    /// Speaks a language from now on; to be called before anything is said.
    package static func speak(_ language: Language) { chosen.store(language == .chinese, ordering: .relaxed) }

    /// The arguments without a language before the verb, which has been spoken since: the verbs alone know the option.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request` where it is none of ours.
    package static func droppingFirst(of arguments: [String]) throws(SatchelError) -> [String] {
        guard let first = arguments.first else { return arguments }
        let word: String
        let count: Int
        if first == "--language" {
            (word, count) = (arguments.dropFirst().first ?? "", min(2, arguments.count))
        } else if first.hasPrefix("--language=") {
            (word, count) = (String(first.dropFirst(11)), 1)
        } else {
            return arguments
        }
        guard Language(rawValue: word) != nil else {
            throw .wrongUsage(
                "The languages are en and zh; got \"\(Excerpt.of(word))\".",
                remedy: "Say --language en or --language zh.")
        }
        return Array(arguments.dropFirst(count))
    }

    /// The language that arguments and environment ask for: `--language`, else the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set, as
    /// POSIX has it.
    ///
    /// It is looked up by hand, since help and the errors of the argument parser need it before the arguments are parsed. A value that is no
    /// language of ours is English here; the option itself refuses it.
    package static func wanted(by arguments: [String], environment: (String) -> String?) -> Language {
        let options = arguments.prefix { $0 != "--" }
        for (index, option) in options.enumerated() {
            if option == "--language", index + 1 < options.count {
                return Language(rawValue: options[index + 1]) ?? .english
            }
            if option.hasPrefix("--language=") { return Language(rawValue: String(option.dropFirst(11))) ?? .english }
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty }
        return locale?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }
}
