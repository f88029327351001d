import SatchelStorage
package import SatchelSync

/// A change-set whose rules or merge threw what nobody foresaw: it is parked, and stops nobody.
package struct MergeFault: Sendable {
    /// The change-set.
    package let dot: Dot
    /// What was thrown.
    package let cause: any Error

    /// Whether an error is a bug, or a row that cannot be read, which the next try meets again: not one of the store as a whole, and
    /// no refusal.
    static func isOne(_ error: any Error) -> Bool { !(error is ExchangeFailure) && StorageFailure.isBug(error) }

    /// Why the change-set is parked; its request's line in the log has the cause.
    static func rejection(requestID: String) -> Rejection {
        let request = requestID.isEmpty ? "" : " of request \(requestID)"
        return Rejection(
            code: SatchelError.Code.internalError.word, record: nil, field: nil,
            sentence:
                "The server met something that it does not know how to handle; the line\(request) in its log has the cause."
        )
    }
}

/// Lets one step of a merge fail without stopping those beside it.
///
/// Most bugs show before the first write: then nothing has to be undone. Where something was written, the transaction as a whole is
/// tried once more, and each step is a savepoint of its own: nobody pays for that while nothing goes wrong.
final class MergeGuard<Transaction: ServerTransaction> {
    let transaction: Transaction
    /// The name of the request in the log; empty where there is none.
    let requestID: String
    private let isCareful: Bool
    /// What was caught.
    private(set) var faults: [MergeFault] = []

    init(transaction: Transaction, requestID: String, isCareful: Bool) {
        self.transaction = transaction
        self.requestID = requestID
        self.isCareful = isCareful
    }

    /// Keeps a failure that stops nobody, so that the log tells of it.
    func note(_ cause: any Error, at dot: Dot) { faults.append(MergeFault(dot: dot, cause: cause)) }

    /// Runs a step for the change-set named `dot`; `nil` where it threw what nobody foresaw, and nothing of it was written.
    ///
    /// - Throws: A refusal, or a failure of the store; and what nobody foresaw, where something was written and this transaction is
    ///   not the careful one.
    func run<Result>(_ dot: Dot, _ step: () throws -> Result) throws -> Result? {
        let mark = transaction.writeCount
        // What was kept before it is no fault of this step.
        if isCareful { try transaction.flush() }
        do {
            return try isCareful ? transaction.savepoint(step) : step()
        } catch  where MergeFault.isOne(error) && (isCareful || transaction.writeCount == mark) {
            faults.append(MergeFault(dot: dot, cause: error))
            return nil
        }
    }
}
