import ArgumentParser
import Foundation
import Logging
import SatchelServer
import SatchelSync
import SatchelTerminal

/// Serves devices until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve devices until SIGTERM or Ctrl-C.",
        discussion: HelpText.flowing(
            """
            The log goes to standard error, one JSON object a line. On other addresses than this machine's own it encrypts:
            with the certificate that is given, else with the one that `init` made, which devices know by its key; or a
            proxy in front does. SIGHUP has it read the certificate again.

            Examples:
              satchel-server serve --data ./office
              satchel-server serve --data ./office --port 0 --port-file ./office.port
              satchel-server serve --data ./office --host 0.0.0.0 --port 8443 \\
                --certificate cert.pem --key key.pem
            """))

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("The port; 0 takes a free one and says which.", valueName: "n"))
    var port = NumberOption(8080)

    @Option(
        name: .long, help: ArgumentHelp("A file that gets the port once devices can connect.", valueName: "file"),
        completion: .file())
    var portFile: String?

    @OptionGroup var pair: CertificateOptions

    @Flag(name: .long, help: "Encrypt on this machine's own addresses, too.")
    var tls = false

    @Flag(name: .long, help: "A proxy in front encrypts and adds X-Forwarded-For.")
    var behindProxy = false

    @Option(
        name: .long, help: ArgumentHelp("A schema file that adds to the store's present one.", valueName: "file"),
        completion: .file())
    var schema: String?

    @Flag(name: .long, help: "Make no backup every day.")
    var noDailyBackup = false

    @Option(
        name: .long, help: ArgumentHelp("Where daily backups go; `backups` in the data folder.", valueName: "dir"),
        completion: .directory)
    var backupFolder: String?

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("How many daily backups are kept.", valueName: "n"))
    var keepBackups = NumberOption(7)

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("How often a minute one device may sync, half as often at once.", valueName: "n"))
    var syncsPerMinute = NumberOption(6_000)

    @Option(name: .long, help: ArgumentHelp("The least severe events to log.", valueName: "level"))
    var logLevel = LogLevel.info

    func validate() throws {
        _ = try port.number(of: "--port", in: 0...65_535)
        _ = try keepBackups.number(of: "--keep-backups", in: 1...10_000)
        _ = try syncsPerMinute.number(of: "--syncs-per-minute", in: 1...1_000_000)
        guard !tls || !behindProxy else { throw ValidationError("Say only one of --tls and --behind-proxy.") }
    }

    /// The certificate to show: the one that is named, else the store's own where it is asked for, or others could read along.
    private func keys() throws -> TransportKeys? {
        if let keys = try pair.keys() { return keys }
        let own = OwnCertificate(dataPath: try data.path())
        let isWanted = tls || own.exists && !behindProxy && !TransportRule.isLoopback(host)
        return isWanted ? try own.keys() : nil
    }

    private func backupPlan() throws -> BackupPlan? {
        if noDailyBackup { return nil }
        let folder = URL(filePath: try backupFolder ?? data.path() + "/backups").standardizedFileURL.path
        return BackupPlan(folder: folder, keptMax: try keepBackups.number(of: "--keep-backups", in: 1...10_000))
    }

    func run() async throws {
        let keys = try keys()
        let level = logLevel.level
        LoggingSystem.bootstrap { label in
            var handler = JSONLineLog(label: label)
            handler.logLevel = level
            return handler
        }
        var settings = ServerProgram.Settings(
            host: host, port: try port.number(of: "--port", in: 0...65_535), keys: keys, isBehindProxy: behindProxy)
        settings.backups = try backupPlan()
        settings.peers.exchangesPerMinuteMax = try syncsPerMinute.number(of: "--syncs-per-minute", in: 1...1_000_000)
        settings.peers.exchangesAtOnceMax = max(1, settings.peers.exchangesPerMinuteMax / 2)
        let program = try ServerProgram(
            path: try data.path(), settings: settings,
            newSchemaSource: try schema.map { try readFile($0, what: "schema file") }, logger: Logger(label: "satchel"))
        let (host, portFile, scheme) = (host, portFile, keys == nil ? "http" : "https")
        try await program.run { port in
            let place = host.contains(":") ? "[\(host)]" : host
            let key = keys.map { $0.isSelfSigned ? ", known by the key \($0.keyText)" : "" } ?? ""
            try? StandardStream.error.write("Listening on \(scheme)://\(place):\(port)\(key)\n")
            guard let portFile else { return }
            do {
                try Data("\(port)\n".utf8).write(to: URL(filePath: portFile), options: .atomic)
            } catch {
                try? StandardStream.error.write("satchel-server: The file \(portFile) could not be written.\n")
            }
        }
    }
}

/// How severe an event must be to get into the log.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    /// The same for the logging library.
    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
