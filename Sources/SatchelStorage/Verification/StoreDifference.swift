package import SatchelSync

/// A row of a server's store that is not what the log makes of it.
package struct StoreDifference: Hashable, Sendable {
    /// What is wrong with it.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// It is not there.
        case missing
        /// It is there, and nothing in the log asks for it.
        case superfluous
        /// It says something else.
        case differs
    }

    /// The table; of an index, its name; empty where it is about the file.
    package let table: String
    /// The record that it is about; `nil` where it is about none.
    package let record: RecordID?
    /// What names the row besides: a dot, a position of the log, a number; empty where the record does.
    package let row: String
    /// What is wrong.
    package let kind: Kind
    /// The columns that say something else; of the file, what SQLite finds.
    package let columns: [String]
    /// Whether the log can tell how it has to be.
    package let canBeMended: Bool

    package init(
        table: String, record: RecordID? = nil, row: String = "", kind: Kind, columns: [String] = [],
        canBeMended: Bool = true
    ) {
        self.table = table
        self.record = record
        self.row = row
        self.kind = kind
        self.columns = columns
        self.canBeMended = canBeMended
    }
}

/// What a look through a store has found.
package struct StoreFindings: Hashable, Sendable {
    /// How many differences are kept one by one.
    static let keptMax = 1_000

    /// The first differences, by table.
    package private(set) var differences: [StoreDifference] = []
    /// How many there are in all.
    package private(set) var count = 0
    /// How many of them the log cannot mend.
    package private(set) var beyondMendingCount = 0
    /// How many records differ, or are not served where they have to be.
    package internal(set) var recordCount = 0

    package init() {}

    /// Whether all is as the log says.
    package var areNone: Bool { count == 0 }

    mutating func add(_ difference: StoreDifference) {
        count += 1
        if !difference.canBeMended { beyondMendingCount += 1 }
        if differences.count < Self.keptMax { differences.append(difference) }
    }
}

/// How far a look through a store came.
package struct VerificationProgress: Hashable, Sendable {
    /// What is done, in the order in which it is done.
    package enum Step: String, Hashable, Sendable {
        /// SQLite looks through the file; counts say nothing.
        case checkingFile
        /// The log is read and merged anew; counts are its entries.
        case reading
        /// The rows are compared; counts are records.
        case comparing
        /// What differs is written; counts are rows.
        case mending
    }

    /// What is done.
    package let step: Step
    /// How much of it is done.
    package let done: Int
    /// How much there is, about.
    package let total: Int

    package init(_ step: Step, done: Int, total: Int) {
        self.step = step
        self.done = done
        self.total = total
    }
}
