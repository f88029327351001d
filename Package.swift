// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// The arrows of the architecture: a target lists only what lies below it. `RepositoryTests` asserts the ranks.
let package = Package(
    name: "satchel",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SatchelSync", targets: ["SatchelSync"]),
        .library(name: "SatchelClient", targets: ["SatchelClient"]),
        .library(name: "SatchelServer", targets: ["SatchelServer"]),
        .executable(name: "satchel", targets: ["satchel"]),
        .executable(name: "satchel-server", targets: ["satchel-server"]),
        .executable(name: "satchel-inspect", targets: ["satchel-inspect"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.33.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.0.0"),
    ],
    targets: [
        // Rank 0
        .target(name: "SatchelSync"),

        // Rank 1: siblings; none imports another.
        .target(
            name: "SatchelSchemaFile",
            dependencies: ["SatchelSync", .product(name: "Yams", package: "Yams")],
            resources: [.embedInCode("crm.yaml")]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "SatchelWire",
            dependencies: [
                "SatchelSync", "CZlib", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .target(
            name: "SatchelStorage",
            dependencies: [
                "SatchelSync", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(name: "SatchelInspection", dependencies: ["SatchelSync"]),
        .target(name: "SatchelInterchange", dependencies: ["SatchelSync"]),

        // Rank 2: the two ends; they never see each other.
        .target(
            name: "SatchelClient",
            dependencies: [
                "SatchelSync", "SatchelStorage", "SatchelWire", "SatchelSchemaFile", "SatchelInspection",
                "SatchelInterchange",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            resources: [.embedInCode("Reading/han-order.txt")]),
        .target(
            name: "SatchelServer",
            dependencies: [
                "SatchelSync", "SatchelStorage", "SatchelWire", "SatchelSchemaFile", "SatchelInspection",
                "SatchelInterchange",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // Rank 3: how the three programs speak to a terminal.
        .target(
            name: "SatchelTerminal",
            dependencies: [
                "SatchelSync", "SatchelStorage", "SatchelInspection", "SatchelInterchange",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Language/zh.txt")]),

        // Rank 4: parse options, compose, print.
        .executableTarget(
            name: "satchel",
            dependencies: [
                "SatchelClient", "SatchelTerminal", "SatchelInspection", "SatchelInterchange", "SatchelSync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "satchel-server",
            dependencies: [
                "SatchelServer", "SatchelTerminal", "SatchelInspection", "SatchelInterchange", "SatchelStorage",
                "SatchelSync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "satchel-inspect",
            dependencies: [
                "SatchelClient", "SatchelServer", "SatchelTerminal", "SatchelInspection", "SatchelInterchange",
                "SatchelSchemaFile", "SatchelStorage", "SatchelWire", "SatchelSync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // The yardstick, rank 4: no product, since nobody but Scripts/bench runs it (Protocol/decisions/0010-the-yardstick.md).
        .executableTarget(
            name: "satchel-bench",
            dependencies: [
                "SatchelClient", "SatchelServer", "SatchelInterchange", "SatchelSchemaFile", "SatchelStorage",
                "SatchelWire", "SatchelSync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Benchmarks/satchel-bench",
            resources: [.embedInCode("schema.yaml")]),

        // An embedder's program, rank 4: it sees what is public, like everybody else's.
        .executableTarget(
            name: "follow-changes", dependencies: ["SatchelClient", "SatchelSync"], path: "Examples/follow-changes",
            packageAccess: false),

        // Tests
        // A file system of SQLite that fails on demand; what ships does not know it.
        .target(name: "CFaultVFS", path: "Tests/CFaultVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "SatchelTestSupport", dependencies: ["SatchelSync", "CFaultVFS"], path: "Tests/SatchelTestSupport"),
        .testTarget(name: "SatchelSyncTests", dependencies: ["SatchelSync", "SatchelTestSupport"]),
        .testTarget(name: "SatchelSchemaFileTests", dependencies: ["SatchelSchemaFile", "SatchelSync"]),
        .testTarget(name: "SatchelWireTests", dependencies: ["SatchelWire", "SatchelSync", "SatchelTestSupport"]),
        .testTarget(
            name: "SatchelStorageTests",
            dependencies: [
                "SatchelStorage", "SatchelSync", "SatchelTestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "SatchelClientTests",
            dependencies: [
                "SatchelClient", "SatchelInspection", "SatchelStorage", "SatchelWire", "SatchelSync",
                "SatchelSchemaFile",
                "SatchelTestSupport",
            ]),
        .testTarget(
            name: "SatchelServerTests",
            dependencies: [
                "SatchelServer", "SatchelClient", "SatchelInspection", "SatchelInterchange", "SatchelStorage",
                "SatchelWire", "SatchelSync", "SatchelSchemaFile", "SatchelTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "SatchelInspectionTests", dependencies: ["SatchelInspection", "SatchelSync", "SatchelTestSupport"]),
        .testTarget(
            name: "SatchelInterchangeTests", dependencies: ["SatchelInterchange", "SatchelSync", "SatchelTestSupport"]),
        .testTarget(
            name: "SatchelTerminalTests",
            dependencies: [
                "SatchelTerminal", "SatchelInspection", "SatchelInterchange", "SatchelSync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(name: "RepositoryTests"),

        // What `Scripts/fuzz` gives bytes to, and the replay of what it found.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "SatchelClient", "SatchelInterchange", "SatchelSchemaFile", "SatchelStorage", "SatchelWire",
                "SatchelSync",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], path: "Tests/Fuzzing/Targets"),
        .testTarget(name: "FuzzReplayTests", dependencies: ["FuzzTargets"]),

        // The proof: a server and its devices in one thread and in virtual time (Protocol/proof.md).
        .target(
            name: "SatchelSimulation",
            dependencies: [
                "SatchelServer", "SatchelClient", "SatchelInspection", "SatchelStorage", "SatchelWire", "SatchelSync",
                "SatchelSchemaFile", "SatchelTestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ], path: "Tests/SatchelSimulation"),
        .executableTarget(
            name: "satchel-simulate",
            dependencies: [
                "SatchelSimulation", "SatchelSync", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/satchel-simulate"),
        .executableTarget(
            name: "satchel-sweep",
            dependencies: [
                "SatchelSimulation", "SatchelTestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/satchel-sweep"),
        .testTarget(
            name: "SimulationTests", dependencies: ["SatchelSimulation", "SatchelTestSupport", "satchel-simulate"]),

        // Real processes and a proxy that spoils their lines: what tests and scenarios share.
        .target(
            name: "ScenarioRunner",
            dependencies: [
                "SatchelTestSupport", "SatchelWire", "SatchelStorage", "SatchelSync", "SatchelSchemaFile",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/ScenarioRunner"),
        .executableTarget(
            name: "satchel-scenarios",
            dependencies: ["ScenarioRunner", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/satchel-scenarios"),
        .executableTarget(
            name: "satchel-kill",
            dependencies: ["ScenarioRunner", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/satchel-kill"),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "ScenarioRunner", "SatchelTestSupport", "satchel", "satchel-server", "satchel-inspect",
                "follow-changes",
            ]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = settings
}
