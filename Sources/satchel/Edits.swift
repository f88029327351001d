import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

/// The assignments of an edit, as they are typed.
struct AssignmentArguments: ParsableArguments {
    @Argument(
        help: .said(
            "field=value, field= to empty it; set+=element and set-=element; counter+=3 and counter-=3; map.key=value.")
    )
    var assignments: [String] = []

    func parsed() throws -> [Assignment] { try assignments.map { try Assignment(argument: $0) } }
}

/// The record that is meant.
struct RecordArguments: ParsableArguments {
    @Argument(help: .said("The type, such as account."), completion: .recordTypes)
    var type: String
    @Argument(help: .said("The id, or a unique ending of it."))
    var id: String
}

/// The record that is meant, with its type or without.
struct RecordWords: ParsableArguments {
    @Argument(
        help: .said("The type and the id or the name; or the id, or an ending of it, alone.", name: "record"),
        completion: .recordTypes)
    var words: [String]

    func validate() throws {
        guard (1...2).contains(words.count) else {
            throw ValidationError(
                said("Name a record by [TYPE] ID, or by [TYPE] NAME, in quotes where it is several words."))
        }
    }

    /// The type of the record; `nil` where none is named.
    var type: String? { words.count == 2 ? words[0] : nil }

    /// Its id, an ending of it, or its name.
    var what: String { words.last ?? "" }
}

/// What an edit rests on: a read, or the record as it stands.
struct ReadOptions: ParsableArguments {
    @Flag(help: .said("Write over the values of a conflict that a person must decide."))
    var settle = false
    @Option(
        help: .said(
            "The `read_at` of a read with --json: the edit claims to have seen that, and no more.", name: "token"))
    var readAt: String?

    func token() throws -> ReadToken? { try readAt.map { try ReadToken($0) } }
}

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make a record."),
        discussion: HelpText.flowing(
            """
            Examples:
              satchel new account name="阿斯特 Trading" phone=5551234 tags+=vip
              satchel new contact name=Bo account=3f2a
            """))

    @Argument(help: .said("The type, such as account."), completion: .recordTypes)
    var type: String
    @Option(help: .said("The id of the new record; a fresh one when not given.", name: "uuid"))
    var id: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let record = try id.map { text in
            guard let id = RecordID(text) else {
                throw SatchelError.wrongUsage(
                    "\"\(Excerpt.of(text))\" is not a UUID.", remedy: "Leave --id out to get a fresh one.")
            }
            return id
        }
        let outcome = try replicaOptions.replica.new(
            typeName: type, assignments: try fields.parsed(), id: record)
        try output.show(outcome, as: "Made \(type)")
    }
}

struct SetFields: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: said("Edit fields of a record."),
        discussion: HelpText.flowing(
            """
            A field in a conflict that a person must decide is refused unless --settle says to write over its values.

            Examples:
              satchel set account 3f2a phone=5559876 tags-=prospect
              satchel set account 3f2a credit_limit=
            """))

    @OptionGroup var record: RecordArguments
    @OptionGroup var read: ReadOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let outcome = try replicaOptions.replica.set(
            typeName: record.type, record.id, assignments: try fields.parsed(), settles: read.settle,
            readAt: try read.token())
        try output.show(outcome, as: "Edited \(record.type)")
    }
}

struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Delete a record."),
        discussion: HelpText.flowing(
            """
            Its values are kept for inspection, and `revive` brings it back. A record that living records refer to is
            not deleted. An edit by somebody who has not seen the delete makes the record contested.

            Example:
              satchel delete contact 9d01
            """))

    @OptionGroup var record: RecordArguments
    @OptionGroup var read: ReadOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let outcome = try replicaOptions.replica.setLife(
            .delete, typeName: record.type, record.id, settles: read.settle, readAt: try read.token())
        try output.show(outcome, as: "Deleted \(record.type)")
    }
}

struct Revive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Bring a deleted record back."),
        discussion: HelpText.flowing(
            """
            It has the values that it had, but for those of the assignments. What went with it by the same delete, such as a contact's places at
            visits, comes back with it, unless somebody has deleted or revived that since.

            Examples:
              satchel revive contact 9d01
              satchel revive contact 9d01 phone=5551234
            """))

    @OptionGroup var record: RecordArguments
    @OptionGroup var read: ReadOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let outcome = try replicaOptions.replica.revive(
            typeName: record.type, record.id, assignments: try fields.parsed(), settles: read.settle,
            readAt: try read.token())
        try output.show(outcome, as: "Revived \(record.type)")
    }
}

struct NoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: said("Write a note about an account or a visit."),
        discussion: HelpText.flowing(
            """
            Without an id it is about the visit that is under way.

            Examples:
              satchel note "They want blue ones next time."
              satchel note 77c1 "They want blue ones next time."
            """))

    @Argument(help: .said("The id of the account or visit, or a unique ending of it; then the note.", name: "id"))
    var about: String
    @Argument(help: .said("The note."))
    var body: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let outcome = try replicaOptions.replica.note(
            about: body == nil ? nil : about, body: body ?? about)
        try output.show(outcome, as: "Wrote note")
    }
}
