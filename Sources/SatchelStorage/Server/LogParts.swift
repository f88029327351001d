import SatchelSync

/// The records that an applied change-set touched, each with where the entry before stands that touched it.
///
/// | part | form |
/// |---|---|
/// | for each record, in the order of the change-set | varint number of the record; varint distance back, 0 where there is none |
struct LogParts {
    private(set) var parts: [(record: Int64, before: Int64)] = []

    /// No record.
    init() {}

    /// Reads the stored form.
    ///
    /// Distances stay as they are: what they count from is the position of their entry.
    /// - Throws: ``SatchelError`` `damaged_data`.
    init(_ bytes: [UInt8]) throws(SatchelError) {
        var reader = ByteReader(bytes)
        do {
            while !reader.isAtEnd {
                parts.append(
                    (
                        Int64(truncatingIfNeeded: try reader.varint()),
                        Int64(truncatingIfNeeded: try reader.varint())
                    ))
            }
        } catch {
            throw damaged("the parts of an entry of the log (\(error))")
        }
    }

    /// Adds a record, whose newest entry so far stands at `before`; 0 where it has none.
    mutating func append(_ record: Int64, before: Int64, at position: Int64) {
        parts.append((record, before == 0 ? 0 : position - before))
    }

    /// Where the entry before the one at `position` stands that touched a record, 0 where there is none; `nil` where the entry at
    /// `position` did not touch it.
    func position(before position: Int64, of record: Int64) -> Int64? {
        guard let distance = parts.first(where: { $0.record == record })?.before else { return nil }
        return distance > 0 && distance < position ? position - distance : 0
    }

    /// The stored form.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes.write(varint: UInt64(bitPattern: part.record))
            bytes.write(varint: UInt64(bitPattern: part.before))
        }
        return bytes
    }
}
