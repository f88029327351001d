import Foundation
package import SatchelSync

/// The unit of systemd that keeps a home in sync for its user, in the background (systemd.service(5)).
package struct UserUnit: Hashable, Sendable {
    /// Its name, with its ending; another home of the same person has another one.
    package let name: String
    /// What stands in its file.
    package let text: String

    /// Describes the service of one home.
    ///
    /// `program` is the whole path of `satchel`, `home` that of the home.
    package init(program: String, home: String, user: String, device: String, actor: ActorID) {
        name = "satchel-\(Self.word(user))-\(actor.description.prefix(8)).service"
        text = """
            [Unit]
            Description=\(Self.plain("Satchel: keep the work of \(user) on \(device) in sync"))

            [Service]
            ExecStart=\(Self.quoted(program)) sync --watch --home \(Self.quoted(home, isArgument: true))
            Restart=on-failure
            RestartSec=30

            [Install]
            WantedBy=default.target

            """
    }

    /// Where the units of a user are.
    package static func folder(environment: [String: String]) -> String {
        if let config = environment["XDG_CONFIG_HOME"], config.hasPrefix("/") { return config + "/systemd/user" }
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.config/systemd/user"
    }

    /// Writes it; returns the path of the file.
    ///
    /// - Throws: `SatchelError` `storage_failed`.
    package func write(into folder: String) throws -> String {
        let path = folder + "/" + name
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw SatchelError(
                .storageFailed, "The service could not be written to \(path).",
                remedy:
                    "This device is enrolled all the same: run `satchel sync --watch`, or mend the folder and write it by hand.",
                cause: error)
        }
        return path
    }

    /// What may stand in a unit's name, of a name that people typed.
    private static func word(_ text: String) -> String {
        let word = text.unicodeScalars.prefix(40).map { scalar -> String in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain ? String(scalar) : "_"
        }.joined()
        return word.isEmpty ? "user" : word
    }

    /// A text in which systemd replaces nothing.
    private static func plain(_ text: String) -> String {
        SafeText.line(text).replacingOccurrences(of: "%", with: "%%").replacingOccurrences(of: "\\", with: "/")
    }

    /// A word of a command line; variables are replaced in arguments alone.
    private static func quoted(_ text: String, isArgument: Bool = false) -> String {
        var quoted = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): quoted += "\\" + String(UnicodeScalar(byte))
            case UInt8(ascii: "%"): quoted += "%%"
            case UInt8(ascii: "$") where isArgument: quoted += "$$"
            case 0x20..<0x7F: quoted += String(UnicodeScalar(byte))
            default: quoted += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "\"\(quoted)\""
    }
}
