import SatchelStorage
import SatchelSync

// The tasks of a rep's day.
extension Replica {
    /// Notes a task: open, and this user's unless another one is named.
    ///
    /// - Throws: `SatchelError` as an edit does; `unknown_field` where a task of this schema cannot refer to such a record.
    package func addTask(_ title: String, about text: String?, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        return try edit(purpose: "task add") { transaction in
            let type = try transaction.schema.requireType(named: "task")
            let facts = [
                Assignment(field: "status", value: "open"),
                Assignment(field: "assignee", value: try transaction.identity().user),
            ]
            let writes =
                try transaction.writes(
                    [Assignment(field: "title", value: title)] + type.known(facts, besides: assignments) + assignments,
                    type: type, at: now)
                + (text.map { try transaction.references(from: type, toSubject: $0) } ?? [])
            let change = DraftChange(type: type.id, record: .random(at: now), life: .create, writes: writes)
            return Draft(label: "task add", changes: [change])
        }
    }

    /// Says that a task is done.
    ///
    /// - Throws: `SatchelError` as an edit does; `already_done` where it is.
    package func finishTask(_ text: String, assignments: [Assignment]) throws -> EditOutcome {
        let now = clock.now()
        return try edit(purpose: "task done") { transaction in
            let type = try transaction.schema.requireType(named: "task")
            let id = try transaction.resolve(text, type: type)
            if let status = type.field(named: "status"), let record = try transaction.record(id),
                record.state.winningValue(of: status) == .text("done")
            {
                throw SatchelError(
                    .alreadyDone, "Task \(id) is done already.", remedy: "Open it again with `set task`, if it is not.")
            }
            let facts = [
                Assignment(field: "status", value: "done"), Assignment(field: "done_at", value: now.description),
            ]
            let writes = try transaction.writes(
                type.known(facts, besides: assignments) + assignments, type: type, at: now)
            return Draft(label: "task done", changes: [DraftChange(type: type.id, record: id, writes: writes)])
        }
    }
}
