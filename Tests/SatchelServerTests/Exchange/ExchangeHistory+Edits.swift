import SatchelClient
import SatchelInspection
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

/// What reps and the office do through Satchel's own doors.
extension ExchangeHistory {
    /// One edit through the library; answers what does not hold right after it.
    func edit(_ place: Int, using random: inout SeededRandom) throws -> [String] {
        let home = homes[place]
        var changes: [DraftChange] = []
        for _ in 0..<random.pick(from: [1, 1, 1, 2, 3]) {
            let change = try change(at: place, using: &random)
            if !changes.contains(where: { $0.record == change.record }) { changes.append(change) }
        }
        let dot = try home.edit(Draft(label: "edit", changes: changes))
        note(dot == nil ? "edit refused" : "edit", "\(home.name) \(changes.map(\.story)) \(dot?.counter ?? 0)")
        guard dot != nil else { return [] }
        // Nobody conflicts with himself: what was just written over all that stood is what stands, unless a token was older.
        return try changes.filter { $0.readAt == nil }.flatMap { change in
            let state = try home.state(of: change.record)
            return change.writes.compactMap { write -> String? in
                guard case .register(let value) = write.write else { return nil }
                let standing = state.field(write.field)?.siblings.map(\.value)
                return standing == [value]
                    ? nil : "\(home.name) wrote \(value.text) to \(change.record.shortName): \(standing ?? [])"
            }
        }
    }

    private func change(at place: Int, using random: inout SeededRandom) throws -> DraftChange {
        if random.isOnce(in: 6) { return remarkChange(using: &random) }
        let record = random.isOnce(in: 12) ? Self.contested : random.pick(from: Self.items)
        let life = try homes[place].state(of: record).life
        let action = life.isEmpty ? 0 : random.pick(in: 1...9)
        let readAt = token(of: record, at: place, using: &random)
        switch action {
        case 0:
            return DraftChange(
                type: ItemSchema.type, record: record, life: .create, writes: fieldWrites(using: &random, atLeast: 0))
        case 1: return DraftChange(type: ItemSchema.type, record: record, life: .delete, readAt: readAt)
        case 2:
            return DraftChange(
                type: ItemSchema.type, record: record, life: .revive, writes: fieldWrites(using: &random, atLeast: 0),
                readAt: readAt)
        default:
            return DraftChange(
                type: ItemSchema.type, record: record, writes: fieldWrites(using: &random, atLeast: 1), readAt: readAt)
        }
    }

    private func remarkChange(using random: inout SeededRandom) -> DraftChange {
        let record = random.isOnce(in: 6) ? Self.contested : random.pick(from: Self.remarks)
        let writes = [
            FieldChange(FieldID(1), .register(.text(UTF8Text(value(using: &random))))),
            FieldChange(FieldID(2), .register(.reference(random.pick(from: Self.items)))),
        ]
        let life = random.pick(from: [LifeWrite.create, .create, .delete, .revive, nil])
        return DraftChange(
            type: EntityTypeID(2), record: record, life: life, writes: life == .delete ? [] : writes)
    }

    private func fieldWrites(using random: inout SeededRandom, atLeast: Int) -> [FieldChange] {
        var writes: [FieldChange] = []
        let fields = [
            ItemSchema.name, ItemSchema.phone, ItemSchema.parent, ItemSchema.tags, ItemSchema.visits, ItemSchema.facts,
        ]
        for field in fields where random.isOnce(in: 3) {
            writes.append(write(field, using: &random))
        }
        if writes.count < atLeast {
            writes.append(write(random.pick(from: [ItemSchema.name, ItemSchema.phone]), using: &random))
        }
        return writes
    }

    private func write(_ field: FieldID, using random: inout SeededRandom) -> FieldChange {
        switch field {
        case ItemSchema.tags:
            let elements = Set((0..<random.pick(in: 1...2)).map { _ in random.pick(from: ["a", "b", "c"]) })
            let texts = elements.sorted().map { UTF8Text($0) }
            return FieldChange(
                field, random.isOnce(in: 2) ? .set(add: texts, remove: []) : .set(add: [], remove: texts))
        case ItemSchema.visits: return FieldChange(field, .counter(Int64(random.pick(in: 1...9)) - 3))
        case ItemSchema.facts:
            let key = UTF8Text(random.pick(from: ["hall", "yard"]))
            let value = random.isOnce(in: 5) ? FieldValue.null : .text(UTF8Text(value(using: &random)))
            return FieldChange(field, .map([MapWrite(key, value)]))
        case ItemSchema.parent:
            let parent = random.isOnce(in: 8) ? Self.contested : random.pick(from: Self.items)
            return FieldChange(field, .register(random.isOnce(in: 5) ? .null : .reference(parent)))
        default:
            let value = value(using: &random)
            return FieldChange(field, .register(random.isOnce(in: 8) ? .null : .text(UTF8Text(value))))
        }
    }

