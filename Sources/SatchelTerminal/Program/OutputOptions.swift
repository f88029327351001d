import ArgumentParser
package import SatchelSync

/// When colours are written.
package enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// On a terminal, unless `NO_COLOR` is set.
    case auto
    /// Even into a file.
    case always
    /// Not at all.
    case never

    /// Decides for a stream.
    ///
    /// `noColor` is the variable `NO_COLOR`, which counts when it is set and not empty (no-color.org); `terminal` is `TERM`, by which a terminal
    /// says that it knows no more than text.
    package func isColored(isTerminal: Bool, noColor: String?, terminal: String? = nil) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && (noColor ?? "").isEmpty && terminal != "dumb"
        }
    }
}

/// How a command speaks: the options that every command shares.
package struct OutputOptions: ParsableArguments {
    /// One JSON document in place of text.
    @Flag(name: .long, help: .said("Print JSON, a documented contract, in place of text."))
    package var json = false

    /// When colours are written.
    @Option(name: .long, help: .said("When to use colours; NO_COLOR turns them off.", name: "when"))
    package var color = ColorChoice.auto

    /// Nothing but results and errors.
    @Flag(name: .shortAndLong, help: .said("Say nothing but results and errors."))
    package var quiet = false

    /// Text, with colours where it is a terminal.
    package init() {}

    /// Whether standard output gets colours.
    package var style: Style {
        Style(
            isColored: !json
                && color.isColored(
                    isTerminal: Terminal.isOutput, noColor: Terminal.environment("NO_COLOR"),
                    terminal: Terminal.environment("TERM"))
        )
    }

    /// The columns to fit tables into; `nil` where standard output is no terminal.
    package var width: Int? { Terminal.outputWidth }

    /// Prints a result: its JSON on one line under `--json`, else its text as it is.
    /// - Throws: ``OutputClosed``, or ``SatchelSync/SatchelError`` `storage_failed` or `disk_full`.
    package func show(json value: @autoclosure () -> JSONValue, text: @autoclosure () -> String) throws {
        try StandardStream.output.write(json ? Self.line(value()) : text())
    }

    /// Says to standard error what is no result; silent under `--quiet` and `--json`.
    package func say(_ sentence: @autoclosure () -> String) {
        guard !quiet, !json else { return }
        // Talk that nobody can hear is no reason to stop.
        try? StandardStream.error.write(sentence() + "\n")
    }

    /// JSON on one line, in which characters that drive a terminal are escaped too.
    package static func line(_ value: JSONValue) -> String {
        SafeText.jsonEscaped(JSONWriter.text(value)) + "\n"
    }
}
