// A rep's app in a few lines: enrols a home, shows every change of an account as it happens, edits what it has read,
// and syncs. The README of Examples says how to run it.
import Foundation
import SatchelClient
import SatchelSync

/// Prints a line in which nothing that somebody typed moves the cursor or turns the text.
func say(_ line: String) { print(SafeText.line(line)) }

/// Prints what changed, with the values as they stand now, until the replica is closed.
func follow(_ changes: ReplicaChanges, of replica: Replica) async throws {
    for await change in changes {
        guard let record = change.record else {
            say("look at everything anew")
            continue
        }
        guard record.typeName == "account", record.kind != .disappeared else { continue }
        let account = try replica.record(record.id, ofType: "account")
        let values = record.fields.map { "\($0)=\(account[$0].text)" }.joined(separator: " ")
        let conflict = record.conflict.map { ", a conflict to \($0.word)" } ?? ""
        say("\(record.origin): \(record.kind) \(values)\(conflict)")
    }
}

/// Reads every account, and writes to each with the token of that read: what came meanwhile is not claimed to have been seen.
func callEverybody(_ replica: Replica) throws {
    for account in try replica.records(ofType: "account") {
        let outcome = try replica.edit(account, ["note": .register(.text("called"))], label: "call")
        say("edited \(account["name"].text) as change-set \(outcome.dot.counter)")
    }
}

func run(server: String, code: String, home: String) async throws {
    let replica = Replica(home: home)
    let enrolment = try await replica.enrol(serverURL: server, code: code, deviceName: "example")
    say("enrolled \(enrolment.user)")

    // Followed from here on; whatever is read later is told again if it changes.
    let changes = try replica.changes()
    async let following: Void = follow(changes, of: replica)

    say("pulled \(try await replica.sync().pulledCount)")
    try callEverybody(replica)
    let report = try await replica.sync()
    say("pushed \(report.pushedCount), \(report.conflictingCount) beside other values")

    replica.close()
    try await following
    say("everything is at the server: \(try replica.safetyReport().isAllConfirmed)")
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 3, let server = arguments.first, let home = arguments.last else {
    print("usage: follow-changes SERVER-URL CODE HOME")
    exit(64)
}
do {
    try await run(server: server, code: arguments[arguments.startIndex + 1], home: home)
} catch let error as SatchelError {
    say(error.description)
    exit(1)
}
