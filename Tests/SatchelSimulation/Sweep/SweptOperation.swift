import Foundation
import SatchelClient
import SatchelServer
import SatchelStorage
import SatchelSync

/// One thing that is done while the disk fails under it, at each of its calls in turn.
struct SweptOperation: Sendable {
    let name: String
    /// Whose disk fails.
    let part: SweepScene.Part
    /// How it is judged.
    let kind: Kind
    /// Whether the server's store is open before the disk fails.
    var isUp = true
    /// What leads up to it, on a scene with a server, two devices and three records.
    let prepare: @Sendable (SweepScene) async throws -> Void
    /// What is done.
    let perform: @Sendable (SweepScene) async throws -> Void

    /// What must stand afterwards.
    enum Kind: Sendable {
        /// All as before or all as after; doing it again leads to the same.
        case idempotent
        /// The same, but doing it again after it was done adds one more own change-set.
        case edit
        /// The server's store and the homes for themselves are as before or as after, each a step at a time.
        case exchange
        /// It is there whole or not at all.
        case creation
    }

    static let all: [SweptOperation] = [
        SweptOperation(name: "edit", part: .ann, kind: .edit, prepare: { _ in }) {
            try $0.edit(.ann, "edited", of: [0, 1])
        },
        SweptOperation(
            name: "edit after a kill", part: .ann, kind: .edit,
            prepare: { scene in
                try scene.killed(.ann) { try scene.edit("before the kill", of: [0], in: $0) }
            }, perform: { try $0.edit(.ann, "edited", of: [0, 1]) }),
        SweptOperation(
            name: "seal plain SQL", part: .ann, kind: .idempotent,
            prepare: { try $0.shell(.ann, "UPDATE item SET name = 'by SQL', visits = visits + 2") },
            perform: { try $0.replica(.ann).withTurn(purpose: "sweep") { _ in } }),
        SweptOperation(name: "push, at the device", part: .ann, kind: .exchange, prepare: queued) {
            try await $0.sync(.ann)
        },
        SweptOperation(name: "push, at the server", part: .server, kind: .exchange, prepare: queued) {
            try await $0.sync(.ann)
        },
        SweptOperation(name: "merge with conflicts", part: .server, kind: .exchange, prepare: contended) {
            try await $0.sync(.bob)
        },
        SweptOperation(name: "pull of conflicts", part: .bob, kind: .exchange, prepare: contended) {
            try await $0.sync(.bob)
        },
        SweptOperation(name: "office edit", part: .server, kind: .idempotent, prepare: { _ in }) {
            try await $0.office(["the office's"], of: SimulationSchema.items[0])
        },
        SweptOperation(
            name: "open a store after a kill", part: .server, kind: .idempotent, isUp: false,
            prepare: { scene in
                try await scene.office(["one", "two", "three"], of: SimulationSchema.items[1])
                try scene.killServer()
            }, perform: reopen),
        SweptOperation(
            name: "open and close a store", part: .server, kind: .idempotent, isUp: false, prepare: { _ in },
            perform: reopen),
        SweptOperation(
            name: "bring a home forward", part: .ann, kind: .idempotent,
            prepare: { scene in
                try scene.edit(.ann, "of before", of: [2])
                try scene.shell(
                    .ann,
                    """
                    ALTER TABLE satchel_record DROP COLUMN handle; ALTER TABLE satchel_change_set DROP COLUMN place;
                    ALTER TABLE satchel_change_set DROP COLUMN fixed_by;
                    ALTER TABLE satchel_change_set DROP COLUMN time_error;
                    DROP INDEX satchel_change_set_reoffered; DROP TABLE satchel_aside;
                    ALTER TABLE satchel_change_set DROP COLUMN is_reoffered;
                    ALTER TABLE satchel_change_set DROP COLUMN is_released;
                    ALTER TABLE satchel_change_set DROP COLUMN base_state; DROP TABLE satchel_news;
                    DROP TABLE satchel_news_left_out;
                    ALTER TABLE satchel_change_set DROP COLUMN original_actor;
                    ALTER TABLE satchel_change_set DROP COLUMN original_counter;
                    PRAGMA user_version = 1
                    """)
            }, perform: { try $0.replica(.ann).withTurn(purpose: "sweep") { _ in } }),
        SweptOperation(
            name: "take a newer schema", part: .server, kind: .idempotent, isUp: false, prepare: { _ in },
            perform: { scene in
                try scene.closeServer()
                try scene.adoptSchema()
            }),
        SweptOperation(
            name: "make a home", part: .bob, kind: .creation, isUp: false,
            prepare: { try FileManager.default.removeItem(at: $0.place(of: .bob).url) },
            perform: { try $0.makeHome(.bob, forkToken: [1]) }),
        SweptOperation(
            name: "make a store", part: .server, kind: .creation, isUp: false,
            prepare: {
                try $0.closeServer()
                try FileManager.default.removeItem(at: $0.place(of: .server).url)
            }, perform: { try $0.makeServer() }),
    ]

    /// Three edits wait in ann's queue.
    private static let queued: @Sendable (SweepScene) async throws -> Void = { scene in
        for number in 0..<3 { try scene.edit(.ann, "queued \(number)", of: [number]) }
        _ = try scene.store()
    }

    /// Ann's edits are at the server, and bob has made his without having seen them.
    private static let contended: @Sendable (SweepScene) async throws -> Void = { scene in
        try await queued(scene)
        try await scene.sync(.ann)
        for number in 0..<3 { try scene.edit(.bob, "bob's \(number)", of: [number]) }
    }

    private static let reopen: @Sendable (SweepScene) async throws -> Void = { scene in
        try scene.closeServer()
        _ = try scene.store()
        try scene.closeServer()
    }
}
