package import SatchelSync

/// The arguments of the process, by their bytes.
package enum ProgramArguments {
    /// The arguments after the program's name.
    ///
    /// Swift's own list repairs bytes that are not UTF-8 in silence, and would store something else than what was typed.
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request`, naming the first argument that is not UTF-8.
    package static func read() throws(SatchelError) -> [String] {
        var arguments: [[UInt8]] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let pointer = unsafe CommandLine.unsafeArgv[index] else { break }
            var bytes: [UInt8] = []
            var offset = 0
            while unsafe pointer[offset] != 0 {
                unsafe bytes.append(UInt8(bitPattern: pointer[offset]))
                offset += 1
            }
            arguments.append(bytes)
        }
        return try texts(of: arguments)
    }

    /// The texts that the bytes are.
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request`, naming the first that is not UTF-8.
    package static func texts(of arguments: [[UInt8]]) throws(SatchelError) -> [String] {
        var texts: [String] = []
        for (index, bytes) in arguments.enumerated() {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw SatchelError(
                    .invalidRequest, "Argument \(index + 1) is not valid UTF-8 text.",
                    remedy: "Type it in a terminal that uses UTF-8; nothing was done.")
            }
            texts.append(text)
        }
        return texts
    }

    /// The first argument that begins with a minus and can only be meant as text, such as `-5 degrees`; `nil` where there is none.
    ///
    /// The argument parser takes it for an option that it does not know.
    package static func textLikeOption(in arguments: [String]) -> String? {
        arguments.prefix { $0 != "--" }.first { argument in
            guard argument.hasPrefix("-"), let second = argument.unicodeScalars.dropFirst().first else { return false }
            return ("0"..."9").contains(second) || argument.contains(where: \.isWhitespace) && !argument.contains("=")
        }
    }

    /// Whether people are told more than results and errors: neither `--json` nor `--quiet` is among the options.
    static func isTalking(_ arguments: [String]) -> Bool {
        let options = arguments.prefix { $0 != "--" }
        return !["--json", "--quiet", "-q"].contains(where: options.contains)
    }

    /// Whether `--json` is among the options, looked up by hand for errors that come before the arguments are parsed.
    package static func asksForJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}
