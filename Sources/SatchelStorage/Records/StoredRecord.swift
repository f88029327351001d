package import SatchelSync

/// A record as one store holds it.
package struct StoredRecord: Sendable {
    /// Its small number inside this store.
    package let key: Int64
    /// Its type.
    package let type: EntityTypeID
    /// Its name.
    package let id: RecordID
    /// Where in the server's order its newest confirmed change stands; zero when nothing of it is confirmed.
    package var sequence: ServerSequence
    /// The state that the plain table shows; on a device, base with the overlay applied.
    package var state: RecordState
    /// What the server confirmed, where it differs from `state`; `nil` where it does not, and always on a server.
    package var base: RecordState?
    /// Whether the record lives, living children included.
    package internal(set) var status: LifeStatus
    /// What the plain row holds, in the order of the type's fields; `nil` when there is no row.
    package internal(set) var row: [ColumnValue]?
    /// The severity of the severest open conflict, 0 where there is none, as the lists of conflicts have it.
    var conflict: UInt8 = 0
    /// On a device, the number that the server names the record by; `nil` where it has not told.
    package var handle: UInt64?
    /// On a server, the position in the log of the newest change-set that touched it; zero on a device.
    package internal(set) var position: Int64 = 0

    /// What the server confirmed.
    package var confirmed: RecordState { base ?? state }

    /// Whether the record lives as the server confirmed it; without an overlay, living children included.
    package var confirmedStatus: LifeStatus { base?.lifeStatus ?? status }
}

extension RecordState {
    /// What the plain columns show, in the order of the type's fields.
    /// - Complexity: O(fields + siblings).
    func columns(of type: EntityType) -> [ColumnValue] {
        var columns: [ColumnValue] = []
        columns.reserveCapacity(type.fields.count)
        // Both are in the order of the fields' numbers.
        var index = fields.startIndex
        for place in type.fields.indices {
            let id = type.fields[place].id
            while index < fields.endIndex, fields[index].field < id { index += 1 }
            guard index < fields.endIndex, fields[index].field == id else {
                columns.append(.empty(of: type.fields[place]))
                continue
            }
            // The common case first, without a look at the policy.
            if case .register(let siblings) = fields[index].state, siblings.count == 1 {
                columns.append(.register(siblings[0].value))
            } else {
                columns.append(column(of: type.fields[place]))
            }
        }
        return columns
    }

    /// What the plain column of a field shows.
    ///
    /// A value that is no set, counter or map, which plain SQL put into the column of one, is shown as it stands while it is parked.
    func column(of field: Field) -> ColumnValue {
        if case .register = self.field(field.id) { return .register(winningValue(of: field)) }
        switch field.kind {
        case .set: return .set(winningElements(of: field))
        case .counter: return .counter(total(of: field))
        case .map: return .map(winningEntries(of: field).map { MapWrite($0.key, $0.value) })
        default: return .register(winningValue(of: field))
        }
    }
}

/// Where the endings of record ids are kept in order, so that an ending finds its record without a scan.
///
/// The last 16 digits of the id are read backwards as a number: ids with a common ending stand side by side.
package enum RecordEnding {
    /// The number under which a record is found by its ending.
    package static func index(of record: RecordID) -> Int64 {
        var reversed: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 4) { reversed = reversed << 4 | (record.low >> shift & 0xF) }
        return signed(reversed)
    }

    /// The numbers of all the records whose ids end in these hexadecimal digits; at most 16 digits count.
    static func range(ofDigits digits: [UInt8]) -> ClosedRange<Int64>? {
        let counted = digits.suffix(16).reversed()
        guard let value = UInt64(hexDigits: Array(counted)) else { return nil }
        let shift = UInt64(64 - 4 * counted.count)
        let lowest = value << shift
        return signed(lowest)...signed(lowest | (shift == 64 ? .max : (1 << shift) - 1))
    }

    /// How many last digits tell two neighbours apart.
    static func digitsToTell(_ one: Int64, from other: Int64) -> Int {
        let difference = UInt64(bitPattern: one ^ other)
        return difference == 0 ? 32 : difference.leadingZeroBitCount / 4 + 1
    }

    /// SQLite orders signed numbers; flipping the top bit keeps the order of unsigned ones.
    private static func signed(_ value: UInt64) -> Int64 { Int64(bitPattern: value ^ (1 << 63)) }
}
