import SatchelStorage
import SatchelSync

/// A backup that was made and verified, for operators.
package struct BackupReply: Codable, Sendable {
    /// The file, as its path was when it was made.
    package let path: String
    /// How large the file was then.
    package let byteCount: Int64
    /// The life of the store.
    package let epoch: String
    /// Up to which sequence it has everything.
    package let sequence: UInt64
    /// How many entries of the log it has.
    package let position: Int64
    /// The change-set that was applied last; `nil` where none was.
    package let lastChangeSet: String?
    /// The digest of its records, 64 hexadecimal digits.
    package let digest: String
    /// The hash of the log's chain at its end, 64 hexadecimal digits.
    package let chain: String
    /// When it was made, RFC 3339.
    package let madeAt: String
    /// When it was verified, RFC 3339.
    package let verifiedAt: String

    init(_ note: BackupNote) {
        path = note.path
        byteCount = note.byteCount
        epoch = note.point.epoch.description
        sequence = note.point.sequence.number
        position = note.point.position
        lastChangeSet = note.point.lastChangeSet?.description
        digest = note.point.digest
        chain = note.point.chain.hexString
        madeAt = note.point.madeAt.description
        verifiedAt = note.verifiedAt.description
    }
}

// Backups, as an operator has them made.
extension OperatorService {
    func backUp(to path: String) async throws -> OperatorReply {
        guard path.hasPrefix("/") else {
            throw SatchelError(.invalidRequest, "\(path) is not a whole path.", remedy: "Begin it with a slash.")
        }
        return Self.reply(try await backupDesk.begin(path))
    }

    func backupState(of path: String) async throws -> OperatorReply {
        Self.reply(try await backupDesk.state(of: path))
    }

    func backups(limit: Int) async throws -> OperatorReply {
        let limit = Self.bounded(limit)
        return .backups(try await store.read { try $0.backups(limit: limit).map(BackupReply.init) })
    }

    private static func reply(_ state: BackupDesk<Store>.State) -> OperatorReply {
        switch state {
        case .done(let note): .backups([BackupReply(note)])
        case .underWay(let progress):
            .backupUnderWay(step: progress.step.rawValue, done: progress.done, total: progress.total)
        }
    }
}

extension OperatorAccess {
    /// Has a backup made and waits for it; `progress` is told about once a second what is done, how much of it and of how much.
    package func makeBackup(
        _ path: String, progress: (_ step: String, _ done: Int, _ total: Int) -> Void
    ) async throws -> BackupReply {
        var reply = try await perform(.backUp(path: path))
        while case .backupUnderWay(let step, let done, let total) = reply {
            progress(step, done, total)
            reply = try await perform(.backupState(path: path))
        }
        guard case .backups(let backups) = reply, let backup = backups.first else {
            throw SatchelError.unexpectedReply
        }
        return backup
    }
}
