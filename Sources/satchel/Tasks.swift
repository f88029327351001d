import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct TaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: said("Note tasks, and say when they are done."),
        subcommands: [TaskAdd.self, TaskDone.self, TaskList.self])
}

struct TaskAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: said("Note a task; it is yours unless you name somebody."),
        discussion: HelpText.flowing(
            """
            Examples:
              satchel task add "Send the offer" --of 3f2a --due 2026-03-09
              satchel task add "Call back" --for bo priority=high
            """))

    @Argument(help: .said("What is to be done."))
    var title: String
    @Option(
        name: .customLong("of"),
        help: .said(
            "What it is about: the id of an account, contact, opportunity or visit, or an ending of it.", name: "id"))
    var about: String?
    @Option(help: .said("By which day.", name: "date"))
    var due: String?
    @Option(name: .customLong("for"), help: .said("Whose it is.", name: "user"))
    var assignee: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let facts = [("due", due), ("assignee", assignee)].compactMap { field, value in
            value.map { Assignment(field: field, value: $0) }
        }
        let outcome = try replicaOptions.replica.addTask(
            title, about: about, assignments: facts + (try fields.parsed()))
        try output.show(outcome, as: "Noted task")
    }
}

struct TaskDone: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "done", abstract: said("Say that a task is done."),
        discussion: HelpText.flowing(
            """
            Example:
              satchel task done 4b1c
            """))

    @Argument(help: .said("The task's id, or a unique ending of it."))
    var task: String
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func run() throws {
        let outcome = try replicaOptions.replica.finishTask(task, assignments: try fields.parsed())
        try output.show(outcome, as: "Done: task")
    }
}

struct TaskList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: said("List tasks that are not done, those due first at the top."),
        discussion: HelpText.flowing(
            """
            Examples:
              satchel task list
              satchel task list --all --where assignee=bo
            """))

    @Flag(help: .said("Those that are done or given up, too."))
    var all = false
    @OptionGroup var question: QuestionOptions
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { _ = try question.count() }

    func run() throws {
        var asked = try question.question()
        if !all {
            asked.conditions += try unfinished(replicaOptions.replica.schema())
        }
        if asked.order.isEmpty { asked.order = ["due"] }
        try output.list("task", asked, try question.count(), replicaOptions.replica)
    }

    /// That a task is neither done nor given up, as far as the schema has words for that.
    private func unfinished(_ schema: Schema) throws -> [ListQuestion.Condition] {
        let status = try schema.requireType(named: "task").requireField(named: "status")
        return try ["done", "cancelled"].filter { word in
            if case .enumeration(let cases) = status.kind { cases.contains(UTF8Text(word)) } else { true }
        }.map { try ListQuestion.Condition("status!=\($0)") }
    }
}
