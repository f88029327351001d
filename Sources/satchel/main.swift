import Foundation
import SatchelTerminal

Language.speak(
    .wanted(by: Array(CommandLine.arguments.dropFirst())) { ProcessInfo.processInfo.environment[$0] })
await runProgram(Satchel.self, hasLanguages: true)
