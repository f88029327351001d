import ArgumentParser
import Foundation
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Visit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Plan, begin and end visits."),
        subcommands: [
            VisitPlan.self, VisitGo.self, VisitStart.self, VisitEnd.self, VisitCancel.self, VisitMiss.self,
            VisitList.self,
        ])
}

/// When something is, as people type it.
struct TimeText {
    let zone: TimeZone
    let now: Timestamp

    /// The instant that an option names; where something has begun then, that is not before `start`.
    ///
    /// - Throws: ``SatchelError`` `invalid_request`.
    func instant(_ text: String, option: String, after start: Timestamp? = nil) throws(SatchelError) -> Timestamp {
        let read =
            start.map { LocalTime.parse(text, after: $0, in: zone) } ?? LocalTime.parse(text, now: now, in: zone)
        guard let time = read else {
            // Elsewhere, where no clocks are set, it comes.
            guard LocalTime.parse(text, now: now, in: .gmt) == nil else {
                throw .wrongUsage(
                    "\(option) is \"\(Excerpt.of(text))\", which does not come in \(zone.identifier): clocks are set past it.",
                    remedy: "Write a time before that or after it.")
            }
            throw .wrongUsage(
                "\(option) is \"\(Excerpt.of(text))\", which is no time.",
                remedy: "Write 14:30 for today, \"2026-03-02 14:30\", or 2026-03-02T14:30:00+01:00.")
        }
        if let start, time < start {
            throw .wrongUsage(
                "\(option) is \"\(Excerpt.of(text))\", which is before the beginning.", remedy: "Write a later time.")
        }
        return time
    }
}

struct VisitPlan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: said("Plan a visit at an account."),
        discussion: HelpText.flowing(
            """
            Examples:
              satchel visit plan 3f2a --at "2026-03-02 10:00" purpose="Spring order"
              satchel visit plan 3f2a --at 14:30 --until 15:00 --with 9d01 --with 77e4
            """))

    @Argument(help: .said("The account: its id, a unique ending of it, or its name."))
    var account: String
    @Option(help: .said("When: a time of today, a day and a time, or RFC 3339.", name: "time"))
    var at: String
    @Option(help: .said("Until when.", name: "time"))
    var until: String?
    @Option(help: .said("A contact who will be there; may be given several times.", name: "contact"))
    var with: [String] = []
    @OptionGroup var zone: ZoneOption
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let replica = replicaOptions.replica
        let text = TimeText(zone: try zone.zone(), now: replica.now)
        let start = try text.instant(at, option: "--at")
        let outcome = try replica.planVisit(
            account: try replica.id(meantBy: account, typeName: "account"), at: start,
            until: try until.map { try text.instant($0, option: "--until", after: start) }, contacts: with,
            assignments: try fields.parsed())
        try output.show(outcome, as: "Planned visit")
    }
}

struct VisitStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: said("Begin a visit: on site from now."),
        discussion: HelpText.flowing(
            """
            At an account it is a new visit; a visit that was planned begins. With --at it checks in there as well, in one edit. In the place of an
            account's id stand words with which `search` finds it and no other.

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
        let replica = replicaOptions.replica
        let outcome = try replica.startVisit(
            at: try replica.id(meantBy: subject, typeName: "account"),
            checkIn: position.at == nil ? nil : position.facts, contacts: with,
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
    /// The word of the visit's status.
    static var status: String { get }
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
    static let status = "en_route", verb: Phrase = "On the way to visit"
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
    static let status = "cancelled", verb: Phrase = "Cancelled visit"
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
    static let status = "missed", verb: Phrase = "Missed visit"
    static let configuration = CommandConfiguration(
        commandName: "miss", abstract: said("Say that nobody was there."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel visit miss 77c1 note="Closed at noon."
            """))

    @OptionGroup var visit: VisitArguments
}

struct VisitList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: said("List visits, those that begin last at the top."),
        discussion: HelpText.flowing(
            """
            Examples:
              satchel visit list
              satchel visit list --of 3f2a
              satchel visit list --where status=planned --sort planned_start
            """))

    @Option(
        name: .customLong("of"),
        help: .said("Only those at this account: its id, or a unique ending of it.", name: "account"))
    var account: String?
    @OptionGroup var question: QuestionOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { _ = try question.count() }

    func run() throws {
        var asked = try question.question()
        if let account { asked.conditions.append(.init(field: "account", value: account)) }
        let replica = replicaOptions.replica
        let type = try replica.schema().requireType(named: "visit")
        // When it began, else when it is planned.
        let times = ["started_at", "planned_start"].filter { type.field(named: $0) != nil }
        if asked.order.isEmpty { asked.order = (times.isEmpty ? [] : ["-" + times.joined(separator: "/")]) + ["-id"] }
        try output.list(
            "visit", asked, try question.count(), replica, fields: ["status", "account", "purpose", "outcome"]
        ) { report in
            let instants = times.lazy.compactMap { name -> Timestamp? in
                guard
                    case .register(.timestamp(let time))? = report.fields.first(where: { $0.name == name })?.value
                        .content
                else { return nil }
                return time
            }
            return instants.first.map { LocalTime.minute($0) } ?? ""
        }
    }
}

/// In which time zone days and times are meant.
struct ZoneOption: ParsableArguments {
    @Option(help: .said("The time zone, such as Asia/Shanghai; the device's own when not given.", name: "zone"))
    var timeZone: String?

    /// - Throws: ``SatchelError`` `invalid_request` for a zone that nobody knows.
    func zone() throws(SatchelError) -> TimeZone {
        guard let timeZone else { return TimeZone.current }
        guard let zone = TimeZone(identifier: timeZone) else {
            throw .wrongUsage(
                "There is no time zone \"\(Excerpt.of(timeZone))\".",
                remedy: "Write it like Asia/Shanghai or Europe/Vienna.")
        }
        return zone
    }
}
