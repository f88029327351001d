import SatchelSimulation
import SatchelTestSupport
import Testing

/// A share of the calls at which the disk can fail; `Scripts/sweep` takes them all.
@Suite struct IOSweepTests {
    @Test(arguments: IOSweep.operations)
    func `wherever the disk fails, what stands is what stood or what was to come`(operation: String) async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let report = try await IOSweep(in: folder.url, every: 40, share: 7).run([operation])
        print("\(operation): \(report.line)")
        #expect(report.problems == [])
    }
}
