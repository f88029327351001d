import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport

// What the office, inspectors and operators do at the server.
extension World {
    /// Asks the server's process for something; it answers when it can.
    private func ask(
        _ request: OperatorRequest, _ what: String, then: @escaping @Sendable (OperatorReply) -> Void = { _ in }
    ) {
        note(what)
        let service = server.process.service
        start { [self] in
            do {
                let reply = try await service.perform(request)
                then(reply)
            } catch let error as SatchelError where Self.refusals.contains(error.code) {
                counters.note("refused: \(error.code.word)")
                note("the office is refused: \(error.code.word)")
            } catch is Crash {
                note("the server dies in it")
            } catch {
                report(.failed, "\(what): \(error)")
            }
            server.isTouched = true
        }
    }

    /// One to three lines of the office in one request.
    func office(_ random: inout SeededRandom) {
        let lines = (1...random.pick(in: 1...3)).map { number in
            let (item, parent) = (random.pick(from: SimulationSchema.items), random.pick(from: SimulationSchema.items))
            let value = value(&random)
            let text =
                switch random.pick(below: 7) {
                case 0: #"{"changes":[{"op":"delete","type":"item","id":"\#(item)"}]}"#
                case 1: #"{"type":"item","id":"\#(item)","set":{"parent":"\#(parent)"}}"#
                case 2: #"{"type":"item","id":"\#(item)","add":{"tags":["a","o"]},"remove":{"tags":["b"]}}"#
                case 3: #"{"type":"item","id":"\#(item)","set":{"name":"\#(value)","parent":null}}"#
                case 4: #"{"type":"item","id":"\#(item)","set":{"stage":"open","best":3}}"#
                default: #"{"type":"item","id":"\#(item)","set":{"name":"\#(value)","phone":"\#(value)"}}"#
                }
            return ApplyRequest.Line(number: number, text: text)
        }
        let settles = random.isOnce(in: 2)
        ask(
            .apply(ApplyRequest(lines: lines, user: "office", settles: settles)),
            "the office: \(lines.map(\.text).joined(separator: " "))")
    }

    /// An inspector settles one conflict that the server shows.
    func inspect(_ random: inout SeededRandom) {
        let (service, seed) = (server.process.service, random.next())
        start { [self] in
            do {
                let request = OperatorRequest.conflicts(ConflictsRequest(limit: 20))
                guard case .records(let cases, _) = try await service.perform(request) else { return }
                settle(cases.filter { RecordID($0.record).map(SimulationSchema.purses.contains) == false }, seed)
            } catch is Crash {
                note("the server dies while an inspector looks")
            } catch {
                report(.failed, "the inspector: \(error)")
            }
        }
    }

    private func settle(_ cases: [RecordCase], _ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        guard !cases.isEmpty else { return }
        let found = random.pick(from: cases)
        guard let choice = Self.choice(for: found, &random) else { return }
        ask(
            .resolve(
                ResolveRequest(
                    record: found.record, subject: choice.subject, choice: choice.choice, reason: "settled",
                    token: found.token, user: "office")),
            "an inspector settles \(choice.subject) of …\(found.record.suffix(2)) by \(choice.choice)"
        ) { [counters] _ in counters.note("settled by an inspector") }
    }

    /// An operator releases one parked change-set, sometimes twice.
    func release(_ random: inout SeededRandom) {
        let (service, seed) = (server.process.service, random.next())
        start { [self] in
            do {
                let parked = try await service.perform(.parked(after: 0, limit: 100)).parkedPage().work
                var random = SeededRandom(seed: seed)
                guard !parked.isEmpty else { return }
                let dot = random.pick(from: parked).dot
                for _ in 0..<random.pick(from: [1, 1, 2]) {
                    ask(.release(dot: dot), "the operator releases \(Dot(dot)?.shortDescription ?? dot)") {
                        [self] _ in
                        isReleasing = true
                        counters.note("released by an operator")
                    }
                }
            } catch is Crash {
                note("the server dies while an operator looks")
            } catch {
                report(.failed, "the operator: \(error)")
            }
        }
    }
}

extension World {
    /// How an inspector settles a conflict; `nil` where it offers nothing to choose.
    fileprivate static func choice(
        for found: RecordCase, _ random: inout SeededRandom
    ) -> (subject: String, choice: ResolveRequest.Choice)? {
        guard !found.conflicts.isEmpty else { return nil }
        let item = random.pick(from: found.conflicts)
        if item.subject == "life" { return (item.subject, random.pick(from: [.keep, .delete])) }
        return (item.subject, .take(random.pick(in: 1...max(item.values.count, 1))))
    }
}
