package import SatchelInspection
package import SatchelSync

/// What an operator asks of a server: the same in the process and through the socket.
package enum OperatorRequest: Codable, Sendable {
    /// Who the store is.
    case identity
    /// Makes a user.
    case addUser(name: String)
    /// All users.
    case users
    /// A one-time code for a user.
    case makeCode(user: String)
    /// All devices.
    case devices
    /// Locks a device out, by its id or an ending of it, for a reason.
    case revoke(device: String, reason: String?)
    /// Lets a device in again that was locked out.
    case reinstate(device: String)
    /// All alarms.
    case alarms
    /// Says that the alarms of a code were looked at.
    case confirmAlarms(code: String)
    /// Edits of the office.
    case apply(ApplyRequest)
    /// Records in conflict, a page at a time.
    case conflicts(ConflictsRequest)
    /// One record with its conflicts, by id or ending; of any type where `type` is `nil`.
    case record(type: String?, id: String)
    /// The visible records of a type past an id, a page at a time.
    case records(type: String, after: String?, limit: Int)
    /// Settles one conflict.
    case resolve(ResolveRequest)
    /// Lines of the ledger past a position.
    case ledger(after: Int64, limit: Int)
    /// The digest of all records.
    case digest
    /// Checks the log against its chain.
    case verifyLog
    /// Change-sets that are parked, past a position, a page at a time.
    case parked(after: Int64, limit: Int)
    /// One change-set that is parked or was, by its dot.
    case parkedWork(dot: String)
    /// Lets a parked change-set in under its `x*`; one that came back already stays as it is.
    case release(dot: String)
    /// Gives a parked change-set back to its author, for a reason.
    case giveBack(dot: String, reason: String)
    /// A page about a change-set, or about a record by id or ending; of any type where `type` is `nil`.
    case explain(type: String?, what: String)
    /// Begins a backup into a new file, by its whole path; answered within about a second, done or not.
    case backUp(path: String)
    /// Where a backup stands that was begun; answered within about a second.
    case backupState(path: String)
    /// The verified backups, the newest first.
    case backups(limit: Int)
    /// What came back since a restore.
    case recovery
    /// Lets devices offer states that they received from others.
    case openRecovery
    /// Ends a recovery.
    case closeRecovery
}

/// What a server answers an operator.
package enum OperatorReply: Codable, Sendable {
    /// Who the store is.
    case identity(IdentityReply)
    /// The users, by name; one where one was made.
    case users([UserReply])
    /// A one-time code.
    case code(CodeReply)
    /// The devices, in the order of their enrolment; one where one was locked out or let in again.
    case devices([DeviceReply])
    /// The alarms, those that nobody confirmed first.
    case alarms([AlarmReply])
    /// How many alarms were confirmed.
    case confirmed(Int)
    /// What became of each edit.
    case applied([EditOutcome])
    /// Records, and where the next page begins; `nil` at the end.
    case records([RecordCase], next: String?)
    /// A conflict was settled by this change-set; the record as it stands now.
    case resolved(dot: String, RecordCase)
    /// Lines of the ledger, and the position of the last; `nil` at the end.
    case ledger([LedgerReply], next: Int64?)
    /// The digest, 64 hexadecimal digits.
    case digest(String)
    /// The log is whole; how many entries it has.
    case verified(entries: Int64)
    /// Parked change-sets in the order in which they came, and the position of the last; `nil` at the end.
    case parked([ParkedReply], next: Int64?)
    /// One page of what the engine knew and decided.
    case explanation(Explanation)
    /// Verified backups, the newest first; one where one was made.
    case backups([BackupReply])
    /// A backup is being made: what is done, how much of it, and of how much.
    case backupUnderWay(step: String, done: Int, total: Int)
    /// What came back since a restore.
    case recovery(RecoveryReply)
}

/// Who a store is, for operators.
package struct IdentityReply: Codable, Sendable {
    /// What people call the server.
    package let name: String
    /// The life of the store.
    package let epoch: String
    /// The actor under which the office edits.
    package let actor: String
    /// The version of the schema.
    package let schemaVersion: UInt32
    /// The text of the schema file.
    package let schemaSource: String
    /// The last sequence.
    package let sequence: UInt64
}

/// A user, for operators.
package struct UserReply: Codable, Sendable {
    /// The name.
    package let name: String
    /// When it was made, RFC 3339.
    package let createdAt: String
}

/// A one-time code, for operators.
package struct CodeReply: Codable, Sendable {
    /// The user who may enrol with it.
    package let user: String
    /// The code.
    package let code: String
    /// When it ends, RFC 3339.
    package let expiresAt: String
}

/// A device, for operators.
package struct DeviceReply: Codable, Sendable {
    /// Its name for ever.
    package let id: String
    /// The user it belongs to.
    package let user: String
    /// What its user calls it.
    package let name: String
    /// The actor it was named as at enrolment.
    package let actor: String
    /// The actor under which it makes change-sets now.
    package let presentActor: String
    /// The actors that were forked since, as a copy of its database came or an older one was put in its place.
    package let forks: [ForkReply]
    /// When it was enrolled, RFC 3339.
    package let enrolledAt: String
    /// When it last came; `nil` where it never did.
    package let lastSeenAt: String?
    /// How many of its change-sets the server has judged.
    package let changeSets: UInt64
    /// Server time less device time when it last came, in milliseconds, and how far off that is at most; `nil` where nobody knows.
    package let clockOffsetMilliseconds: Int64?
    /// How far off that is at most.
    package let clockErrorMilliseconds: Int64?
    /// How many change-sets it held when it last came that the server had not judged: what is lost with it, at least.
    package let reportedPending: UInt64
    /// Seconds since it last came, or since it was enrolled.
    package let silentSeconds: Int64
    /// Since when it is locked out, RFC 3339; `nil` where it is not.
    package let revokedAt: String?
    /// Why, in the operator's words; `nil` where he gave none.
    package let revocationReason: String?

    /// Such as `about 3 days ahead`; `nil` where its clock is right within a minute.
    package var clockWrongness: String? {
        guard let clockOffsetMilliseconds else { return nil }
        return ClockOffset(
            milliseconds: clockOffsetMilliseconds, errorMilliseconds: clockErrorMilliseconds ?? 0
        ).wrongness
    }
}

