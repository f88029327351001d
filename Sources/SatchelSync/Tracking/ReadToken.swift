/// What a read gave its reader to hand back with an edit: which record, on which replica, and all that was seen of it.
///
/// A form that was opened before a pull must not claim to have seen the pull (causality.md §2).
public struct ReadToken: Hashable, Sendable, CustomStringConvertible {
    /// The actor of the replica that was read.
    public let actor: ActorID
    /// The record that was read.
    public let record: RecordID
    /// K(r) of the record as its reader saw it.
    public let context: VersionVector

    private static let prefix = "r1-"
    /// The longest text of a token.
    private static let textBytesMax = 2 * (64 + Limits.contextEntriesMax * 32)

    /// Names a read.
    public init(actor: ActorID, record: RecordID, context: VersionVector) {
        self.actor = actor
        self.record = record
        self.context = context
    }

    /// Reads the text form.
    ///
    /// - Throws: ``SatchelError`` `invalid_token`.
    public init(_ text: String) throws(SatchelError) {
        guard text.hasPrefix(Self.prefix), text.utf8.count <= Self.textBytesMax,
            let bytes = [UInt8](hexString: text.dropFirst(Self.prefix.count)), let token = try? Self.read(bytes)
        else {
            throw SatchelError(
                .invalidToken, "\"\(Excerpt.of(text))\" is not a context token.",
                remedy: "Take `read_at` from a read with --json.")
        }
        self = token
    }

    private static func read(_ bytes: [UInt8]) throws(ByteError) -> ReadToken {
        var reader = ByteReader(bytes)
        let token = ReadToken(actor: try reader.actor(), record: try reader.record(), context: try reader.vector())
        guard reader.isAtEnd else { throw .unexpected(at: reader.offset) }
        return token
    }

    /// The text form: letters, digits and a hyphen, to be handed back as it is.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.write(actor)
        bytes.write(record)
        bytes.write(context)
        return Self.prefix + bytes.hexString
    }

    /// The context for an edit of `record` by `actor`.
    ///
    /// Used after a fork, the entry of the actor that read is cut where the fork left it: what lay above was the reader's own. What
    /// an actor before that one had made above its fork was none of the reader's own, and stays.
    /// - Throws: ``SatchelError`` `invalid_token` where the token is of another record or another replica.
    public func context(
        forEditOf record: RecordID, by actor: ActorID, lineage: Lineage
    ) throws(SatchelError) -> VersionVector {
        guard self.record == record else {
            throw SatchelError(
                .invalidToken, "The token is of record \(self.record), not of \(record).",
                remedy: "Take `read_at` from a read of the record that is edited.")
        }
        if self.actor == actor { return context }
        guard let reader = lineage.ancestors.firstIndex(where: { $0.actor == self.actor }) else {
            throw SatchelError(
                .invalidToken, "The token was printed by another replica.",
                remedy: "Read the record here, and take `read_at` from that.")
        }
        let left = lineage.ancestors[reader...]
        return VersionVector(
            context.entries.compactMap { entry in
                guard let fork = left.first(where: { $0.actor == entry.actor }), fork.counter < entry.counter else {
                    return entry
                }
                return fork.counter == 0 ? nil : Dot(entry.actor, fork.counter)
            })
    }
}
