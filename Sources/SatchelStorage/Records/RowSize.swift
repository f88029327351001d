import GRDB
import SatchelSync

/// How many bytes SQLite takes for the content of a row, its header included.
///
/// The forms are those of the record format (https://www.sqlite.org/fileformat2.html, section 2.1). The sizes of texts that are put
/// together only to be bound are taken for longer than they may be; whoever counts with them must not need the last byte.
struct RowSize {
    /// The bytes so far.
    private(set) var byteCount = 1

    /// Adds a text or a blob of so many bytes.
    mutating func add(textOf count: Int) { byteCount += count + (count < 58 ? 1 : count < 8_186 ? 2 : 3) }

    /// Adds a column that holds nothing.
    mutating func addNull() { byteCount += 1 }

    /// Adds a number.
    mutating func add(_ number: Int64) {
        let bits = 64 - (number < 0 ? ~number : number).leadingZeroBitCount
        byteCount += 1
        switch bits {
        case ..<2 where number == 0 || number == 1: break
        case ..<8: byteCount += 1
        case ..<16: byteCount += 2
        case ..<24: byteCount += 3
        case ..<32: byteCount += 4
        case ..<48: byteCount += 6
        default: byteCount += 8
        }
    }

    /// Adds the columns of a field.
    mutating func add(_ value: ColumnValue, kind: FieldKind) {
        switch value {
        case .register(.null), .register(.location):
            for stored in ColumnCodec.databaseValues(value, kind: kind) { add(stored) }
        case .register(.text(let text)), .register(.json(let text)): add(textOf: text.string.utf8.count)
        case .register(.integer(let number)), .counter(let number): add(number)
        case .register(.boolean(let flag)): add(flag ? 1 : 0)
        case .register(.decimal(let number)): add(number.units)
        case .register(.date): add(textOf: 10)
        case .register(.timestamp): add(textOf: 24)
        case .register(.reference): add(textOf: 36)
        case .set, .map: add(ColumnCodec.databaseValue(value))
        }
    }

    private mutating func add(_ stored: DatabaseValue) {
        switch stored.storage {
        case .null: addNull()
        case .int64(let number): add(number)
        case .string(let text): add(textOf: text.utf8.count)
        // No column of ours is bound to anything else.
        case .double, .blob: addNull()
        }
    }
}
