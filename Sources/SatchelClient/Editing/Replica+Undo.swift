import SatchelStorage
package import SatchelSync

/// An edit that was taken back.
package struct UndoneWork: Hashable, Sendable {
    /// The edit, as it stood in the queue.
    package let work: QueuedWork
    /// What it had changed, record by record.
    package let changes: [Change]
    /// How many more pictures the same command may have added that still wait; 0 for an edit of another kind.
    package let moreCount: Int

    /// What the edit had changed of one record.
    package struct Change: Hashable, Sendable {
        /// The name of its type.
        package let type: String
        /// The record.
        package let record: RecordID
        /// The shortest unique ending of its id, as it was before.
        package let ending: String
        /// What people knew it by; `nil` where no table showed it.
        package let title: String?
        /// Whether it had been made, deleted or revived.
        package let life: LifeWrite?
        /// The names of the fields that had been written.
        package let fields: [String]
    }
}

extension Replica {
    /// Takes back the change-set that was made last, while nobody but this device can know of it.
    ///
    /// - Throws: `SatchelError` `invalid_request` where none was made, `already_done` where it was sent.
    package func undo() throws -> UndoneWork {
        try withTurn(purpose: "undo") { store in
            try store.write { transaction in
                guard let own = try transaction.newestOwn() else {
                    throw SatchelError(
                        .invalidRequest, "Nothing was made on this device.", remedy: "There is nothing to undo.")
                }
                let name = "Change-set \(own.changeSet.dot.shortDescription), \"\(own.changeSet.label)\","
                guard own.state == .queued else {
                    throw SatchelError(
                        .alreadyDone, "\(name) was sent already.",
                        remedy: "Set the record right with another edit, such as `satchel set`.")
                }
                // After a fork the first one has given this device its name.
                guard try own.changeSet.dot.counter > 1 || transaction.identity().fork == nil else {
                    throw SatchelError(
                        .alreadyDone, "\(name) is the first after this home was copied or put back, and stays.",
                        remedy: "Edit the record again.")
                }
                let work = try transaction.queuedWork(own)
                let changes = try own.changeSet.changes.map { try transaction.undone($0) }
                try transaction.withdraw(own)
                return UndoneWork(work: work, changes: changes, moreCount: try transaction.picturesLeft(after: own))
            }
        }
    }
}

extension ReplicaTransaction {
    /// What a change did, told while it still stands.
    fileprivate func undone(_ change: RecordChange) throws -> UndoneWork.Change {
        let type = schema.type(change.type)
        return UndoneWork.Change(
            type: type?.name ?? "type \(change.type.number)", record: change.record,
            ending: try records.shortestEnding(of: change.record), title: try shownName(of: change.record),
            life: change.life,
            fields: change.writes.map { type?.field($0.field)?.name ?? "field \($0.field.number)" })
    }

    /// How many pictures wait at the end of the queue, where a picture was taken back.
    fileprivate func picturesLeft(after own: OwnChangeSet) throws -> Int {
        guard own.changeSet.label == Replica.photoLabel else { return 0 }
        return try ownChangeSets(.unconfirmed).reversed().prefix {
            $0.state == .queued && $0.changeSet.label == Replica.photoLabel
        }.count
    }
}
