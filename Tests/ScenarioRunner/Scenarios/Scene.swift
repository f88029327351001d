/// What most scenarios play in: a server, a device for each user, and what must hold in the end.
struct Scene: Sendable {
    let stage: Stage
    let server: ServerProcess
    let devices: [Device]

    var site: Site { server.site }

    /// Starts a server and enrols a device for each user; all have fetched what `office` made.
    static func start(
        _ stage: Stage, users: [String] = ["ann", "bo", "cy"], office lines: [String] = [], url: String? = nil
    ) async throws -> Scene {
        let server = try await ServerProcess.start(in: Site(), users: users)
        if !lines.isEmpty { try await server.apply(lines.joined(separator: "\n")) }
        var devices: [Device] = []
        for user in users {
            let device = try await server.enrol(user, url: url)
            try await device.sync()
            devices.append(device)
        }
        return Scene(stage: stage, server: server, devices: devices)
    }

    /// The same scene at this moment, as often as one likes: copies of the server and of all devices.
    ///
    /// The server has to be stopped. What is copied has the same dots, so that digests of two copies can be compared.
    func twin(named name: String) async throws -> Scene {
        let twin = try server.twin(named: name)
        try await twin.serve()
        return Scene(stage: stage, server: twin, devices: try devices.map { try $0.twin(named: name) })
    }

    /// Everybody syncs until it is quiet, and everything agrees; answers the digest.
    @discardableResult
    func converge(parked: Int = 0) async throws -> String {
        try await server.requireDrained(devices, parked: parked)
        return try await server.digest()
    }

    /// Converges, and stops the server.
    @discardableResult
    func end(parked: Int = 0) async throws -> String {
        let digest = try await converge(parked: parked)
        try await server.requireGracefulStop()
        return digest
    }

    /// The open conflicts of a record, which have to be the same at the server and at every device.
    func conflicts(of id: String) async throws -> [String: ConflictSight] { try await conflicts()[id] ?? [:] }

    /// The open conflicts by record, which have to be the same at the server and at every device.
    func conflicts() async throws -> [String: [String: ConflictSight]] {
        let sight = ConflictSight.all(try await server.conflicts())
        for device in devices {
            let own = ConflictSight.all(try await device.conflicts())
            stage.expect(own == sight, "\(device.home) tells of the conflicts \(own), and the server of \(sight)")
        }
        return sight
    }

    /// The states of change-sets in the server's ledger.
    func states(of dots: [String]) async throws -> [String?] {
        let ledger = try await server.ledger()
        return dots.map { dot in ledger.first { $0.dot == dot }?.state }
    }

    /// Expects every device and the server to show the same of a record.
    func expect(_ type: String, _ id: String, shows fields: [String: Shown], life: String = "alive") async throws {
        let records = try await [server.show(type, id)] + devices.asyncMap { try await $0.show(type, id) }
        for (place, record) in records.enumerated() {
            let name = place == 0 ? "the server" : devices[place - 1].home
            stage.expect(record.life, is: life, "\(id) at \(name)")
            for (field, value) in fields {
                stage.expect(record.fields[field] ?? .null, is: value, "\(field) of \(id) at \(name)")
            }
        }
    }
}

/// One open conflict: its severity, and each value with the change-sets that wrote it.
struct ConflictSight: Hashable, Sendable {
    let severity: String
    let siblings: [Shown: Set<String>]
    let winner: Shown?
    let users: Set<String>

    /// By record, and by what is in conflict.
    static func all(_ forms: [ConflictForm]) -> [String: [String: ConflictSight]] {
        Dictionary(grouping: forms, by: \.id).mapValues { all($0.flatMap(\.conflicts)) }
    }

    private static func all(_ items: [ConflictForm.Item]) -> [String: ConflictSight] {
        Dictionary(
            items.map { item in
                let siblings = item.siblings.map { ($0.value, Set($0.writers.map(\.dot))) }
                return (
                    item.subject,
                    ConflictSight(
                        severity: item.severity, siblings: Dictionary(siblings) { $0.union($1) },
                        winner: item.siblings.first { $0.isWinner }?.value,
                        users: Set(item.siblings.flatMap(\.writers).compactMap(\.user)))
                )
            }
        ) { first, _ in first }
    }
}

extension Sequence {
    /// Maps one after the other.
    func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}

extension Shown {
    /// The elements of a set.
    package var elements: Set<String>? { if case .elements(let elements) = self { elements } else { nil } }
    /// A number.
    package var number: Int64? { if case .number(let number) = self { number } else { nil } }
    /// A text.
    package var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// The orders in which devices may come.
enum Orders {
    /// All orders of the numbers from 0 to, and not including, `count`.
    static func all(of count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return all(of: count - 1).flatMap { order in
            (0...order.count).map { place in
                var order = order
                order.insert(count - 1, at: place)
                return order
            }
        }
    }
}
