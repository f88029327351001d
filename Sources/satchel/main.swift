import Foundation
import SatchelClient
import SatchelTerminal

Language.speak(
    .wanted(by: Array(CommandLine.arguments.dropFirst())) { ProcessInfo.processInfo.environment[$0] })
if Language.asked == .chinese {
    ChoiceWords.speak { field, word in ChoiceText.name(of: word, in: field, language: .asked) }
}
await runProgram(Satchel.self, hasLanguages: true, leading: ["--home"], saysWhenStopped: true)
