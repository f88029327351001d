/// How a process is made to die, or to fail.
package enum Blow: Hashable, Sendable, CustomStringConvertible {
    /// It kills itself, the n-th time that it comes to a fault point.
    case point(String, Int)
    /// Something fails there, and the process goes on.
    case failure(String, Int, Failure)
    /// It is killed from outside, after so much time.
    case later(Duration)

    /// What fails at a fault point.
    package enum Failure: String, CaseIterable, Sendable {
        case eio, enospc, `throw`

        /// The code that people are told.
        var code: String {
            switch self {
            case .eio: "storage_failed"
            case .enospc: "disk_full"
            case .throw: "internal_error"
            }
        }
    }

    /// What fails; `nil` where the process dies.
    var failure: Failure? { if case .failure(_, _, let failure) = self { failure } else { nil } }

    /// The variables that its program gets, each `NAME=value`.
    var environment: [String] {
        switch self {
        case .point(let point, let occurrence): ["SATCHEL_FAULT=\(point):\(occurrence):kill"]
        case .failure(let point, let occurrence, let failure):
            ["SATCHEL_FAULT=\(point):\(occurrence):\(failure.rawValue)"]
        case .later: []
        }
    }

    package var description: String {
        switch self {
        case .point(let point, let occurrence): "\(point):\(occurrence):kill"
        case .failure(let point, let occurrence, let failure): "\(point):\(occurrence):\(failure.rawValue)"
        case .later(let delay): "after \(Int(delay / .milliseconds(1))) ms"
        }
    }
}

/// What a process is at when it is killed.
package enum KillAct: String, CaseIterable, Sendable {
    /// A device's program, in an edit.
    case edit
    /// The same, as it seals what plain SQL wrote.
    case seal
    /// The same, in a sync that sends and fetches.
    case sync
    /// The same, in an enrolment.
    case enrol
    /// The same, as it takes a newer schema.
    case adopt
    /// The server, in a push of several change-sets.
    case push
    /// The server, as it opens its store.
    case open
    /// The server, as it closes its store.
    case close
    /// The server, in edits of the office.
    case office
    /// The server, as it releases parked work.
    case release
    /// The server, as it makes a backup.
    case backup
    /// The operator's program, as it makes a store.
    case found

    /// The fault points that it is sure to come to.
    package var points: [String] {
        switch self {
        case .edit:
            [
                "replica-opens", "replica-opened", "seal-begins", "seal-queued", "replica-commits", "replica-committed",
                "replica-closes", "replica-closed",
            ]
        case .seal: ["sql-taken"]
        case .sync:
            [
                "push-marked", "push-sends", "push-answered", "verdict-keeps", "verdict-written", "verdict-kept",
                "stage-keeps", "stage-kept", "apply-begins", "apply-records", "apply-overlay", "apply-checkpoint",
                "apply-done",
            ]
        case .enrol: ["enrol-answered", "create-begins", "create-filled", "create-named", "create-done"]
        case .adopt: ["schema-fetched", "schema-adopted"]
        case .push:
            [
                "push-received", "merge-begins", "merge-writes", "merge-logs", "merge-logged", "push-merged",
                "server-commits", "server-committed", "verdict-sends", "page-reads",
            ]
        case .open: ["server-opened"]
        case .close: ["server-closes", "server-closed"]
        case .office: ["office-answers"]
        case .release: ["release-enters"]
        case .backup: ["backup-copies", "backup-copied", "backup-named"]
        case .found: ["create-begins", "create-filled", "create-named", "create-done"]
        }
    }

    /// The fault points that it comes to besides, so many times at most.
    var further: (points: [String], occurrenceMax: Int) {
        let turn = ["replica-opens", "replica-opened", "replica-commits", "replica-committed", "replica-closes"]
        return switch self {
        case .edit: ([], 1)
        case .seal: (turn + ["replica-closed", "seal-begins", "seal-queued", "sql-taken"], 2)
        case .sync: (turn + ["replica-closed", "stage-kept", "apply-records"], 5)
        case .push: (["merge-begins", "merge-writes", "merge-logs", "merge-logged"], 3)
        case .office: (["merge-begins", "merge-logged", "server-commits", "server-committed"], 2)
        case .release: (["merge-begins", "server-commits", "server-committed", "office-answers"], 1)
        case .enrol, .adopt, .open, .close, .backup, .found: ([], 1)
        }
    }

    /// Those that are killed at moments of chance, too.
    static let anytime: [KillAct] = [.edit, .edit, .seal, .sync, .sync, .push, .push, .office]
}
