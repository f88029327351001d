package import SatchelInspection
import SatchelStorage
import SatchelSync

extension Replica {
    /// The field that says whose visits or tasks these are, where some are not this user's; `nil` else.
    ///
    /// - Throws: `SatchelError` as reading does.
    package func ownerField(of reports: [RecordReport]) throws -> String? {
        let names = ["visit": "rep", "task": "assignee"]
        guard let first = reports.first, let name = names[first.type] else { return nil }
        let user = try reading { try $0.identity().user }
        let isAnothers = reports.contains { report in
            report.fields.contains { $0.name == name && !$0.value.isNull && $0.value.text != user }
        }
        return isAnothers ? name : nil
    }
}
