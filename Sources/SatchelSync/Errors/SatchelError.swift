/// Why a call stopped.
///
/// Programs read `code` and `isTransient`, people read `message` and `remedy`, logs get all of it. An outcome that the protocol foresees (a verdict, a conflict) is a value, never an error. No message holds a field's
/// value, a token, or anything else personal, unless the person who typed it is the one who reads it.
public struct SatchelError: Error, Sendable, CustomStringConvertible {
    /// A stable word, the same in exit messages, HTTP problems, logs and tests.
    ///
    /// All are listed in `Protocol/errors.md`. New ones may come in a minor version, so a `switch` needs a default.
    public struct Code: Hashable, Sendable {
        /// The word, in snake_case.
        public let word: String

        /// Takes a word that another Satchel program sent.
        package init(_ word: String) { self.word = word }
    }

    /// What happened, as a word.
    public var code: Code
    /// What happened and to what, in a sentence.
    public var message: String
    /// What the person can do next; `nil` only if there is nothing.
    public var remedy: String?
    /// Whether the same call may succeed later without anybody's help.
    public var isTransient: Bool
    /// The failure beneath, for logs.
    public var cause: (any Error)?
    /// Whether what was typed could not be right whatever is stored: programs end with exit code 64 then.
    package var isWrongUsage = false
    /// How long the server asked to wait before the next request; `nil` where it did not say.
    package var retryAfter: Duration?

    /// Makes a failure; it is not transient unless said so.
    ///
    /// Of a message of many thousands of characters the middle is left out.
    public init(
        _ code: Code, _ message: String, remedy: String? = nil, isTransient: Bool = false, cause: (any Error)? = nil
    ) {
        self.code = code
        // The other end may have worded it, from whatever it met.
        self.message = Excerpt.sentence(message)
        self.remedy = remedy.map(Excerpt.sentence)
        self.isTransient = isTransient
        self.cause = cause
    }

    /// The same, as a failure of what was typed, whatever is stored.
    package var asWrongUsage: SatchelError {
        var error = self
        error.isWrongUsage = true
        return error
    }

    /// Arguments whose form is wrong, whatever is stored: `invalid_request`.
    package static func wrongUsage(_ message: String, remedy: String) -> SatchelError {
        SatchelError(.invalidRequest, message, remedy: remedy).asWrongUsage
    }

    /// Message, remedy and code in one line.
    public var description: String {
        [message, remedy, "[\(code.word)]"].compactMap(\.self).joined(separator: " ")
    }
}

extension SatchelError.Code {
    // The schema and what people type.
    /// A schema file breaks a rule of the format.
    public static let invalidSchema = Self("invalid_schema")
    /// No entity type has this name.
    public static let unknownType = Self("unknown_type")
    /// The type has no field of this name.
    public static let unknownField = Self("unknown_field")
    /// A value does not fit its field.
    public static let invalidValue = Self("invalid_value")
    /// A required field has no value.
    public static let requiredField = Self("required_field")
    /// A field that only the server's own edits write.
    public static let serverField = Self("server_field")
    /// A field that keeps its first value.
    public static let immutableField = Self("immutable_field")
    /// A record that only the user who made it may change.
    public static let notOwner = Self("not_owner")
    /// Something is longer or larger than its limit.
    public static let tooLarge = Self("too_large")
    /// Arguments or a body that cannot be understood.
    public static let invalidRequest = Self("invalid_request")

    // Records.
    /// No record has this id, or this ending of an id.
    public static let unknownRecord = Self("unknown_record")
    /// Several records have ids with this ending.
    public static let ambiguousID = Self("ambiguous_id")
    /// The record is deleted here; editing it needs a revive.
    public static let recordDeleted = Self("record_deleted")
    /// A record with this id exists already.
    public static let recordExists = Self("record_exists")
    /// What was asked for had been done before.
    public static let alreadyDone = Self("already_done")
    /// Living records refer to the one to be deleted.
    public static let hasChildren = Self("has_children")
    /// The field is in a conflict that a person must decide; editing it needs `--settle`.
    public static let fieldInConflict = Self("field_in_conflict")
    /// There is no open conflict where one was to be resolved.
    public static let noConflict = Self("no_conflict")
    /// The conflict changed since it was read.
    public static let conflictChanged = Self("conflict_changed")
    /// A context token that this replica did not print.
    public static let invalidToken = Self("invalid_token")

