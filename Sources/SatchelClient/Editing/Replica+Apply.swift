import SatchelInterchange
import SatchelStorage
package import SatchelSync

/// What became of one line of a file of edits.
package struct AppliedLine: Sendable {
    /// The number of the line, from 1.
    package let number: Int
    /// What the edit did, or why it was refused.
    package let result: Result<EditOutcome, SatchelError>
}

extension Replica {
    /// Makes the edits of a file of JSON lines (`Protocol/cli.md`), each a change-set of this device.
    ///
    /// `at` becomes the author's time; `actor`, `n` and `saw` are ignored, since a device makes its own dots. A line that is
    /// refused does not stop the others. Other commands get their turn between batches.
    ///
    /// - Throws: `SatchelError` where the replica cannot be written; what was reported before is on the disk.
    package func apply(_ bytes: [UInt8], settles: Bool, report: ([AppliedLine]) throws -> Void) throws {
        var lines = NumberedLines(bytes)
        var isAtEnd = false
        while !isAtEnd {
            var batch: [(number: Int, bytes: ArraySlice<UInt8>)] = []
            var byteCount = 0
            while batch.count < Self.linesPerTurn, byteCount < Self.bytesPerTurn {
                guard let line = lines.next() else {
                    isAtEnd = true
                    break
                }
                batch.append(line)
                byteCount += line.bytes.count
            }
            guard !batch.isEmpty else { break }
            let outcomes = try withTurn(purpose: "apply") { store in
                try store.write { transaction in
                    try batch.map { line in
                        AppliedLine(number: line.number, result: try apply(line, settles: settles, transaction))
                    }
                }
            }
            try report(outcomes)
        }
    }

    private static var linesPerTurn: Int { 500 }
    private static var bytesPerTurn: Int { 4 * 1024 * 1024 }

    /// Makes the edit of one line; a refusal is the line's own.
    ///
    /// What the store fails with passes, and ends the batch: a part of the line may have been written.
    private func apply(
        _ line: (number: Int, bytes: ArraySlice<UInt8>), settles: Bool, _ transaction: ReplicaTransaction
    ) throws -> Result<EditOutcome, SatchelError> {
        do {
            let edit = try EditLineParser.parse(line: Array(line.bytes), number: line.number)
            let changes = try edit.changes.map { change in
                let life = try change.record.map { try transaction.status(of: $0) } ?? .absent
                let newRecord = RecordID.random(at: clock.now())
                do {
                    let readAt = try transaction.context(
                        of: change.readAt, forEditOf: change.record ?? newRecord)
                    return try change.draftChange(
                        schema: transaction.schema, life: life, newRecord: newRecord, readAt: readAt)
                } catch let error as SatchelError where error.code == .invalidToken {
                    throw error.located(inLine: line.number)
                }
            }
            let draft = Draft(label: edit.label ?? "apply", madeAt: edit.at, changes: changes)
            do {
                // Nothing of a refused line is written: it is judged whole before its first write.
                return .success(
                    try Editor(transaction, clock: clock).commit(draft, options: EditOptions(settles: settles)))
            } catch let error as SatchelError where error.code != .damagedData {
                return .failure(error.located(inLine: line.number))
            }
        } catch let error as SatchelError where error.code != .damagedData {
            return .failure(error)
        }
    }
}
