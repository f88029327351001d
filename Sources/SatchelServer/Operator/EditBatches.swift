import SatchelInterchange
import SatchelSync

/// Cuts a file of edits into batches that one request each can carry, blank lines left out.
package struct EditBatches: Sequence, IteratorProtocol {
    /// Lines that go in one request, and lines before, between and after them that cannot go at all.
    package struct Batch: Sendable {
        /// The lines to send.
        package fileprivate(set) var lines: [ApplyRequest.Line] = []
        fileprivate var refused: [EditOutcome] = []

        /// What became of every line of the batch, in their order, given what became of those that were sent.
        package func outcomes(with judged: [EditOutcome]) -> [EditOutcome] {
            (judged + refused).sorted { $0.line < $1.line }
        }
    }

    private var lines: NumberedLines
    private var waiting: (number: Int, bytes: ArraySlice<UInt8>)?

    /// Reads the bytes of a file.
    package init(_ bytes: [UInt8]) {
        lines = NumberedLines(bytes)
        waiting = lines.next()
    }

    /// The next batch; `nil` at the end of the file.
    /// - Complexity: O(bytes of the batch).
    package mutating func next() -> Batch? {
        var batch = Batch()
        var byteCount = 0
        while let (number, line) = waiting {
            let lineCount = batch.lines.count + batch.refused.count
            let isFull =
                lineCount >= ServerLimits.linesPerBatchMax
                || byteCount + line.count > ServerLimits.lineBytesPerBatchMax
            if isFull, lineCount > 0 { return batch }
            waiting = lines.next()
            if let problem = Self.problem(with: line, number: number) {
                batch.refused.append(EditOutcome(line: number, problem: OperatorProblem(problem)))
            } else {
                batch.lines.append(ApplyRequest.Line(number: number, text: String(decoding: line, as: UTF8.self)))
                byteCount += line.count
            }
        }
        return batch.lines.isEmpty && batch.refused.isEmpty ? nil : batch
    }

    /// Why a line cannot be sent: bytes that are not UTF-8 would be repaired in silence on the way.
    private static func problem(with line: ArraySlice<UInt8>, number: Int) -> SatchelError? {
        if line.count > EditLineParser.lineBytesMax { return EditLineParser.tooLong(line.count, number: number) }
        guard String(validating: line, as: UTF8.self) == nil else { return nil }
        return SatchelError(.invalidRequest, "Line \(number) is not UTF-8.", remedy: "Save the file as UTF-8.")
    }
}
