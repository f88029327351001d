import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import SatchelSchemaFile
package import SatchelStorage
import SatchelSync
import ServiceLifecycle
import UnixSignals

/// A server as it runs: a store, the devices' port and the operator's socket, until it is told to stop.
package struct ServerProgram: Sendable {
    /// Where and how it listens.
    package struct Settings: Sendable {
        /// The address to listen on.
        package var host: String
        /// The port; 0 takes a free one.
        package var port: Int
        /// The certificate to show; `nil` for plain HTTP.
        package var keys: TransportKeys?
        /// Whether a proxy in front encrypts and says where requests come from.
        package var isBehindProxy: Bool
        /// Where daily backups go; `nil` where none are made.
        package var backups: BackupPlan?
        /// What is taken from whoever connects.
        package var peers = PeerLimits()

        package init(host: String, port: Int, keys: TransportKeys? = nil, isBehindProxy: Bool = false) {
            self.host = host
            self.port = port
            self.keys = keys
            self.isBehindProxy = isBehindProxy
        }
    }

    private let store: SQLiteServerStore
    private let folder: DataFolder
    private let settings: Settings
    private let clock: any WallClock
    private let logger: Logger

    /// Opens the store, whose lease is held from here on.
    ///
    /// - Throws: `SatchelError` `insecure_transport`, `missing_data`, `database_in_use`, `invalid_schema` and what opening throws.
    package init(
        path: String, settings: Settings, newSchemaSource: String? = nil, clock: any WallClock = SystemClock(),
        logger: Logger
    ) throws {
        let folder = DataFolder(path: path)
        try TransportRule.check(
            host: settings.host, isEncrypted: settings.keys != nil, isBehindProxy: settings.isBehindProxy)
        store = try SQLiteServerStore(
            folder: folder, purpose: "satchel-server serve", newSchemaSource: newSchemaSource
        ) { try SchemaFile.parse($0).schema }
        self.folder = folder
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    /// Serves until it gets SIGTERM or SIGINT or its task is cancelled: stops accepting, ends what runs, closes the store.
    ///
    /// `onListening` is told the port once devices can connect.
    package func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        let socket = try SocketPath(folder: folder)
        // Whatever is there was left by a server that was killed: the lease is ours.
        socket.remove()
        let commits = CommitSignal()
        let queue = MergeQueue(store: store) { commits.give() }
        let presence = DevicePresence()
        let alarms = AlarmDesk(clock: clock, logger: logger)
        try await alarms.begin(with: store)
        let engine = SyncEngine(store: store, queue: queue, presence: presence, clock: clock, alarms: alarms)
        let certificate = settings.keys.map { ShownCertificate($0) }
        let listeners = HeadListeners()
        let service = OperatorService(
            store: store, queue: queue, presence: presence, clock: clock, shownKey: { certificate?.keys.knownKey },
            alarms: alarms, onRevoked: { listeners.end(device: $0) })
        let peers = peerLimits()
        let peerLog = PeerLog(tally: PeerTally(), period: peers.logPeriod, logger: logger)
        let connections = ConnectionDesk(limits: peers, tally: peerLog.tally)
        let routes = DeviceRoutes(
            engine: engine, desk: EnrolmentDesk(store: store, queue: queue, clock: clock), service: service,
            isBehindProxy: settings.isBehindProxy, connections: connections, listeners: listeners, limits: peers)
        let writer = PresenceWriter(presence: presence, queue: queue, logger: logger)
        let alarmWriter = AlarmWriter(desk: alarms, queue: queue, logger: logger)
        var services: [any Service] = [
            OperatorSocket.application(at: socket, access: service, logger: logger),
            try application(routes: routes, peers: peers, certificate: certificate, onListening: onListening),
            // Stops before the devices' port, which waits for the answers that are under way.
            HeadAnnouncer(store: store, listeners: listeners, heartbeat: peers.heartbeat, commits: commits),
            writer, peerLog, alarmWriter,
            DailyBackup(
                plan: settings.backups, store: store, desk: service.backupDesk, queue: queue, alarms: alarms,
                clock: clock,
                logger: logger),
        ]
        if let certificate { services.append(CertificateRenewal(certificate: certificate, logger: logger)) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            peerLog.writeRest()
            await alarmWriter.write()
            do {
                try await close(writer, socket)
            } catch {
                logger.error(
                    "the store was not closed", metadata: ["cause": "\(String(describing: error).prefix(400))"])
            }
            throw Self.failure(error, settings: settings)
        }
        peerLog.writeRest()
        await alarmWriter.write()
        try await close(writer, socket)
    }

    /// The limits, as far as the system goes along.
    private func peerLimits() -> PeerLimits {
        var peers = settings.peers
        peers.exemptsEveryAddress = peers.exemptsEveryAddress || settings.isBehindProxy
        let files = OpenFiles.raise(to: peers.connectionsMax + Self.ownFilesMax)
        peers.connectionsMax = max(1, min(peers.connectionsMax, files - Self.ownFilesMax))
        return peers
    }

    /// Files that the server needs for itself.
    private static let ownFilesMax = 128

    /// Writes what is kept in memory and gives the folder back, whatever cannot be written.
    private func close(_ writer: PresenceWriter, _ socket: SocketPath) async throws {
        await writer.write()
        socket.remove()
        try store.close()
    }

    private func application(
        routes: DeviceRoutes<SQLiteServerStore>, peers: PeerLimits, certificate: ShownCertificate?,
        onListening: @escaping @Sendable (Int) -> Void
    ) throws -> some ApplicationProtocol {
        let router = Router(context: ServerRequestContext.self)
        router.add(middleware: RequestLog())
        routes.add(to: router)
        let connections = routes.connections
        // What the decoder alone refuses it cannot name: its limits lie beyond ours, and hold the memory.
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 2 * max(peers.headerFieldBytesMax, peers.targetBytesMax),
            maxHeaderListSize: 2 * (peers.headerBytesMax + peers.targetBytesMax),
            maxHeaderFieldCount: 2 * peers.headerFieldsMax)
        let server = HTTPServerBuilder { responder in
            let base = HTTP1Channel(responder: responder, configuration: .init(httpDecoderConfiguration: decoder))
            let rescued = RescuedChannel(base: GuardedChannel(base: base, limits: peers, desk: connections))
            return if let certificate { EncryptedChannel(base: rescued, certificate: certificate) } else { rescued }
        }
        return Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: .maximum(peers.connectionsMax, logger: logger)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) }, logger: logger)
    }

    private static func failure(_ error: any Error, settings: Settings) -> any Error {
        guard error is IOError || error is SocketAddressError || error is SocketAddressError.UnknownHost else {
            return error
        }
        return SatchelError(
            .networkUnavailable, "The server cannot listen on \(settings.host) port \(settings.port).",
            remedy: "Choose an address of this machine and a port that is free.", cause: error)
    }
}

/// Writes by the minute when devices last came.
private struct PresenceWriter: Service {
    let presence: DevicePresence
    let queue: MergeQueue<SQLiteServerStore>
    let logger: Logger

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: .seconds(60))
                    await write()
                }
            }
        } catch is CancellationError {
            // The server stops, and writes once more after the last request.
        }
    }

    /// Writes what is new; what cannot be written is logged, and no reason to stop.
    func write() async {
        do {
            try await presence.flush(to: queue)
        } catch {
            logger.error(
                "the times of the last visits were not written",
                metadata: ["cause": "\(String(describing: error).prefix(400))"])
        }
    }
}
