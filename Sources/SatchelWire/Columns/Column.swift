/// The columns of a body that are there whatever its schema; `sync.md` lists them under the same numbers.
///
/// After them come eight columns for each field that the body writes, ``SlotPart``, in the order in which fields are met.
enum Column: Int, CaseIterable {
    // Ids and digests, which do not shrink, stand first so that they do not spoil what comes after.
    case actorName = 0
    case recordID = 1
    case digest = 2
    case fixes = 3
    case hexBytes = 4

    // What tables are made of.
    case actorRelease = 5
    case recordHandle = 6
    case vectorCount = 7
    case vectorActor = 8
    case vectorCounter = 9
    case stampActor = 10
    case stampCounter = 11
    case stampTime = 12
    case shapeType = 13
    case shapeLife = 14
    case shapeCount = 15
    case shapeField = 16
    case shapeKind = 17

    // Change-sets.
    case itemCount = 18
    case itemForm = 19
    case author = 20
    case authorLength = 21
    case authorBytes = 22
    case label = 23
    case labelLength = 24
    case labelBytes = 25
    case actor = 26
    case counter = 27
    case time = 28
    case schemaVersion = 29
    case changeCount = 30

    // Records, and the changes of change-sets.
    case shape = 31
    case record = 32
    case context = 33
    case sequence = 34
    case handle = 35
    case stamp = 36
    case lifeCount = 37
    case lifeMark = 38
    case lifeContext = 39
    case lateCount = 40
    case lateActor = 41
    case lateCounter = 42

    // What a record in conflict bears.
    case provenanceCount = 43
    case provenanceActor = 44
    case provenanceCounter = 45
    case provenanceTime = 46
    case provenanceContext = 47
    case baseCount = 48
    case baseField = 49
    case baseForm = 50

    /// The number of the first column of the first field.
    static let firstSlot = 64

    /// How the entries of the column with this number are written; `nil` for a number that no column has.
    static func form(of number: Int) -> ColumnForm? {
        if number >= firstSlot { return SlotPart(rawValue: number % SlotPart.width)?.form }
        switch Column(rawValue: number) {
        case .actorName, .recordID: return .ids
        case .digest, .fixes, .hexBytes, .authorBytes, .labelBytes: return .bytes
        case nil: return nil
        default: return .numbers
        }
    }
}

/// The columns of one field of one type.
enum SlotPart: Int, CaseIterable {
    case kind = 0
    case number = 1
    case longitude = 2
    case accuracy = 3
    case text = 4
    case textLength = 5
    case textBytes = 6
    case count = 7

    static let width = allCases.count

    var form: ColumnForm { self == .textBytes ? .bytes : .numbers }
}

/// How the entries of a column are written.
enum ColumnForm {
    /// Varints by group: the first bytes of all, then the second bytes of those that go on, and so on.
    case numbers
    /// Sixteen bytes each, by place: the first bytes of all, then all the second ones.
    case ids
    /// As they are, one after the other.
    case bytes
}

/// A text column with its table: a text that was met before is named by its place.
struct TextColumn {
    let choice: Int
    let length: Int
    let bytes: Int

    static let author = TextColumn(choice: Column.author.rawValue)
    static let label = TextColumn(choice: Column.label.rawValue)

    private init(choice: Int) { (self.choice, length, bytes) = (choice, choice + 1, choice + 2) }

    /// The text column of a field.
    init(slot: Int) { self.init(choice: Column.firstSlot + slot * SlotPart.width + SlotPart.text.rawValue) }

    /// The texts that are found again; longer ones seldom are, and looking them up costs more than they are worth.
    static let tableBytesMax = 128
}

/// What a shape says of a field: how it is written, or what stands for it.
enum ShapeKind: UInt64 {
    case register = 0
    case set = 1
    case counter = 2
    case map = 3
    /// A register for which one value stands, as nearly all have.
    case oneValue = 4
}

/// A type, what happens to the life, and the fields, each with its kind: most changes and records repeat one.
struct Shape: Hashable {
    struct Member: Hashable {
        let field: UInt32
        let kind: ShapeKind
    }

    let type: UInt32
    /// Of a change the raw value of its life write, 0 for none; of a record 1 where one alive pair is all, else 0.
    let life: UInt64
    let members: [Member]
}
