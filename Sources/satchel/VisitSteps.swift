import ArgumentParser
import SatchelClient
import SatchelTerminal

struct VisitStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: said("Begin a visit: on site from now."),
        discussion: HelpText.flowing(
            """
            At an account it is a new visit; a visit that was planned begins. One visit is under way at a time. With --at it checks in there as
            well, in one edit. In the place of an account's id stand words with which `search` finds it and no other.

            Examples:
              satchel visit start 阿斯特
              satchel visit start 3f2a purpose="Spring order"
              satchel visit start 3f2a --at 31.2304,121.4737,12 --with 9d01
              satchel visit start 77c1
            """))

    @Argument(help: .said("The account or the planned visit: its id, a unique ending of it, or the account's name."))
    var subject: String
    @OptionGroup var position: PositionOptions
    @Option(help: .said("A contact who is there; may be given several times.", name: "contact"))
    var with: [String] = []
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func validate() throws { try position.requirePosition() }

    func run() throws {
        let facts = try position.at == nil ? nil : position.facts()
        let replica = replicaOptions.replica
        let outcome = try replica.startVisit(
            at: try replica.id(meantBy: subject, typeName: "account"),
            checkIn: facts, contacts: with,
            assignments: try fields.parsed())
        try output.show(outcome, as: "Began visit")
    }
}

struct VisitEnd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: said("End a visit: done from now."),
        discussion: HelpText.flowing(
            """
            Without a visit it is the one that is under way.

            Examples:
              satchel visit end --outcome "Ordered 40" --next "Send the offer" --next-on 2026-03-09
              satchel visit end 77c1 --note "They want blue ones next time." order_value=4200.00
            """))

    @Option(help: .said("What came of it.", name: "text"))
    var outcome: String?
    @Option(help: .said("What is to be done next.", name: "text"))
    var next: String?
    @Option(help: .said("By which day.", name: "date"))
    var nextOn: String?
    @Option(help: .said("A note about the visit, in the same edit.", name: "text"))
    var note: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: .said("The visit's id, or a unique ending of it; then field=value."))
    var words: [String] = []

    func run() throws {
        let visit = words.first.flatMap { $0.contains("=") ? nil : $0 }
        let typed = try words.dropFirst(visit == nil ? 0 : 1).map { try Assignment(argument: $0) }
        let options = [("outcome", outcome), ("next_step", next), ("next_step_due", nextOn)].compactMap {
            field, value in
            value.map { Assignment(field: field, value: $0) }
        }
        let result = try replicaOptions.replica.endVisit(visit, note: note, assignments: options + typed)
        try output.show(result, as: "Ended visit")
    }
}

/// The visit that a verb is about, and what it says besides.
struct VisitArguments: ParsableArguments {
    @Argument(help: .said("The visit's id, or a unique ending of it."))
    var visit: String
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments
}

/// A verb that says how a visit stands.
private protocol VisitMark: ParsableCommand {
    /// How the visit stands then.
    static var status: VisitStatus { get }
    /// What is said when it is done.
    static var verb: Phrase { get }
    var visit: VisitArguments { get }
}

extension VisitMark {
    func run() throws {
        let outcome = try visit.replicaOptions.replica.markVisit(
            visit.visit, as: Self.status, assignments: try visit.fields.parsed())
        try visit.output.show(outcome, as: Self.verb)
    }
}

struct VisitGo: ParsableCommand, VisitMark {
    static let status = VisitStatus.enRoute, verb: Phrase = "On the way to visit"
    static let configuration = CommandConfiguration(
        commandName: "go", abstract: said("Say that you are on your way to a planned visit."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel visit go 77c1
            """))

    @OptionGroup var visit: VisitArguments
}

struct VisitCancel: ParsableCommand, VisitMark {
    static let status = VisitStatus.cancelled, verb: Phrase = "Cancelled visit"
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: said("Say that a visit will not be."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel visit cancel 77c1 note="They are on holiday."
            """))

    @OptionGroup var visit: VisitArguments
}

struct VisitMiss: ParsableCommand, VisitMark {
    static let status = VisitStatus.missed, verb: Phrase = "Missed visit"
    static let configuration = CommandConfiguration(
        commandName: "miss", abstract: said("Say that nobody was there."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel visit miss 77c1 note="Closed at noon."
            """))

    @OptionGroup var visit: VisitArguments
}
