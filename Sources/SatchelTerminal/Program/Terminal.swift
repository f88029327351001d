#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the process's standard streams are connected to.
package enum Terminal {
    /// Whether standard input is a terminal.
    package static var isInput: Bool { isatty(STDIN_FILENO) == 1 }

    /// Whether standard output is a terminal.
    package static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard error is a terminal.
    package static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// The columns of the terminal that standard output is; `nil` where it is none, so that nothing is cut in files and pipes.
    package static var outputWidth: Int? { width(of: STDOUT_FILENO) }

    /// The columns of the terminal that standard error is; `nil` where it is none, or one on which no line can be rewritten.
    package static var errorWidth: Int? { environment("TERM") == "dumb" ? nil : width(of: STDERR_FILENO) }

    private static func width(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        if let columns = environment("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// An environment variable; `nil` where it is not set.
    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
