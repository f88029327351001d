import ArgumentParser
import SatchelSync

/// The manual page of a program, in the language of man(7), from what its help says.
///
/// One page has all verbs, as those of git's smaller siblings do: nobody has to know the name of a page.
struct ManualPage {
    private var lines: [String] = []

    /// Writes the page of a program.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` where the argument parser describes its commands in a form that is not known.
    init(of root: any ParsableCommand.Type) throws(SatchelError) {
        let dump = root._dumpHelp()
        guard let command = try JSONReader.parse(Array(dump.utf8))["command"] else {
            throw SatchelError(.internalError, "The commands are described in a form that is not known.")
        }
        let name = command.text("commandName")
        lines.append(".TH \(Self.escaped(name.uppercased())) 1 \"\" \"Satchel \(SatchelVersion.current)\"")
        // Lines of a script without spaces cannot be stretched.
        if Language.current == .chinese { lines.append(".na") }
        section(said("NAME"))
        lines.append(Self.escaped("\(name) - \(command.text("abstract"))"))
        section(said("SYNOPSIS"))
        lines.append(".B \(Self.escaped(name))")
        lines.append(Self.escaped(said("COMMAND [ARGUMENTS] [OPTIONS]")))
        section(said("DESCRIPTION"))
        prose(command.text("discussion"))
        section(said("COMMANDS"))
        for verb in command.list("subcommands") { describe(verb, path: "") }
    }

    /// The page.
    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func section(_ title: String) { lines.append(".SH \(Self.escaped(title))") }

    private mutating func describe(_ command: JSONValue, path: String) {
        let name = path.isEmpty ? command.text("commandName") : "\(path) \(command.text("commandName"))"
        guard name != "help" else { return }
        let inner = command.list("subcommands")
        guard inner.isEmpty else {
            for verb in inner { describe(verb, path: name) }
            return
        }
        let arguments = command.list("arguments").filter { $0["shouldDisplay"] != .bool(false) }
        let places = arguments.filter { $0.text("kind") == "positional" }.map { place in
            let word = "<\(place.text("valueName"))>" + (place["isRepeating"] == .bool(true) ? "…" : "")
            return place["isOptional"] == .bool(true) ? "[\(word)]" : word
        }
        lines.append(".SS \(Self.escaped(([name] + places).joined(separator: " ")))")
        lines.append(Self.escaped(command.text("abstract")))
        prose(command.text("discussion"))
        for argument in arguments where argument.text("kind") != "positional" { describe(option: argument) }
    }

    private mutating func describe(option: JSONValue) {
        let names = option.list("names").map { name in
            (name.text("kind") == "long" ? "--" : "-") + name.text("name")
        }
        // Every verb has these; they are told once, by --help.
        guard !names.contains("--help"), !names.contains("--version") else { return }
        let value = option.text("kind") == "option" ? " <\(option.text("valueName"))>" : ""
        lines.append(".TP")
        lines.append(".B \(Self.escaped(names.joined(separator: ", ") + value))")
        lines.append(Self.escaped(option.text("abstract")))
    }

    /// Paragraphs, of which indented lines stay as they are.
    private mutating func prose(_ text: String) {
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in all.enumerated() {
            if line.isEmpty {
                lines.append(".PP")
            } else if line.hasPrefix(" ") {
                lines += [".nf", Self.escaped(String(line)), ".fi"]
            } else {
                // Behind a wide character the next line goes on without a space.
                let next = index + 1 < all.count ? all[index + 1] : ""
                let isProse = !next.isEmpty && !next.hasPrefix(" ")
                let isJoined = isProse && line.last.map { DisplayWidth.of($0) == 2 } ?? false
                lines.append(Self.escaped(String(line)) + (isJoined ? "\\c" : ""))
            }
        }
    }

    /// The text so that troff takes none of it for a request: hyphens as they are typed, points and quotes at the start of a line behind
    /// nothing.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }
}

extension JSONValue {
    fileprivate func text(_ key: String) -> String {
        guard case .string(let text)? = self[key] else { return "" }
        return text.string
    }

    fileprivate func list(_ key: String) -> [JSONValue] {
        guard case .array(let list)? = self[key] else { return [] }
        return list
    }
}