    // Files.
    /// The folder holds no Satchel database.
    public static let missingData = Self("missing_data")
    /// The folder or file belongs to something else.
    public static let foreignData = Self("foreign_data")
    /// The file was written by a newer Satchel.
    public static let newerData = Self("newer_data")
    /// The folder holds a database already.
    public static let dataExists = Self("data_exists")
    /// Another Satchel process holds the lease.
    public static let databaseInUse = Self("database_in_use")
    /// The disk is full; nothing was written.
    public static let diskFull = Self("disk_full")
    /// The disk or the file system failed.
    public static let storageFailed = Self("storage_failed")
    /// A stored value cannot be read.
    public static let damagedData = Self("damaged_data")

    // The exchange.
    /// The server cannot be reached or did not answer; work is kept.
    public static let networkUnavailable = Self("network_unavailable")
    /// The answer was not one of a Satchel server.
    public static let unknownAnswer = Self("unknown_answer")
    /// The credential is missing or wrong.
    public static let unauthorized = Self("unauthorized")
    /// An operator has locked the device out.
    public static let deviceRevoked = Self("device_revoked")
    /// The enrolment code is wrong, used or expired.
    public static let invalidCode = Self("invalid_code")
    /// A push named an actor that is not the device's.
    public static let actorMismatch = Self("actor_mismatch")
    /// A push left out counters; the server names the one it wants.
    public static let dotGap = Self("dot_gap")
    /// The device's database was cloned or rolled back.
    public static let forkDetected = Self("fork_detected")
    /// The device belongs to another life of the server's store.
    public static let epochChanged = Self("epoch_changed")
    /// The other end speaks a protocol that this one does not.
    public static let protocolMismatch = Self("protocol_mismatch")
    /// A checkpoint that this server did not issue.
    public static let invalidCheckpoint = Self("invalid_checkpoint")
    /// An older file was put in the place of the server's store.
    public static let storeRolledBack = Self("store_rolled_back")
    /// Bytes that are not what they claim to be.
    public static let malformedBody = Self("malformed_body")
    /// A request that stopped, or came too slowly.
    public static let requestTimeout = Self("request_timeout")
    /// Too many requests; try later.
    public static let tooManyRequests = Self("too_many_requests")
    /// A device has more parked at the server than it keeps for one.
    public static let tooManyParked = Self("too_many_parked")
    /// Plain HTTP to or from an address that is not this machine.
    public static let insecureTransport = Self("insecure_transport")
    /// A certificate that does not speak for the server.
    public static let untrustedServer = Self("untrusted_server")
    /// Another key than the one that the server is known by.
    public static let wrongServerKey = Self("wrong_server_key")
    /// The server is stopping or too busy.
    public static let unavailable = Self("unavailable")
    /// The store replaced the file during the exchange.
    public static let staleReply = Self("stale_reply")

    // Verdicts.
    /// A context claims to have seen what the device was never served.
    public static let contextOverclaim = Self("context_overclaim")
    /// The same change-set is in the store under another dot.
    public static let duplicate = Self("duplicate")
    /// Increments made before a restore wait until it is known whether they are counted already.
    public static let inRecovery = Self("in_recovery")
    /// Increments that a state which came back may hold already: a person must say.
    public static let maybeCounted = Self("maybe_counted")
    /// It came back before a restore, and does so again.
    public static let awaitsReturn = Self("awaits_return")

    /// Its author had fixed or discarded it before it was sent: what stands in its place comes with it.
    public static let withdrawn = Self("withdrawn")

    // People.
    /// The parked change-set was released, fixed or discarded before.
    public static let alreadyReissued = Self("already_reissued")
    /// An operator gave a parked change-set back to its author.
    public static let returned = Self("returned")
    /// No user has this name.
    public static let unknownUser = Self("unknown_user")
    /// A user of this name exists already.
    public static let userExists = Self("user_exists")
    /// A bug; the message names a request id.
    public static let internalError = Self("internal_error")
}
