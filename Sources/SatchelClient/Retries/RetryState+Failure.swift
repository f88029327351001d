import Foundation
import SatchelInspection
import SatchelStorage
import SatchelSync

extension RetryState {
    /// Notes an exchange that did not end well, and plans the next one.
    ///
    /// One that was tried by hand, or that brought something over, is the first of its row.
    mutating func note(
        _ error: any Error, at now: Timestamp, beginsRow: Bool, schedule: RetrySchedule = RetrySchedule(),
        jitter: Jitter
    ) {
        let failure = error as? SatchelError
        failureCount = beginsRow ? 1 : min(failureCount, .max - 1) + 1
        code = (failure?.code ?? .internalError).word
        sentence = failure?.message
        failedAt = now
        let pause = failure.flatMap { $0.retryAfter ?? RetrySchedule.pause(after: $0.code) }
        nextAttempt = now.advanced(by: schedule.wait(afterFailures: failureCount, asked: pause, jitter: jitter))
        notBefore = failure?.retryAfter.map { now.advanced(by: $0) }
    }

    /// Why nothing is sent before ``notBefore``; `nil` where nothing speaks against it.
    func refusal(at now: Timestamp) -> SatchelError? {
        let wait = askedWait(at: now)
        guard wait > .zero, let notBefore else { return nil }
        var error = SatchelError(
            code.map { SatchelError.Code($0) } ?? .unavailable,
            "The server asked to be left alone until \(LocalTime.second(notBefore, in: .current)), and it is \(LocalTime.second(now, in: .current)).",
            remedy: "Everything is kept. Sync again then, or with --now if you know better.", isTransient: true)
        error.retryAfter = wait
        return error
    }
}

extension Timestamp {
    /// So much later, rounded up to the millisecond.
    func advanced(by duration: Duration) -> Timestamp {
        Timestamp(milliseconds: milliseconds + Int64((duration / .milliseconds(1)).rounded(.up)))
    }
}
