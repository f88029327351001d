import SatchelSync
import Yams

/// One thing that is wrong in a schema file, and where.
struct SchemaProblem: Hashable, Sendable {
    /// What is wrong, as a sentence.
    let sentence: String
    /// From 1; `nil` for what concerns the file as a whole.
    let line: Int?
    /// From 1, counted in Unicode scalars.
    let column: Int?

    init(_ sentence: String, line: Int?, column: Int?) {
        self.sentence = sentence
        self.line = line
        self.column = column
    }

    init(_ sentence: String, at mark: Mark?) {
        self.init(sentence, line: mark?.line, column: mark?.column)
    }

    /// What the YAML library says, in our words.
    init(yamlError error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let about = context.map { "\($0.text), " } ?? ""
            self.init("This is not YAML: \(about)\(problem).", at: mark)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "\"\(Excerpt.of($0))\"" }.joined(separator: ", ")
            self.init("A mapping names a key twice: \(names); the first stands here.", at: context.mark)
        case .reader(let problem, _, _, _):
            self.init("The text cannot be read: \(problem).", line: nil, column: nil)
        default:
            self.init("The text cannot be read as YAML.", line: nil, column: nil)
        }
    }

    /// The place and the sentence.
    var description: String {
        guard let line else { return sentence }
        guard let column else { return "Line \(line): \(sentence)" }
        return "Line \(line), column \(column): \(sentence)"
    }

    /// The failure that tells of all of them, in the order of the file.
    static func error(_ problems: [SchemaProblem]) -> SatchelError {
        let shown = problems.sorted { ($0.line ?? .max, $0.column ?? 0) < ($1.line ?? .max, $1.column ?? 0) }
            .prefix(shownMax)
        var message = "The schema file has \(problems.count == 1 ? "a problem" : "\(problems.count) problems")."
        for problem in shown { message += " \(problem.description)" }
        if problems.count > shown.count { message += " … and \(problems.count - shown.count) more." }
        return SatchelError(
            .invalidSchema, message, remedy: "Correct the schema file; Protocol/schema.md explains the format.")
    }

    /// How many problems one message tells.
    private static let shownMax = 20
}
