import ArgumentParser
import Foundation
import SatchelClient
import SatchelInspection
import SatchelSync
import SatchelTerminal

struct Ready: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Say whether this device is ready for a day without a network."),
        discussion: HelpText.flowing(
            """
            Whether all is down as of today, nothing waits or needs you, the server takes this device's credential, the clock is right, and there is
            space for pictures. Answers from this device alone. Exits 0 when it is, 3 when something is to be done first.

            Examples:
              satchel sync && satchel ready
              satchel ready --photos 200
            """))

    @Option(
        parsing: .unconditional, help: .said("For how many pictures there has to be space, at 5 MB each.", name: "n"))
    var photos = NumberOption(50)
    @OptionGroup var zone: ZoneOption
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    private static let photoBytes: Int64 = 5_000_000

    private func photoCount() throws -> Int { try photos.number(of: "--photos", in: 0...1_000_000) }

    func validate() throws { _ = try photoCount() }

    func run() throws {
        let replica = replicaOptions.replica
        let report = try replica.safetyReport()
        let checks = [
            down(report, now: replica.now, zone: try zone.zone()), waiting(report), attention(report),
            credential(report, now: replica.now, zone: try zone.zone()), clock(report),
            space(report, count: try photoCount()),
        ]
        let lines = checks.map { check in
            let mark =
                check.isMet ? output.style.paint(said("ready"), .good) : output.style.paint(said("not yet"), .alert)
            return "\(mark)  \(check.sentence)\n"
        }
        let isReady = checks.allSatisfy(\.isMet)
        try output.show(
            json: .members([
                "is_ready": .bool(isReady),
                "checks": .array(
                    checks.map {
                        .members(["check": .text($0.name), "is_met": .bool($0.isMet), "sentence": .text($0.sentence)])
                    }),
            ]), text: lines.joined())
        if !isReady { throw ExitCode(3) }
    }

    private struct Check {
        let name: String
        let isMet: Bool
        let sentence: String
    }

    private func down(_ report: SafetyReport, now: Timestamp, zone: TimeZone) -> Check {
        guard let last = report.lastSync, report.doubt == nil else {
            return Check(name: "down", isMet: false, sentence: said("Nothing has been fetched yet: `satchel sync`."))
        }
        let isToday = LocalDay(of: now, in: zone).contains(last)
        let time = shown(last, now: now, zone: zone)
        guard !report.isFetchUnfinished else {
            return Check(
                name: "down", isMet: false,
                sentence: said("All was down as of \(time); there is more, of which a part is here: `satchel sync`."))
        }
        guard isToday, report.failure == nil else {
            return Check(
                name: "down", isMet: false,
                sentence: said("All is down as of \(time); since then nothing: `satchel sync`."))
        }
        return Check(name: "down", isMet: true, sentence: said("All is down as of \(time)."))
    }

    private func waiting(_ report: SafetyReport) -> Check {
        report.pending.isEmpty
            ? Check(name: "sent", isMet: true, sentence: said("Everything you made is at the server."))
            : Check(
                name: "sent", isMet: false,
                sentence: said("\(said(report.pending.count, "change-set")) not sent: `satchel sync`."))
    }

    private func attention(_ report: SafetyReport) -> Check {
        let count = report.needing.count + report.decideCount + report.unsealed.count
        guard count > 0 else {
            return Check(name: "attention", isMet: true, sentence: said("Nothing needs you."))
        }
        return Check(
            name: "attention", isMet: false,
            sentence: said(count, "thing needs you: `satchel status`.", "things need you: `satchel status`."))
    }

    /// A credential has no end: the server takes it until an operator locks the device out.
    private func credential(_ report: SafetyReport, now: Timestamp, zone: TimeZone) -> Check {
        let refusal: String? =
            if report.isRevoked {
                said("The server has locked this device out: `satchel status`.")
            } else if report.isUnknown {
                said("The server does not know this device's credential: ask the operator.")
            } else {
                nil
            }
        if let refusal { return Check(name: "credential", isMet: false, sentence: refusal) }
        guard let time = report.credentialTakenAt else {
            return Check(
                name: "credential", isMet: false,
                sentence: said("The server has not seen this device's credential yet: `satchel sync`."))
        }
        let when = shown(time, now: now, zone: zone)
        return Check(
            name: "credential", isMet: true,
            sentence: said("The credential is valid: the server took it at \(when). It has no end date."))
    }

    /// The clock alone where it was today.
    private func shown(_ time: Timestamp, now: Timestamp, zone: TimeZone) -> String {
        LocalDay(of: now, in: zone).contains(time) ? LocalTime.clock(time, in: zone) : LocalTime.minute(time, in: zone)
    }

    private func clock(_ report: SafetyReport) -> Check {
        guard let wrongness = report.clockWrongness else {
            return Check(name: "clock", isMet: true, sentence: said("This device's clock is right."))
        }
        return Check(
            name: "clock", isMet: false,
            sentence: said(
                "This device's clock is \(Phrase(reading: wrongness)): set it, so that today's visits show the right time."
            ))
    }

    private func space(_ report: SafetyReport, count: Int) -> Check {
        guard let free = report.conditions.freeBytes else {
            return Check(name: "space", isMet: true, sentence: said("How much space is left is not known."))
        }
        let room = free / Self.photoBytes
        let isEnough = room >= count
        return Check(
            name: "space", isMet: isEnough,
            sentence: isEnough
                ? said("There is space for \(min(room, 100_000)) pictures.")
                : said("There is space for \(room) pictures only; make some."))
    }
}
