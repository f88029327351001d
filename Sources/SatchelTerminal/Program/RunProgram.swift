package import ArgumentParser
import SatchelSync

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a program from its arguments to its exit code, and does not return.
///
/// Arguments that are not UTF-8 are refused before anything runs. A ``SatchelSync/SatchelError`` goes to standard error
/// as `program: message remedy [code]`, or as JSON under `--json`, with exit code 1; wrong usage is 64; a command says
/// any other code by throwing `ExitCode`. Commands throw a ``SatchelSync/SatchelError`` from `run`; from `validate` the
/// argument parser hides it, so there it is a `ValidationError`. Writing to a pipe that nobody reads ends the program
/// quietly. Where it `hasLanguages`, `--language` may stand before the verb, too, and so may the `leading` options. Where it `saysWhenStopped`, Ctrl-C and SIGTERM make it say what
/// is safe, unless `--json` or `--quiet` is given, and end with 128 and the signal's number.
@concurrent
package func runProgram(
    _ root: any ParsableCommand.Type, hasLanguages: Bool = false, leading: [String] = [],
    saysWhenStopped: Bool = false
) async -> Never {
    // A closed pipe is an error of the write, not the death of a process that may hold the lease.
    _ = signal(SIGPIPE, SIG_IGN)
    var isJSON = false
    var end = ProgramEnd(exitCode: 0)
    var arguments: [String] = []
    do {
        do {
            arguments = try ProgramArguments.read()
            isJSON = ProgramArguments.asksForJSON(arguments)
            if isJSON { Language.speakToPrograms() }
            arguments = try LeadingOptions.movedBehindVerb(
                in: arguments, of: root, names: leading, hasLanguages: hasLanguages)
        } catch {
            let program = root.configuration.commandName ?? root._commandName
            finish(.failed(error, program: program, isJSON: isJSON, exitCode: ExitCode.validationFailure.rawValue))
        }
        if let unknown = root.unknownCommand(in: arguments) {
            let program = root.configuration.commandName ?? root._commandName
            finish(.failed(unknown, program: program, isJSON: isJSON, exitCode: ExitCode.validationFailure.rawValue))
        }
        // For installers, as `--generate-completion-script` is.
        if arguments == ["--manual-page"] { finish(ProgramEnd(exitCode: 0, output: try ManualPage(of: root).text)) }
        // Where the points are listed, a wrong one is no reason to refuse.
        if arguments.first != "faults" { try DebugSettings.take(from: Terminal.environment) }
        try await run(root, arguments, saysWhenStopped: saysWhenStopped)
        try StandardStream.flushPrinted()
    } catch {
        end = ProgramEnd(on: error, of: root, isJSON: isJSON, arguments: arguments)
        if hasLanguages, arguments.first?.hasPrefix("--generate-completion") == true {
            end = ProgramEnd(
                exitCode: end.exitCode, output: CompletionScript.offeringLeadingOptions(end.output), error: end.error)
        }
    }
    finish(end)
}

@concurrent
private func run(
    _ root: any ParsableCommand.Type, _ arguments: [String], saysWhenStopped: Bool
) async throws {
    var command: any ParsableCommand
    if let root = root as? any AsyncParsableCommand.Type {
        command = try await root.asyncParseAsRoot(arguments)
    } else {
        command = try root.parseAsRoot(arguments)
    }
    if saysWhenStopped {
        let sentence = (command as? any StoppableCommand)?.stopped ?? said("Stopped. What was recorded is kept.")
        Interruption.ofProcess.listen(saying: ProgramArguments.isTalking(arguments) ? sentence : nil)
    }
    if var waiting = command as? any AsyncParsableCommand {
        try await waiting.run()
    } else {
        try command.run()
    }
}

private func finish(_ end: ProgramEnd) -> Never {
    var exitCode = end.exitCode
    do {
        if !end.output.isEmpty { try StandardStream.output.write(end.output) }
        if !end.error.isEmpty { try StandardStream.error.write(end.error) }
    } catch is OutputClosed {
        // Nobody listens: the code still tells.
    } catch {
        if exitCode == 0 { exitCode = 1 }
    }
    exit(exitCode)
}
