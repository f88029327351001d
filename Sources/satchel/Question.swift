import Foundation
import SatchelTerminal

extension OutputOptions {
    /// Asks the person, where there is one to ask; no is the answer of nobody.
    func asks(_ question: String) -> Bool {
        guard !quiet, !json, Terminal.isInput, Terminal.isError else { return false }
        try? StandardStream.error.write("\(question) [y/N] ")
        return ["y", "yes"].contains((readLine() ?? "").lowercased().trimmingCharacters(in: .whitespaces))
    }
}
