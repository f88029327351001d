import Foundation
import GRDB
package import SatchelSync

/// A change-set as the log keeps it: who, what, when, and what became of it.
package struct LogEntry: Hashable, Sendable {
    /// The change-set's name.
    package let dot: Dot
    /// Its digest, over its bytes and its line.
    package let digest: [UInt8]
    /// The user who made it.
    package let author: String
    /// The device it was made on.
    package let device: String
    /// What its author called it.
    package let label: String
    /// The device's wall time.
    package let madeAt: Timestamp
    /// The same by the server's reckoning, fixed once.
    package let correctedAt: Timestamp
    /// How far off that is at most, in milliseconds; `nil` where nobody knows.
    package let timeErrorMilliseconds: Int64?
    /// When the server judged it.
    package let acceptedAt: Timestamp
    /// The server's answer.
    package let verdict: Verdict
    /// Its place in the order of commits; zero where it was not applied.
    package let sequence: ServerSequence
    /// Its canonical bytes; `nil` where they were erased.
    package let body: [UInt8]?
    /// Whether the entry tells of another verdict on a parked change-set, whose first entry has the rest.
    package let isRevision: Bool

    package init(
        dot: Dot, digest: [UInt8], author: String, device: String, label: String, madeAt: Timestamp,
        correctedAt: Timestamp, acceptedAt: Timestamp, verdict: Verdict, sequence: ServerSequence, body: [UInt8]?,
        isRevision: Bool = false, timeErrorMilliseconds: Int64? = nil
    ) {
        self.timeErrorMilliseconds = timeErrorMilliseconds
        self.dot = dot
        self.digest = digest
        self.author = author
        self.device = device
        self.label = label
        self.madeAt = madeAt
        self.correctedAt = correctedAt
        self.acceptedAt = acceptedAt
        self.verdict = verdict
        self.sequence = sequence
        self.body = body
        self.isRevision = isRevision
    }

    /// The entry that tells of another verdict on the same change-set.
    package func revised(_ verdict: Verdict, at time: Timestamp) -> LogEntry {
        LogEntry(
            dot: dot, digest: digest, author: author, device: device, label: label, madeAt: madeAt,
            correctedAt: correctedAt, acceptedAt: time, verdict: verdict, sequence: .zero, body: nil, isRevision: true,
            timeErrorMilliseconds: timeErrorMilliseconds)
    }

    /// The entry of the same change-set under its `x*`, with the verdict and the sequence that it gets there.
    package func released(_ verdict: Verdict, at time: Timestamp, sequence: ServerSequence) -> LogEntry {
        LogEntry(
            dot: dot.released, digest: digest, author: author, device: device, label: label, madeAt: madeAt,
            correctedAt: correctedAt, acceptedAt: time, verdict: verdict, sequence: sequence, body: body,
            timeErrorMilliseconds: timeErrorMilliseconds)
    }

    /// The change-set; `nil` where its bytes were erased.
    ///
    /// - Throws: ``SatchelError`` `damaged_data` when the bytes cannot be read.
    package func changeSet() throws -> ChangeSet? {
        guard let body else { return nil }
        do {
            return try ChangeSet(dot: dot, canonicalBytes: body)
        } catch {
            throw damaged("the body of change-set \(dot)")
        }
    }

    /// Whether no more than an outline of the change-set came back to a restored store: its digest is that of the whole.
    package var isOutline: Bool {
        get throws { try changeSet()?.isOutline ?? false }
    }

    /// The hash of the chain at this entry: SHA-256(the hash before ‖ header).
    ///
    /// The header holds all but the body, and the change-set's digest, which is a hash over the body: a body may be erased later
    /// and the chain still holds.
    package func chain(after previous: [UInt8], position: Int64) -> [UInt8] {
        var sink: [UInt8] = []
        sink.reserveCapacity(256)
        sink.write(contentsOf: previous)
        sink.write(varint: UInt64(position))
        sink.write(dot)
        sink.write(contentsOf: digest)
        sink.write(text: author)
        sink.write(text: device)
        sink.write(text: label)
        sink.write(zigzag: madeAt.milliseconds)
        sink.write(zigzag: correctedAt.milliseconds)
        sink.write(zigzag: acceptedAt.milliseconds)
        sink.write(UInt8(truncatingIfNeeded: verdict.stored))
        sink.write(varint: sequence.number)
        if let rejection = verdict.rejection {
            sink.write(text: rejection.code)
            sink.write(text: rejection.record?.description ?? "")
            sink.write(varint: UInt64(rejection.field?.number ?? 0))
            sink.write(text: rejection.sentence)
        }
        if let timeErrorMilliseconds {
            sink.write(UInt8(ascii: "E"))
            sink.write(zigzag: timeErrorMilliseconds)
        }
        if isRevision { sink.write(UInt8(ascii: "R")) }
        return Hashing.sha256(sink)
    }

    /// The columns of a row of the log, as ``init(_:dot:)`` reads them.
    static let columns = """
        actor, counter, digest, author, device, label, made_at, corrected_at, accepted_at, verdict, code, record, field,
        sentence, sequence, is_revision, body, parts, position, chain, time_error
        """

    /// Where the parts stand among the columns.
    static let partsColumn: Int32 = 17

    /// Reads a row of the log.
    init(_ row: HotRow, dot: Dot) throws {
        self.dot = dot
        digest = row.blob(2)
        author = row.text(3)
        device = row.text(4)
        label = row.text(5)
        madeAt = Timestamp(milliseconds: row.integer(6))
        correctedAt = Timestamp(milliseconds: row.integer(7))
        acceptedAt = Timestamp(milliseconds: row.integer(8))
        verdict = try Verdict(
            stored: row.integer(9), code: row.isNull(10) ? nil : row.text(10),
            record: row.isNull(11) ? nil : row.blob(11), field: row.isNull(12) ? nil : row.integer(12),
            sentence: row.text(13))
        sequence = try ServerSequence(stored: row.integer(14))
        isRevision = row.integer(15) != 0
        body = row.isNull(16) ? nil : row.blob(16)
        timeErrorMilliseconds = row.isNull(20) ? nil : row.integer(20)
    }
}

extension Verdict {
    /// The number that stands for it in the log.
    var stored: Int {
        switch self {
        case .applied: 1
        case .appliedWithConflicts: 2
        case .held: 3
        case .rejected: 4
        case .reissued: 5
        }
    }

    /// Reads the columns that say a verdict.
    init(_ row: Row) throws {
        try self.init(
            stored: row["verdict"], code: row["code"], record: (row["record"] as Data?).map { Array($0) },
            field: row["field"], sentence: row["sentence"] ?? "")
    }

    /// Reads what the columns of a verdict hold.
    init(stored number: Int64, code: String?, record: [UInt8]?, field: Int64?, sentence: String) throws {
        switch number {
        case 1: self = .applied
        case 2: self = .appliedWithConflicts
        case 5: self = .reissued
        case 3, 4:
            guard let code else { throw damaged("a verdict") }
            let field = try field.map { stored in
                guard let number = UInt32(exactly: stored) else {
                    throw damaged("field number \(stored) of a verdict")
                }
                return FieldID(number)
            }
            let rejection = Rejection(
                code: code, record: record.flatMap { RecordID(bytes: $0) }, field: field, sentence: sentence)
            self = number == 3 ? .held(rejection) : .rejected(rejection)
        default: throw damaged("a verdict")
        }
    }
}
