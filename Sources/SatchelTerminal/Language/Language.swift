import ArgumentParser
import Synchronization

/// A language that people are spoken to in.
package enum Language: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// What every phrase is written in.
    case english = "en"
    /// Simplified Chinese.
    case chinese = "zh"

    private static let chosen = Atomic<Bool>(false)

    /// The language of this process: English until another one is chosen.
    package static var current: Language { chosen.load(ordering: .relaxed) ? .chinese : .english }

    /// Speaks a language from now on; to be called before anything is said.
    package static func speak(_ language: Language) { chosen.store(language == .chinese, ordering: .relaxed) }

    /// The arguments without a language before the verb, which has been spoken since: the verbs alone know the option.
    ///
    /// One that is none of ours stays, to be refused.
    package static func droppingFirst(of arguments: [String]) -> [String] {
        if arguments.count > 2, arguments[0] == "--language", Language(rawValue: arguments[1]) != nil {
            return Array(arguments.dropFirst(2))
        }
        guard arguments.count > 1, arguments[0].hasPrefix("--language="),
            Language(rawValue: String(arguments[0].dropFirst(11))) != nil
        else { return arguments }
        return Array(arguments.dropFirst())
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
