import SatchelServer
import SatchelSync
import Testing

@Suite struct EditBatchesTests {
    private func batches(_ bytes: [UInt8]) -> [EditBatches.Batch] { Array(EditBatches(bytes)) }

    /// As if every line that was sent had been taken.
    private func outcomes(_ batch: EditBatches.Batch) -> [EditOutcome] {
        batch.outcomes(
            with: batch.lines.map {
                EditOutcome(line: $0.number, problem: OperatorProblem(SatchelError(.duplicate, "Sent.")))
            })
    }

    @Test func `lines keep their numbers and blank ones are left out`() throws {
        let found = batches(Array("{}\n\n \t\r\n{\"a\":1}\r\nlast".utf8))
        #expect(found.count == 1)
        #expect(found.first?.lines.map(\.number) == [1, 4, 5])
        #expect(found.first?.lines.map(\.text) == ["{}", "{\"a\":1}\r", "last"])
        #expect(batches([]).isEmpty)
        #expect(batches(Array("\n \n".utf8)).isEmpty)
    }

    @Test func `a line that is not UTF-8 is refused in its place, whatever its batch`() throws {
        let bad: [UInt8] = [0x61, 0xFF]
        let lines = [Array("1".utf8), bad, Array("3".utf8), bad]
        let batch = try #require(batches(Array(lines.joined(separator: [0x0A]))).first)
        #expect(outcomes(batch).map(\.line) == [1, 2, 3, 4])
        #expect(
            outcomes(batch).map { $0.problem?.code } == [
                "duplicate", "invalid_request", "duplicate", "invalid_request",
            ])
        #expect(outcomes(batch)[1].problem?.message == "Line 2 is not UTF-8.")
        let alone = try #require(batches(bad).first)
        #expect(alone.lines.isEmpty)
        #expect(outcomes(alone).map(\.line) == [1])
    }

    @Test func `a batch has no more lines and bytes than its limits, and all lines are in one`() {
        let many = batches(Array(String(repeating: "x\n", count: 2 * ServerLimits.linesPerBatchMax + 1).utf8))
        #expect(many.map(\.lines.count) == [ServerLimits.linesPerBatchMax, ServerLimits.linesPerBatchMax, 1])
        let third = String(repeating: "y", count: ServerLimits.lineBytesPerBatchMax / 3)
        let large = batches(Array(Array(repeating: third, count: 7).joined(separator: "\n").utf8))
        #expect(large.map(\.lines.count) == [3, 3, 1])
        #expect((many + large).flatMap(\.lines).count == 2 * ServerLimits.linesPerBatchMax + 8)
    }

    @Test func `a line that no request could carry is refused, and those around it are not`() throws {
        let long = [UInt8](repeating: 0x7A, count: ServerLimits.operatorBodyBytesMax + 1)
        let found = batches(Array("1\n".utf8) + long + Array("\n3".utf8))
        #expect(found.flatMap(\.lines).map(\.number) == [1, 3])
        let problems = found.flatMap(outcomes).map { $0.problem?.code }
        #expect(problems == ["duplicate", "too_large", "duplicate"])
    }
}
