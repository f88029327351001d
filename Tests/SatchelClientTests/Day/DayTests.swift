import Foundation
import SatchelClient
import SatchelInspection
import SatchelSchemaFile
import SatchelStorage
import SatchelSync
import Testing

/// A rep's day on the CRM schema: planned and unplanned visits, check-ins, tasks, and what is due.
@Suite struct DayTests {
    /// 2026-03-02T08:00:00Z, a Monday.
    private static let now = Timestamp("2026-03-02T08:00:00.000Z")?.milliseconds ?? 0
    private let home: HomeFixture
    private let account: RecordID
    private let zone = TimeZone(identifier: "Asia/Shanghai") ?? .gmt

    init() throws {
        home = try HomeFixture(clock: Self.now, source: SchemaFile.crm.source)
        account = try home.account("name=阿斯特", "location=31.2304,121.4737,10", "owner=ann")
    }

    private func at(_ text: String) throws -> Timestamp {
        try #require(LocalTime.parse(text, now: Timestamp(milliseconds: Self.now), in: zone))
    }

    private func assignments(_ texts: String...) throws -> [Assignment] {
        try texts.map { try Assignment(argument: $0) }
    }

    private func day() throws -> [String] {
        try home.replica.day(in: zone).entries.map { entry in
            "\(entry.part.rawValue) \(entry.text) \(entry.customer ?? "-")\(entry.isOverdue ? " late" : "")"
        }
    }

    @Test func `whose visits and tasks are is told where not all are the user's own`() throws {
        let replica = home.replica
        func owner(_ type: String) throws -> String? {
            try replica.ownerField(of: try replica.records(typeName: type, limit: 10))
        }
        _ = try replica.planVisit(
            account: account.description, at: try at("10:00"), until: nil, assignments: [])
        _ = try replica.addTask("Call", about: account.description, assignments: [])
        #expect(try owner("visit") == nil && owner("task") == nil)
        _ = try replica.planVisit(
            account: account.description, at: try at("11:00"), until: nil, assignments: try assignments("rep=bo"))
        _ = try replica.addTask("His", about: nil, assignments: try assignments("assignee=bo", "priority=high"))
        #expect(try owner("visit") == "rep" && owner("task") == "assignee" && owner("account") == nil)
    }

