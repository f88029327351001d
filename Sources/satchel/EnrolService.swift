import ArgumentParser
import Foundation
import SatchelClient
import SatchelSync
import SatchelTerminal

/// The service of a home that was just enrolled.
struct HomeService {
    let unit: UserUnit
    let output: OutputOptions

    init(_ enrolment: Enrolment, home: String, output: OutputOptions) {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "satchel"
        let path = URL(filePath: home).standardizedFileURL.path(percentEncoded: false)
        unit = UserUnit(
            program: program, home: path.hasSuffix("/") ? String(path.dropLast()) : path, user: enrolment.user,
            device: enrolment.device, actor: enrolment.actor)
        self.output = output
    }

    /// Asks the person, where there is one to ask.
    func isWanted() -> Bool { output.asks(said("Keep this home in sync by itself, as a service of yours?")) }

    /// Writes the unit and starts it, where systemd is there; says else how.
    ///
    /// - Returns: The path of the unit.
    func install() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let path = try unit.write(into: UserUnit.folder(environment: environment))
        let commands = [["--user", "daemon-reload"], ["--user", "enable", "--now", unit.name]]
        let isStarted = Self.program("systemctl", environment).map { program in
            commands.allSatisfy { Self.run(program, $0) }
        }
        if isStarted != true {
            let lines = commands.map { "  systemctl " + $0.map(ShellWord.quoted).joined(separator: " ") }
            output.say(
                said("The service is in \(SafeText.line(path)), and not started. Start it with") + "\n"
                    + lines.joined(separator: "\n"))
        }
        return path
    }

    private static func program(_ name: String, _ environment: [String: String]) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program, which talks to standard error alone; whether it ended well.
    private static func run(_ program: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.standardError
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
