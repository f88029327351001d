import SatchelStorage
import SatchelSync
import Synchronization

/// Who follows a replica in this process, and up to where they were told.
///
/// A turn of this process tells what it changed itself, before it gives the lease back, so that the order is that of the
/// commits. What others changed is found by comparing where the replica stands with where it stood: at the beginning of every
/// turn, and between turns when the file is seen to change.
final class ChangeHub: Sendable {
    private struct Follower {
        let continuation: AsyncStream<ReplicaChange>.Continuation
        let limit: Int
        let loss: ChangeLoss
    }

    private struct State {
        var followers: [Int: Follower] = [:]
        var followerCount = 0
        /// Up to where the followers were told; `nil` where that is not known yet.
        var mark: ReplicaMark?
        /// Turns of this process that are under way, and those that ever were.
        var turnsUnderWay = 0
        var turnCount = 0
        var watch: HomeWatch?

        /// Tells everybody; this only puts into buffers and wakes tasks.
        func tell(_ changes: [ReplicaChange]) {
            for follower in followers.values {
                for change in changes {
                    if case .dropped = follower.continuation.yield(change) { follower.loss.note() }
                }
            }
        }
    }

    private let state = Mutex(State())

    /// Adds a follower.
    ///
    /// What is committed after this returns is told, or a rescan in its place.
    ///
    /// - Throws: What `mark` throws; nobody follows then.
    func follow(keeping limit: Int, mark: () throws -> ReplicaMark, watch: () -> HomeWatch?) throws -> ReplicaChanges {
        let loss = ChangeLoss()
        let (stream, continuation) = AsyncStream.makeStream(
            of: ReplicaChange.self, bufferingPolicy: .bufferingNewest(limit))
        let number = state.withLock { state in
            state.followerCount += 1
            state.followers[state.followerCount] = Follower(continuation: continuation, limit: limit, loss: loss)
            return state.followerCount
        }
        continuation.onTermination = { [weak self] _ in self?.leave(number) }
        do {
            // Turns that began meanwhile may have told what they changed; then they know better.
            if state.withLock({ $0.mark }) == nil {
                let present = try mark()
                state.withLock { state in
                    if state.mark == nil, !state.followers.isEmpty { state.mark = present }
                }
            }
        } catch {
            continuation.finish()
            throw error
        }
        if state.withLock({ $0.watch == nil }), let watch = watch() {
            state.withLock { state in
                if state.watch == nil, !state.followers.isEmpty { state.watch = watch }
            }
        }
        return ReplicaChanges(stream: stream, loss: loss, hub: self)
    }

    private func leave(_ number: Int) {
        let watch = state.withLock { state -> HomeWatch? in
            state.followers[number] = nil
            guard state.followers.isEmpty else { return nil }
            defer { (state.watch, state.mark) = (nil, nil) }
            return state.watch
        }
        // It ends here, outside the lock.
        _ = watch
    }

    /// Ends every stream.
    func finish() {
        let followers = state.withLock { Array($0.followers.values) }
        for follower in followers { follower.continuation.finish() }
    }

    /// How many follow.
    var followerCount: Int { state.withLock { $0.followers.count } }
}

// Turns of this process, which hold the lease.
extension ChangeHub {
    /// A turn begins: it notes what it changes where somebody follows, and tells first what others changed before it.
    func beginTurn(_ store: ReplicaStore) {
        let (limit, mark) = state.withLock { state in
            state.turnsUnderWay += 1
            state.turnCount += 1
            return (state.followers.values.map(\.limit).max(), state.mark)
        }
        guard let limit else { return }
        store.notes = ChangeNotes(limit: limit)
        guard let mark, let news = try? store.read({ try $0.news(since: mark, limit: limit) }) else { return }
        state.withLock { state in
            guard state.mark == mark else { return }
            state.tell(news.changes)
            state.mark = news.mark
        }
    }

    /// Tells what the turn has committed since it was last asked.
    func tell(_ store: ReplicaStore, origin: ChangedRecord.Origin) {
        guard let notes = store.notes else { return }
        let (entries, isFull) = notes.take()
        let changes: [ReplicaChange] =
            isFull
            ? [.rescan]
            : entries.compactMap { ChangedRecord($0, schema: store.schema, origin: origin) }.map { .record($0) }
        let mark = try? store.read { try $0.mark() }
        state.withLock { state in
            state.tell(changes)
            if let mark, !state.followers.isEmpty { state.mark = mark }
        }
    }

    /// The turn ends.
    func endTurn() { state.withLock { $0.turnsUnderWay -= 1 } }
}

// What others did between turns.
extension ChangeHub {
    /// Looks whether others changed the replica, and tells it.
    ///
    /// A turn of this process that begins meanwhile looks for itself.
    func look(_ store: ReplicaStore) throws {
        let (limit, mark, turnCount) = state.withLock { state in
            let limit = state.followers.values.map(\.limit).max()
            return (state.turnsUnderWay == 0 ? limit : nil, state.mark, state.turnCount)
        }
        guard let limit, let mark else { return }
        let news = try store.read { try $0.news(since: mark, limit: limit) }
        state.withLock { state in
            guard state.turnCount == turnCount, state.mark == mark else { return }
            state.tell(news.changes)
            state.mark = news.mark
        }
    }
}

extension ReplicaTransaction {
    /// What others did since the replica stood at `mark`, and where it stands now.
    ///
    /// Their edits are in the queue. What their exchanges brought cannot be told apart from what was there.
    fileprivate func news(since mark: ReplicaMark, limit: Int) throws -> (changes: [ReplicaChange], mark: ReplicaMark) {
        let now = try self.mark()
        if now == mark { return ([], now) }
        guard now.actor == mark.actor, now.position >= mark.position, now.checkpoint == mark.checkpoint else {
            return ([.rescan], now)
        }
        let edits = try ownChangeSets(after: mark.position, limit: limit + 1).map(\.changeSet)
        // A fix also takes away what the parked change-set wrote.
        guard edits.count <= limit, edits.allSatisfy({ $0.fixes == nil }) else { return ([.rescan], now) }
        return (try edits.flatMap(\.changes).compactMap(changedRecord).map { .record($0) }, now)
    }

    private func changedRecord(_ change: RecordChange) throws -> ChangedRecord? {
        guard let type = schema.type(change.type), let record = try record(change.record) else { return nil }
        let kind: ChangedRecord.Kind =
            switch (change.life, record.status.isVisible) {
            case (.create, true), (.revive, true): .appeared
            case (_, true): .changed
            case (_, false): .disappeared
            }
        return ChangedRecord(
            typeName: type.name, id: change.record, kind: kind,
            fields: change.writes.compactMap { type.field($0.field)?.name },
            conflict: record.state.conflicts(in: type, life: record.status).map(\.severity).max(),
            origin: .otherProgram)
    }
}

extension ChangedRecord {
    /// What was noted, under the names of the schema; `nil` for a type that it does not have.
    fileprivate init?(_ entry: ChangeNotes.Entry, schema: Schema, origin: Origin) {
        guard let type = schema.type(entry.type) else { return nil }
        typeName = type.name
        id = entry.record
        kind = entry.hasRow ? (entry.hadRow == true ? .changed : .appeared) : .disappeared
        fields = type.fields.filter { entry.fields.contains($0.id) }.map(\.name)
        conflict = entry.conflict
        self.origin = origin
    }
}