/// Something to look at, for operators.
package struct AlarmReply: Codable, Sendable {
    /// A stable word.
    package let code: String
    /// What it is about, such as a device's id; empty where it is about the server.
    package let subject: String
    /// What happened.
    package let sentence: String
    /// When it began, RFC 3339.
    package let since: String
    /// When it was last seen, RFC 3339.
    package let lastSeenAt: String
    /// How often.
    package let count: Int
    /// When an operator confirmed it; `nil` where nobody did.
    package let confirmedAt: String?
}

/// A fork of a device: its database was copied or put back, and goes on as another actor.
package struct ForkReply: Codable, Sendable {
    /// The actor.
    package let actor: String
    /// The actor that it was forked from.
    package let parent: String
    /// The last of that one's counters that both share; 0 where they share none.
    package let counter: UInt64
    /// When its first change-set came, RFC 3339.
    package let beganAt: String
    /// Whether the device went over to the life of the store that a restore began, as each does; else its home was copied or put back.
    package let isAfterRestore: Bool
}

/// Edits of the office, each a line of JSON.
package struct ApplyRequest: Codable, Sendable {
    /// One line of a file, and its number.
    package struct Line: Codable, Sendable {
        /// The number, from 1.
        package let number: Int
        /// The line, without its end.
        package let text: String

        package init(number: Int, text: String) {
            self.number = number
            self.text = text
        }
    }

    /// The lines, in the order in which they are applied.
    package let lines: [Line]
    /// The user who edits.
    package let user: String
    /// Whether an edit may settle a conflict that a person must decide.
    package let settles: Bool

    package init(lines: [Line], user: String, settles: Bool) {
        self.lines = lines
        self.user = user
        self.settles = settles
    }
}

/// What became of one edit of the office.
package struct EditOutcome: Codable, Sendable {
    /// The number of the line.
    package let line: Int
    /// The change-set that it became; `nil` where it was refused.
    package let dot: String?
    /// The verdict's word; `nil` where it was refused.
    package let verdict: String?
    /// The records it touched, whole ids.
    package let records: [String]
    /// Why it was refused; `nil` where it was not.
    package let problem: OperatorProblem?

    /// An edit that became a change-set.
    init(line: Int, dot: String, verdict: String, records: [String]) {
        self.line = line
        self.dot = dot
        self.verdict = verdict
        self.records = records
        problem = nil
    }

    /// An edit that was refused.
    package init(line: Int, problem: OperatorProblem) {
        self.line = line
        self.problem = problem
        (dot, verdict, records) = (nil, nil, [])
    }
}

/// A failure, as it travels to the operator.
package struct OperatorProblem: Codable, Error, Sendable {
    /// The code.
    package let code: String
    /// What happened.
    package let message: String
    /// What to do.
    package let remedy: String?
    /// Whether the same may succeed later.
    package let isTransient: Bool

    package init(_ error: SatchelError) {
        code = error.code.word
        message = error.message
        remedy = error.remedy
        isTransient = error.isTransient
    }

    /// The failure as the operator's program throws it.
    package var error: SatchelError {
        SatchelError(SatchelError.Code(code), message, remedy: remedy, isTransient: isTransient)
    }
}

/// Which records in conflict are asked for.
package struct ConflictsRequest: Codable, Sendable {
    /// The word of the least severity; `nil` for all.
    package let severity: String?
    /// Where the page begins, as the page before said; `nil` for the first.
    package let after: String?
    /// How many records at most.
    package let limit: Int

    package init(severity: String? = nil, after: String? = nil, limit: Int) {
        self.severity = severity
        self.after = after
        self.limit = limit
    }
}

/// How a person settles one conflict.
package struct ResolveRequest: Codable, Sendable {
    /// What is chosen.
    package enum Choice: Codable, Sendable {
        /// The sibling with this number, from 1.
        case take(Int)
        /// A value as it is typed.
        case value(String)
        /// No value.
        case empty
        /// Keep a record whose life is contested.
        case keep
        /// Delete a record whose life is contested.
        case delete
    }

    /// The record, by its id or its ending.
    package let record: String
    /// `life`, or the field's name.
    package let subject: String
    /// What is chosen.
    package let choice: Choice
    /// Why, for those whose values were not taken.
    package let reason: String
    /// The token of the report that was read; `nil` to settle whatever stands.
    package let token: String?
    /// The user who decides.
    package let user: String

    package init(record: String, subject: String, choice: Choice, reason: String, token: String?, user: String) {
        self.record = record
        self.subject = subject
        self.choice = choice
        self.reason = reason
        self.token = token
        self.user = user
    }
}

/// A line of the ledger, as it travels.
package struct LedgerReply: Codable, Sendable {
    /// The change-set's name.
    package let dot: String
    /// Its digest, in hexadecimal digits.
    package let changeSet: String
    /// What became of it, as a number of `LedgerState`.
    package let state: UInt8
    /// The user who made it.
    package let by: String
    /// What it touches, or why it is parked.
    package let place: String
    /// Why it is parked, in a word: `rejected`, `waits` or `already_reissued`; `nil` where it is not.
    package let reason: String?
}
