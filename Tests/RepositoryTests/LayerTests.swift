import Foundation
import Testing

/// The arrows of the architecture, read from the package itself.
@Suite struct LayerTests {
    /// The rank of each target that ships; a target imports lower ranks only.
    static let ranks = [
        "SatchelSync": 0, "CZlib": 0,
        "SatchelStorage": 1, "SatchelWire": 1, "SatchelInspection": 1, "SatchelSchemaFile": 1, "SatchelInterchange": 1,
        "SatchelClient": 2, "SatchelServer": 2,
        "SatchelTerminal": 3, "SatchelPostgres": 3,
        "satchel": 4, "satchel-server": 4, "satchel-inspect": 4, "satchel-bench": 4,
        "follow-changes": 4,
    ]
    /// What belongs to the tests though it is not a test target.
    static let testSupport: Set<String> = [
        "CFaultVFS", "FuzzTargets", "SatchelSimulation", "SatchelTestSupport", "ScenarioRunner", "satchel-kill",
        "satchel-scenarios", "satchel-simulate", "satchel-sweep",
    ]

    /// What comes with the compiler or the system.
    static let systemModules: Set<String> = [
        "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl", "Darwin",
        "RegexBuilder", "Swift", "Synchronization",
    ]

    /// Libraries whose types stay in one place.
    static let confined = [
        "GRDB": ["Sources/SatchelStorage/"], "GRDBSQLite": ["Sources/SatchelStorage/"],
        "SwiftProtobuf": ["Sources/SatchelWire/"], "CZlib": ["Sources/SatchelWire/"],
        "Yams": ["Sources/SatchelSchemaFile/"],
        "Hummingbird": ["Sources/SatchelServer/HTTP/"],
        "NIOSSL": ["Sources/SatchelServer/HTTP/Encryption/", "Sources/SatchelClient/Exchange/"],
        "ArgumentParser": [
            "Sources/SatchelTerminal/", "Sources/satchel/", "Sources/satchel-server/", "Sources/satchel-inspect/",
        ],
    ]

    /// The part of `swift package describe` that is looked at.
    private struct Package: Decodable {
        struct Target: Decodable {
            let name: String, type: String
            let targetDependencies: [String]?, productDependencies: [String]?
        }
        let targets: [Target]
    }

    /// What the package manager tells, asked once.
    ///
    /// The scratch path is its own, since a running test holds the lock of the other; nothing is resolved or built there.
    private static let package = Result {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "satchel-describe-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = try Repository.output(of: [
            "swift", "package", "--scratch-path", scratch.path, "describe", "--type", "json",
        ])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Package.self, from: output)
    }

    @Test func `every target has a rank and imports lower ranks only`() throws {
        let targets = try Self.package.get().targets
        #expect(targets.count > 10)
        for target in targets where target.type != "test" && !Self.testSupport.contains(target.name) {
            let rank = try #require(Self.ranks[target.name], "\(target.name) has no rank; give it one in LayerTests.")
            for dependency in target.targetDependencies ?? [] {
                let other = Self.ranks[dependency] ?? .max
                #expect(other < rank, "\(target.name), of rank \(rank), must not import \(dependency).")
            }
        }
    }

    @Test func `the core imports nothing`() throws {
        let core = try #require(try Self.package.get().targets.first { $0.name == "SatchelSync" })
        #expect((core.targetDependencies ?? []).isEmpty)
        #expect(Set(core.productDependencies ?? []).isSubset(of: ["Collections", "OrderedCollections", "DequeModule"]))
    }

    @Test func `a file imports only what its target declares`() throws {
        var declared: [String: Set<String>] = [:]
        for target in try Self.package.get().targets {
            declared[target.name] = Set((target.targetDependencies ?? []) + (target.productDependencies ?? []))
        }
        for file in Repository.swiftFiles where file.path.hasPrefix("Sources/") {
            let modules = try #require(declared[file.target], "\(file.path) belongs to no target.")
            for (line, module) in file.imports where !modules.contains(module) && !file.isExcused(line) {
                let isSystem = Self.systemModules.contains(module) && file.target != "SatchelSync"
                #expect(
                    isSystem, "\(file.path):\(line): `\(module)` is not declared for \(file.target) in Package.swift.")
            }
        }
    }

    @Test func `the types of a library stay in their place`() {
        for file in Repository.swiftFiles where file.path.hasPrefix("Sources/") {
            for (line, module) in file.imports where !file.isExcused(line) {
                guard let places = Self.confined[module] else { continue }
                let isInPlace = places.contains { file.path.hasPrefix($0) }
                #expect(isInPlace, "\(file.path):\(line): `\(module)` belongs into \(places.joined(separator: ", ")).")
            }
        }
    }
}
