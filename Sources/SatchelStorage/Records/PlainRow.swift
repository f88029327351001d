import GRDB
import GRDBSQLite
import SatchelSync

/// Which columns of a row an `UPDATE` names, so that a type needs few of them: each costs fifty microseconds to prepare.
enum RowChanges: Equatable {
    /// None.
    case none
    /// Those of one field, by its place in the type.
    case one(Int)
    /// Those of all fields but references, whose indexes need not be touched then.
    case values
    /// All.
    case all

    /// Compares two rows of a type.
    init(from old: [ColumnValue], to new: [ColumnValue], type: EntityType) {
        self = .none
        for index in new.indices where new[index] != old[index] {
            let isReference = if case .reference = type.fields[index].kind { true } else { false }
            switch self {
            case .none: self = .one(index)
            case .one(let first):
                let isFirst = if case .reference = type.fields[first].kind { true } else { false }
                self = isFirst || isReference ? .all : .values
            case .values where isReference: self = .all
            case .values, .all: break
            }
            if self == .all { return }
        }
    }

    /// Tells the shapes of a type apart.
    var number: UInt32 {
        switch self {
        case .none: 0
        case .values: 1
        case .all: 2
        case .one(let index): 3 + UInt32(index)
        }
    }

    /// Calls `body` with the place of each field that is named, in order.
    func forEach(in type: EntityType, _ body: (Int) -> Void) {
        switch self {
        case .none: break
        case .one(let index): body(index)
        case .values:
            for index in type.fields.indices {
                if case .reference = type.fields[index].kind { continue }
                body(index)
            }
        case .all: for index in type.fields.indices { body(index) }
        }
    }

    /// The columns and their marks, as `UPDATE` takes them.
    func assignments(of type: EntityType) -> String {
        var columns: [String] = []
        forEach(in: type) { columns += type.fields[$0].columnNames.map { "\($0.quoted) = ?" } }
        return columns.joined(separator: ", ")
    }
}

/// Marks for this many values.
func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }

extension HotStatement {
    /// Binds the marks of a field's columns.
    func bind(_ value: ColumnValue, kind: FieldKind) {
        if case .location = kind {
            for stored in ColumnCodec.databaseValues(value, kind: kind) { bind(stored) }
            return
        }
        switch value {
        case .register(.null): bindNull()
        case .register(.text(let text)), .register(.json(let text)): bind(text.string)
        case .register(.integer(let number)), .counter(let number): bind(number)
        case .register(.boolean(let flag)): bind(flag ? 1 : 0)
        case .register(.decimal(let number)): bind(number.units)
        default: bind(ColumnCodec.databaseValue(value))
        }
    }

    private func bind(_ stored: DatabaseValue) {
        switch stored.storage {
        case .null: bindNull()
        case .int64(let number): bind(number)
        case .string(let text): bind(text)
        // No column of ours is bound to anything else.
        case .double, .blob: bindNull()
        }
    }
}

extension HotRow {
    /// What the columns of a type's fields hold, in the order of the fields, from column `start` on.
    func columnValues(of type: EntityType, from start: Int32) -> [ColumnValue] {
        var values: [ColumnValue] = []
        values.reserveCapacity(type.fields.count)
        var column = start
        for place in type.fields.indices {
            let kind = type.fields[place].kind
            if case .location = kind {
                values.append(ColumnCodec.columnValue((column..<(column + 3)).map(value), kind: kind))
                column += 3
            } else {
                values.append(columnValue(column, kind: kind))
                column += 1
            }
        }
        return values
    }

    /// One column, the usual kinds without a detour.
    private func columnValue(_ column: Int32, kind: FieldKind) -> ColumnValue {
        switch (storage(column), kind) {
        case (SQLITE_NULL, .set): return .set([])
        case (SQLITE_NULL, .counter), (SQLITE_NULL, .map): break
        case (SQLITE_NULL, _): return .register(.null)
        case (SQLITE_TEXT, .text), (SQLITE_TEXT, .enumeration): return .register(.text(UTF8Text(text(column))))
        case (SQLITE_INTEGER, .integer): return .register(.integer(integer(column)))
        case (SQLITE_INTEGER, .counter): return .counter(integer(column))
        default: break
        }
        return ColumnCodec.columnValue([value(column)], kind: kind)
    }
}
