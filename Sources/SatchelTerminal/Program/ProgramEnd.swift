package import ArgumentParser
import SatchelInspection
package import SatchelSync

/// How a program ends: what it says and its exit code (`Protocol/cli.md`).
package struct ProgramEnd: Hashable, Sendable {
    /// 0 done, 1 failed, 64 wrong usage; other codes are the command's own.
    package let exitCode: Int32
    /// What goes to standard output; help and versions do.
    package let output: String
    /// What goes to standard error.
    package let error: String

    /// Says how a program ends.
    package init(exitCode: Int32, output: String = "", error: String = "") {
        self.exitCode = exitCode
        self.output = output
        self.error = error
    }

    /// Says how a program ends on an error that reached its root.
    ///
    /// A command says a code of its own by throwing `ExitCode`, and wrong arguments by `ValidationError`. What is not
    /// known here is an `internal_error`, without a stack trace. `arguments` are those that were typed: a text among them that the
    /// parser took for an option is named.
    package init(
        on error: any Error, of root: any ParsableCommand.Type, isJSON: Bool, arguments: [String] = []
    ) {
        let program = root.configuration.commandName ?? root._commandName
        switch error {
        case let error as SatchelError: self = .failed(error, program: program, isJSON: isJSON)
        case let code as ExitCode: self.init(exitCode: code.rawValue)
        case is OutputClosed: self.init(exitCode: 0)
        case is CancellationError:
            self.init(exitCode: 130, error: "\(program): \(said("Stopped. What was recorded is kept."))\n")
        default: self.init(onParsing: error, of: root, program: program, isJSON: isJSON, arguments: arguments)
        }
    }

    /// A failure as one line: `program: message remedy [code]`, or its JSON.
    ///
    /// Without an exit code of the caller's it is 64 for wrong usage, and 1 for all else.
    package static func failed(
        _ error: SatchelError, program: String, isJSON: Bool, exitCode: Int32? = nil
    ) -> ProgramEnd {
        let line =
            isJSON ? OutputOptions.line(error.json) : "\(program): \(SafeText.line(error.said))\n"
        let usual = error.isWrongUsage ? ExitCode.validationFailure.rawValue : 1
        return ProgramEnd(exitCode: exitCode ?? usual, error: line)
    }

    private init(
        onParsing error: any Error, of root: any ParsableCommand.Type, program: String, isJSON: Bool,
        arguments: [String]
    ) {
        let hint = Self.hint(about: arguments, message: root.message(for: error))
        let code = root.exitCode(for: error)
        if code == .success {
            // What a shell reads is in no language.
            let isForShell =
                arguments.first.map { $0 == "---completion" || $0.hasPrefix("--generate-completion") } ?? false
            let message = root.fullMessage(for: error)
            self.init(exitCode: 0, output: (isForShell ? message : ParserText.said(message)) + "\n")
        } else if code == .validationFailure {
            guard isJSON else {
                var lines = SafeText.lines(root.fullMessage(for: error)).map { ParserText.said(Excerpt.sentence($0)) }
                if let hint {
                    lines.insert(
                        Sentences.joined([said("Help:"), SafeText.line(hint)], gap: "  "), at: min(1, lines.count))
                }
                self.init(exitCode: code.rawValue, error: lines.joined(separator: "\n") + "\n")
                return
            }
            let failure = SatchelError(
                .invalidRequest, root.message(for: error),
                remedy: [hint.map { "\($0)." }, "See \(root.commandPath(of: arguments)) --help."].compactMap(\.self)
                    .joined(separator: " "))
            self = .failed(failure, program: program, isJSON: true, exitCode: code.rawValue)
        } else {
            let what = String(root.message(for: error).prefix(400))
            let failure = SatchelError(
                .internalError, "Something went wrong that \(program) does not know: \(what)",
                remedy: "This is a bug: please report it with the command you typed.", cause: error)
            self = .failed(failure, program: program, isJSON: isJSON)
        }
    }

    /// How a text is written that the argument parser took for an option; `nil` where none is what it complains of.
    private static func hint(about arguments: [String], message: String) -> String? {
        let complaints = ["Missing expected argument", "Unknown option", "Unexpected argument"]
        guard complaints.contains(where: message.contains) else { return nil }
        return ProgramArguments.textLikeOption(in: arguments).map {
            said("A text that begins with \"-\" stands last, behind \"--\": -- \(ShellWord.quoted($0))")
        }
    }
}

extension SatchelError {
    /// The message in the language of the process; of one that is about a line of a file, what is said of the line, too.
    private var told: String {
        // The server says so in UTC, to whoever holds the device.
        guard code != .deviceRevoked else { return Phrase(reading: ShownTimes.here.instants(in: message)).description }
        guard let line = message.prefixMatch(of: #/Line ([0-9]+): /#) else {
            return Phrase(reading: message).description
        }
        let sentence = Phrase(reading: String(message[line.range.upperBound...])).description
        return SatchelTerminal.said("Line \(line.1): \(sentence)")
    }

    /// Message, remedy and code in one line, in the language of the process.
    package var said: String {
        Sentences.joined([
            told, remedy.map { Phrase(reading: $0).description }, "[\(code.word)]",
        ])
    }
}