    @Test func `the day has visits, tasks, next steps, customers to see and deals to close, and nothing of others`()
        throws
    {
        let replica = home.replica
        _ = try replica.planVisit(
            account: account.description, at: try at("23:30"), until: nil, assignments: try assignments("purpose=late"))
        _ = try replica.planVisit(
            account: account.description, at: try at("2026-03-03 00:00"), until: nil,
            assignments: try assignments("purpose=tomorrow"))
        _ = try replica.planVisit(
            account: account.description, at: try at("2026-03-01 10:00"), until: nil,
            assignments: try assignments("purpose=missed"))
        _ = try replica.planVisit(
            account: account.description, at: try at("11:00"), until: nil,
            assignments: try assignments("purpose=his", "rep=bo"))
        _ = try replica.addTask("Call", about: account.description, assignments: try assignments("due=2026-03-01"))
        _ = try replica.addTask("Later", about: nil, assignments: try assignments("due=2026-03-03"))
        _ = try replica.addTask("His", about: nil, assignments: try assignments("due=2026-03-02", "assignee=bo"))
        _ = try home.set(account, "next_visit=2026-03-02")
        _ = try replica.new(
            typeName: "opportunity",
            assignments: try assignments(
                "name=Deal", "account=\(account)", "close_date=2026-03-02", "next_step=Call them", "stage=new"))
        #expect(
            try day() == [
                "overdue_visit missed 阿斯特", "planned late 阿斯特", "task Call 阿斯特 late", "follow_up  阿斯特",
                "closing Call them 阿斯特",
            ])
    }

    @Test
    func `a visit with a check-in and a note takes two commands, and its next step is gone once he was there again`()
        throws
    {
        let replica = home.replica
        let outcome = try replica.startVisit(
            at: account.description, checkIn: CheckInFacts(position: "31.2305,121.4737,8", fixAge: 3, provider: "gps"),
            assignments: [])
        let visit = outcome.records
        #expect(outcome.edit.types == ["visit", "check_in"])
        #expect(outcome.verdict?.word == .verified && outcome.verdict?.distance == 11)
        #expect(try day() == ["under_way  阿斯特"])
        let checkIn = try replica.record(typeName: "check_in", visit[1].description)
        let shown = Dictionary(checkIn.fields.map { ($0.name, $0.value.text) }) { first, _ in first }
        #expect(shown["verdict"] == "verified")
        #expect(shown["distance_m"] == "11")
        #expect(shown["radius_m"] == "300")
        _ = try replica.endVisit(
            nil, note: "Blue ones",
            assignments: try assignments("next_step=Offer", "next_step_due=2026-03-01", "outcome=good"))
        #expect(try day() == ["next_step Offer 阿斯特 late", "done good 阿斯特"])
        let about = try replica.related(typeName: "visit", visit[0].description, limit: 3)
        #expect(about.map(\.type) == ["check_in", "note"])
        #expect(try replica.queuedWork().count == 3)
    }

    @Test func `a planned visit begins as itself, and neither twice nor after its end`() throws {
        let replica = home.replica
        let visit = try replica.planVisit(
            account: account.description, at: try at("17:00"), until: nil, assignments: []
        ).records[0]
        _ = try replica.markVisit(visit.description, as: .enRoute, assignments: [])
        #expect(try replica.startVisit(at: visit.description, assignments: []).records == [visit])
        let again = #expect(throws: SatchelError.self) {
            try replica.startVisit(at: visit.description, assignments: [])
        }
        #expect(again?.code == .alreadyDone)
        #expect(try replica.endVisit(nil, assignments: []).records == [visit])
        let ended = #expect(throws: SatchelError.self) {
            try replica.markVisit(visit.description, as: .missed, assignments: [])
        }
        #expect(ended?.code == .alreadyDone)
        let none = #expect(throws: SatchelError.self) { try replica.endVisit(nil, assignments: []) }
        #expect(none?.message == "No visit is under way.")
    }

    @Test func `what is under way stands in the present day, and in that on which it began`() throws {
        _ = try home.replica.startVisit(
            at: account.description, assignments: try assignments("started_at=2026-03-01T15:30:00.000Z"))
        func said(_ text: String) throws -> [String] {
            try home.replica.day(of: try at("\(text) 12:00"), in: zone).entries.map(\.part.rawValue)
        }
        #expect(try day() == ["under_way  阿斯特"])
        #expect(try said("2026-03-01") == ["under_way"])
        #expect(try said("2026-02-28") == [])
        #expect(try said("2026-03-03") == [])
        // Who forgot to end it says when he did.
        _ = try home.replica.endVisit(nil, assignments: try assignments("ended_at=2026-03-01T15:50:00.000Z"))
        #expect(try said("2026-03-01") == ["done"])
        #expect(try day() == [])
    }

    @Test
    func `a second visit at a customer, an end before the beginning, and rows about what is no place are refused`()
        throws
    {
        let replica = home.replica
        let visit = try replica.startVisit(at: account.description, assignments: []).records[0]
        let second = #expect(throws: SatchelError.self) {
            try replica.startVisit(at: account.description, assignments: [])
        }
        #expect(second?.code == .alreadyDone)
        #expect(second?.message.contains("Visit \(visit.description.suffix(4)) at 阿斯特 is under way since ") == true)
        let backwards = #expect(throws: SatchelError.self) {
            try replica.planVisit(
                account: account.description, at: try at("15:00"), until: try at("14:00"), assignments: [])
        }
        #expect(backwards?.isWrongUsage == true)
        let person = try replica.new(
            typeName: "contact", assignments: assignments("name=Bo", "account=\(account)")
        ).records[0].description
        for refusal in [
            #expect(throws: SatchelError.self, performing: { try replica.requirePhotoSubject(person) }),
            #expect(
                throws: SatchelError.self,
                performing: { try replica.checkIn(at: person, CheckInFacts(), assignments: []) }),
        ] { #expect(refusal?.message.contains("Record \(person) is of type contact; ") == true) }
        let gone = try home.account("name=Gone").description
        _ = try replica.setLife(.delete, typeName: "account", gone, settles: false)
        for refusal in [
            #expect(throws: SatchelError.self, performing: { try replica.note(about: gone, body: "x") }),
            #expect(
                throws: SatchelError.self,
                performing: { try replica.checkIn(at: gone, CheckInFacts(), assignments: []) }),
        ] { #expect(refusal?.code == .recordDeleted && refusal?.message.contains("is deleted.") == true) }
        let swapped = #expect(throws: SatchelError.self) {
            try replica.checkIn(
                at: account.description, CheckInFacts(position: "121.4737,31.2304"), assignments: [])
        }
        #expect(swapped?.remedy?.contains("Latitude comes first, from -90 to 90") == true)
        let chinese = try replica.checkIn(
            at: account.description, CheckInFacts(position: "31.2304，121.4737"), assignments: [])
        #expect(chinese.verdict?.distance == 0)
    }

    @Test func `verbs take a visit one way, and what is over stays so until somebody says otherwise`() throws {
        let replica = home.replica
        let (name, words) = ("status", VisitStatus.allCases)
        let visit = try replica.planVisit(
            account: account.description, at: try at("17:00"), until: nil, assignments: []
        ).records[0].description
        func set(_ status: VisitStatus) throws {
            let typed = [Assignment(field: name, value: status.rawValue)]
            _ = try replica.set(typeName: "visit", visit, assignments: typed, settles: true)
        }
        func bring(to status: VisitStatus) throws {
            switch status {
            case .planned: throw SatchelError(.alreadyDone, "No verb does that.", remedy: "Plan another one.")
            case .onSite: _ = try replica.startVisit(at: visit, assignments: [])
            case .done: _ = try replica.endVisit(visit, assignments: [])
            case .enRoute, .missed, .cancelled: _ = try replica.markVisit(visit, as: status, assignments: [])
            }
        }
        for (present, next) in words.flatMap({ present in words.map { (present, $0) } }) {
            try set(present)
            do {
                try bring(to: next)
                #expect(present.next.contains(next), "\(present) to \(next)")
            } catch let error as SatchelError {
                #expect(error.code == .alreadyDone && error.remedy != nil)
                #expect(!present.next.contains(next), "\(present) to \(next): \(error)")
                let now = try replica.record(typeName: "visit", visit).fields.first { $0.name == name }
                #expect(now?.value.text == present.rawValue)
            }
        }
    }

    @Test func `one visit of a user is under way at a time, and that of nobody is nobody's until it begins`() throws {
        let replica = home.replica
        let other = try home.account("name=Other").description
        let first = try replica.startVisit(at: account.description, assignments: []).records[0]
        let planned = try replica.planVisit(
            account: other, at: try at("17:00"), until: nil, assignments: []
        ).records[0]
        for subject in [other, planned.description] {
            let refusal = #expect(throws: SatchelError.self) {
                try replica.startVisit(at: subject, assignments: [])
            }
            #expect(refusal?.code == .alreadyDone && refusal?.message.contains("阿斯特 is under way") == true)
            #expect(refusal?.remedy?.contains("visit end \(first.description.suffix(4))") == true)
        }
        // Of a visit that is over already something may be told.
        _ = try replica.startVisit(at: other, assignments: try assignments("status=done"))
        _ = try replica.endVisit(first.description, assignments: [])
        // Others' visits, and those that say nobody's, are in nobody's way.
        for rep in ["rep=bo", "rep="] {
            _ = try replica.new(
                typeName: "visit", assignments: try assignments("account=\(account)", "status=on_site", rep))
        }
        let none = #expect(throws: SatchelError.self) { try replica.endVisit(nil, assignments: []) }
        #expect(none?.message == "No visit is under way." && none?.isWrongUsage == false)
        let free = try replica.new(
            typeName: "visit", assignments: try assignments("account=\(other)", "status=planned")
        ).records[0]
        #expect(try replica.startVisit(at: free.description, assignments: []).records == [free])
        #expect(try replica.endVisit(nil, assignments: []).records == [free])
    }

    @Test func `the verdict on a check-in is not typed, wherever one is made`() throws {
        let replica = home.replica
        for typed in ["verdict=verified", "distance_m=1", "radius_m=100000"] {
            let refusals = [
                #expect(throws: SatchelError.self) {
                    try replica.checkIn(
                        at: account.description, CheckInFacts(position: "60,60"), assignments: assignments(typed))
                },
                #expect(throws: SatchelError.self) {
                    try replica.new(
                        typeName: "check_in",
                        assignments: assignments("account=\(account)", "taken_at=2026-03-02T08:00:00Z", typed))
                },
            ]
            for refusal in refusals {
                #expect(refusal?.isWrongUsage == true)
                #expect(refusal?.message.contains("of a check-in is not typed") == true)
            }
        }
        let outcome = try replica.checkIn(
            at: account.description, CheckInFacts(position: "60,60"), assignments: assignments("provider=gps"))
        #expect(outcome.verdict?.word == .outside)
        #expect(try replica.queuedWork().count == 2)
    }

    @Test func `several contacts are at a visit, each a row of his own`() throws {
        let people = try ["Bo", "Cai"].map { name in
            try home.replica.new(typeName: "contact", assignments: assignments("name=\(name)", "account=\(account)"))
                .records[0]
        }
        let visit = try home.replica.startVisit(
            at: account.description, contacts: people.map(\.description), assignments: []
        ).records[0]
        let rows = try home.replica.records(
            typeName: "attendee", ListQuestion(conditions: [.init(field: "visit", value: visit.description)]), limit: 9)
        #expect(Set(rows.map { $0.fields.first { $0.name == "contact" }?.value.text.prefix(2) }) == ["Bo", "Ca"])
    }

    @Test func `who comes back is there again where the same delete took him, and nowhere else`() throws {
        let replica = home.replica
        let person = try replica.new(
            typeName: "contact", assignments: assignments("name=Bo", "account=\(account)")
        ).records[0]
        let visits = try ["10:00", "11:00", "12:00"].map { hour in
            try replica.planVisit(
                account: account.description, at: try at(hour), until: nil, contacts: [person.description],
                assignments: []
            ).records
        }
        func there() throws -> [RecordID] { try replica.records(typeName: "attendee", limit: 9).map(\.record) }
        let rows = visits.map { $0[1] }
        // One place was deleted by itself before, and one visit goes since.
        _ = try replica.setLife(.delete, typeName: "attendee", rows[0].description, settles: false)
        let gone = try replica.setLife(.delete, typeName: "contact", person.description, settles: false)
        #expect(gone.records.first == person && Set(gone.records) == [person, rows[1], rows[2]])
        #expect(try there().isEmpty)
        _ = try replica.setLife(.delete, typeName: "visit", visits[2][0].description, settles: false)
        let back = try replica.revive(
            typeName: "contact", person.description, assignments: assignments("phone=1"), settles: false)
        #expect(back.records == [person, rows[1]])
        #expect(try there() == [rows[1]])
        // What stays deleted comes back with what it belongs to.
        #expect(
            try replica.setLife(.revive, typeName: "visit", visits[2][0].description, settles: false).records == [
                visits[2][0]
            ])
    }

    @Test func `a check-in that was refused is judged anew by the position that is given to it`() throws {
        let replica = home.replica
        let made = try replica.checkIn(
            at: account.description, CheckInFacts(position: "31.3,121.4737"), assignments: [])
        #expect(made.verdict?.word == .outside)
        let refusal = Rejection(code: "invalid_value", record: nil, field: nil, sentence: "No.")
        try replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                for own in try transaction.ownChangeSets(.all) {
                    let isIt = own.changeSet.dot == made.edit.dot
                    try transaction.setVerdict(
                        isIt ? .rejected(refusal) : .applied, correctedTime: own.changeSet.time, of: own.changeSet.dot)
                }
            }
        }
        _ = try replica.fix(made.edit.dot, record: nil, assignments: try assignments("position=31.2304,121.4737"))
        let row = try #require(try replica.records(typeName: "check_in", limit: 2).first)
        let shown = Dictionary(uniqueKeysWithValues: row.fields.map { ($0.name, $0.value.text) })
        #expect(shown["verdict"] == "verified" && shown["distance_m"] == "0")
    }

    @Test func `the last edit is taken back while it has not been sent, and only then`() throws {
        let replica = home.replica
        _ = try home.set(account, "phone=1")
        _ = try home.set(account, "phone=2", "city=Wien")
        let undone = try replica.undo()
        #expect(undone.work.label == "edit" && undone.moreCount == 0)
        #expect(undone.changes.map(\.type) == ["account"] && undone.changes[0].title == "阿斯特")
        #expect(undone.changes[0].life == nil && Set(undone.changes[0].fields) == ["phone", "city"])
        #expect(try home.field(account, "phone") == "1")
        #expect(try home.field(account, "city") == "")
        let made = try replica.new(typeName: "contact", assignments: assignments("name=Bo")).records[0]
        let gone = try replica.undo().changes
        #expect(gone.map(\.life) == [.create] && gone[0].title == "Bo" && gone[0].record == made)
        #expect(throws: SatchelError.self) { try replica.record(typeName: "contact", made.description) }
        // What comes next takes the counter, and the line stays whole.
        _ = try home.set(account, "phone=3")
        #expect(try replica.queuedWork().map(\.dot.counter) == [1, 2, 3])
        let last = try replica.withTurn(purpose: "test") { store in
            try store.write { transaction in
                let own = try #require(try transaction.newestOwn())
                _ = try transaction.markSent([own.position])
                return own
            }
        }
        let refusal = #expect(throws: SatchelError.self) { try replica.undo() }
        #expect(refusal?.code == .alreadyDone)
        #expect(refusal?.message.contains(last.changeSet.dot.shortDescription) == true)
    }
    @Test func `what a sync could not send, since nobody was there, is taken back as before`() async throws {
        _ = try home.set(account, "phone=1")
        let transport = try HTTPTransport(serverURL: "http://127.0.0.1:1", trust: .system)
        let failure = await #expect(throws: SatchelError.self) {
            try await SyncRunner(replica: home.replica, transport: transport).run()
        }
        #expect(failure?.code == .networkUnavailable)
        #expect(try home.replica.queuedWork().last?.state == "queued")
        #expect(try home.replica.undo().work.label == "edit")
    }

    @Test func `an edit by a form of before an undo claims to have seen nothing that has its own name`() throws {
        let replica = home.replica
        _ = try home.set(account, "phone=1")
        _ = try home.set(account, "phone=2")
        let form = try replica.record(account, ofType: "account").readAt
        _ = try replica.undo()
        let outcome = try replica.edit(account, ofType: "account", readAt: form, ["phone": .register(.text("3"))])
        let made = try replica.ownWork(outcome.dot).changeSet
        #expect(form.context.covers(made.dot))
        #expect(made.changes.allSatisfy { !$0.context.covers(made.dot) })
        #expect(try home.field(account, "phone") == "3")
    }
}
