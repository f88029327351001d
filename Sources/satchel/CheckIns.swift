import ArgumentParser
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

/// Where the device is, and how it knows.
struct PositionOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: .said(
            "Where: degrees north, degrees east and, where known, how far off it may be in metres.",
            name: "lat,lon[,metres]"))
    var at: String?
    @Option(parsing: .unconditional, help: .said("How old the position is, in seconds.", name: "seconds"))
    var fixAge: NumberOption?
    @Option(help: .said("What found the position, such as gps or network.", name: "name"))
    var provider: String?
    @Flag(help: .said("A program made the position up."))
    var mock = false

    /// What the options say; their form is looked at before anything that is stored.
    ///
    /// - Throws: `SatchelError` `invalid_value` for what is no position.
    func facts() throws -> CheckInFacts {
        if let at, !at.isEmpty, Location(at) == nil {
            throw SatchelError(
                .invalidValue,
                "--at takes a place such as 48.137154,11.576124 or, with metres, 48.137154,11.576124,12, got \"\(Excerpt.of(at))\".",
                remedy: "Correct it, or leave --at out where the position is not known."
            ).asWrongUsage
        }
        return CheckInFacts(position: at, fixAge: try fixAgeSeconds(), provider: provider, isMock: mock)
    }

    private func fixAgeSeconds() throws -> Int? {
        try fixAge?.number(of: "--fix-age", in: 0...1_000_000_000)
    }

    /// Refuses an age that is none, and to say of no position how it was found.
    func requirePosition() throws {
        _ = try fixAgeSeconds()
        guard at == nil, fixAge != nil || provider != nil || mock else { return }
        throw ValidationError(said("--fix-age, --provider and --mock tell of a position: give it with --at."))
    }
}

struct CheckIn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkin", abstract: said("Record that you are at a visit or an account, now."),
        discussion: HelpText.flowing(
            """
            It says by the customer's place whether you were there (verified, outside, low accuracy, unverified; skipped without a
            position), and refuses nothing. The row is never changed; a correction is a new one.

            Examples:
              satchel checkin 77c1 --at 31.2304,121.4737,12 --provider gps --fix-age 4
              satchel checkin 3f2a --reason "No signal in the basement"
              satchel checkin 3f2a --at 31.2304,121.4737 --corrects c0de
            """))

    @Argument(help: .said("The id of the visit or account, or a unique ending of it."))
    var about: String
    @OptionGroup var position: PositionOptions
    @Option(help: .said("Why, in your words.", name: "text"))
    var reason: String?
    @Option(help: .said("The check-in that this one corrects.", name: "id"))
    var corrects: String?
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var fields: AssignmentArguments

    func validate() throws { try position.requirePosition() }

    func run() throws {
        var facts = try position.facts()
        facts.reason = reason
        facts.corrects = corrects
        let outcome = try replicaOptions.replica.checkIn(at: about, facts, assignments: try fields.parsed())
        try output.show(outcome, as: "Checked in as")
    }
}

extension OutputOptions {
    /// Prints what an edit that may check in did, and what the check-in says.
    func show(_ outcome: CheckInOutcome, as verb: Phrase) throws {
        guard !json else { return try show(json: outcome.json, text: "") }
        try show(outcome.edit, as: verb)
        if let verdict = outcome.verdict { try StandardStream.output.write(verdict.text + "\n") }
    }
}

extension CheckInOutcome {
    fileprivate var json: JSONValue {
        guard case .object(let members) = edit.json else { return edit.json }
        return .object(
            members + [
                JSONMember("verdict", .text(optional: verdict?.word.rawValue)),
                JSONMember("distance_m", verdict?.distance.map { .integer(Int64($0)) } ?? .null),
                JSONMember("radius_m", verdict.map { .integer(Int64($0.radius)) } ?? .null),
            ])
    }
}

extension CheckInVerdict {
    /// The verdict in a sentence.
    fileprivate var text: String {
        let far = distance.map {
            said(
                "\(DistanceText.said(Int($0))) from the customer's place; up to \(DistanceText.said(Int(radius))) counts as there"
            )
        }
        switch word {
        case .verified: return said("Verified: \(far ?? "").")
        case .outside: return said("Outside: \(far ?? ""). It is recorded all the same.")
        case .lowAccuracy: return said("The position is too rough to say: \(far ?? "").")
        case .unverified:
            return far.map { said("Not verified, since the position is old or made up: \($0).") }
                ?? said("Not verified: this device does not know where the customer is.")
        case .skipped: return said("Without a position.")
        }
    }
}

extension RecordReport {
    /// What is to be said of the two verdicts on a check-in: where the server's is another than the device's, and where it is not there.
    ///
    /// Empty for other records, and where both say the same.
    var aboutVerdicts: String {
        let names = ServerVerdictFields.names
        guard type == CheckInRow.typeName, fields.contains(where: { $0.name == names.verdict }) else { return "" }
        guard let server = text(of: names.verdict) else { return said("The server has not judged it.") + "\n" }
        guard let device = text(of: "verdict"), device != server else { return "" }
        guard let distance = text(of: names.distance) else {
            return said("The server says \(server); the device said \(device).") + "\n"
        }
        return said(
            "The server says \(server), \(Int(distance).map(DistanceText.said) ?? distance) from the customer's place as it knows it; the device said \(device)."
        ) + "\n"
    }

    private func text(of name: String) -> String? {
        fields.first { $0.name == name }.flatMap { $0.value.isNull ? nil : SafeText.line($0.value.text) }
    }
}
