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