    /// Settles one open conflict of a home, as a person does who has just looked.
    func resolve(_ place: Int, using random: inout SeededRandom) throws -> [String] {
        let home = homes[place]
        let reports = try home.replica.conflicts(atLeast: .review, limit: 20)
        guard !reports.isEmpty else { return try edit(place, using: &random) }
        let report = random.pick(from: reports)
        let item = random.pick(from: report.items)
        let choice: TypedChoice =
            switch item.subject {
            case "life": random.pick(from: [.keep, .delete])
            case "parent": .take(1)
            default:
                random.isOnce(in: 3) ? .value(value(using: &random)) : .take(random.pick(in: 1...item.siblings.count))
            }
        do {
            let outcome = try home.replica.resolve(
                typeName: report.type, report.record.description, subject: item.subject, choice: choice,
                reason: "settled", token: report.token)
            note(
                "resolve",
                "\(home.name) settles \(item.subject) of \(report.record.shortName) by \(choice) \(outcome.dot.counter)"
            )
        } catch let error as SatchelError
            where ExchangeHome.refusals.contains(error.code) || error.code == .tooLarge || error.code == .invalidValue
        {
            // A value of own parked work is among those to choose from, and is as unfit as before.
            note("resolve refused", "\(home.name) may not settle \(item.subject) of \(report.record.shortName)")
            return []
        }
        let left = try home.replica.conflict(typeName: report.type, of: report.record.description).items
        guard item.subject != "life", left.contains(where: { $0.subject == item.subject }) else { return [] }
        return ["\(home.name) settled \(item.subject) of \(report.record.shortName) and it is open"]
    }

    /// One to three lines of the office in one request.
    func office(using random: inout SeededRandom) async throws {
        var lines: [ApplyRequest.Line] = []
        for number in 1...random.pick(in: 1...3) {
            let record = random.pick(from: Self.items)
            let parent = random.pick(from: Self.items)
            let value = value(using: &random)
            let text =
                switch random.pick(below: 6) {
                case 0: #"{"changes":[{"op":"delete","type":"item","id":"\#(record)"}]}"#
                case 1: #"{"type":"item","id":"\#(record)","set":{"parent":"\#(parent)"}}"#
                case 2: #"{"type":"item","id":"\#(record)","add":{"tags":["a","o"]},"remove":{"tags":["b"]}}"#
                case 3: #"{"type":"item","id":"\#(record)","set":{"name":"\#(value)","parent":null}}"#
                default: #"{"type":"item","id":"\#(record)","set":{"name":"\#(value)","phone":"\#(value)"}}"#
                }
            lines.append(ApplyRequest.Line(number: number, text: text))
        }
        let reply = try await server.service.perform(
            .apply(ApplyRequest(lines: lines, user: "office", settles: random.isOnce(in: 2))))
        guard case .applied(let outcomes) = reply else { throw SatchelError.unexpectedReply }
        note("office", "the office: \(lines.map(\.text)) \(outcomes.map { $0.problem?.code ?? $0.verdict ?? "" })")
    }
}

extension DraftChange {
    /// The change, for a story.
    var story: String {
        let writes = writes.map { write in
            switch write.write {
            case .register(.reference(let target)): "\(write.field.number)=\(target.shortName)"
            case .register(let value): "\(write.field.number)=\(value.text)"
            case .set(let add, let remove): "\(write.field.number)+\(add)-\(remove)"
            case .counter(let delta): "\(write.field.number)+=\(delta)"
            case .map(let keys): "\(write.field.number){\(keys.map { "\($0.key)=\($0.value.text)" })}"
            }
        }
        let life = life.map { "\($0) " } ?? ""
        return "\(life)\(record.shortName) \(writes.joined(separator: " "))\(readAt == nil ? "" : " by a token")"
    }
}
