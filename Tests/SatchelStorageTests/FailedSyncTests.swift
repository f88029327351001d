import Foundation
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Testing

/// A device's disk that refuses a sync.
@Suite struct FailedSyncTests {
    @Test func `after a failed sync nothing more is written in that turn, and the next one opens the file anew`() throws
    {
        let fixture = try ReplicaFixture()
        try fixture.edit(.sample(1), life: .create, [.name("kept")])
        let disk = try FaultyDisk(folder: fixture.dataFolder.url, seed: 1)
        let store = try ReplicaStore.openForWriting(fixture.dataFolder, purpose: "test") {
            [schema = fixture.schema] _ in
            schema
        }
        disk.fail(.sync, .error, at: 1)
        func write(_ record: RecordID) throws {
            try store.write { _ = try fixture.append(record, life: .create, [.name("in doubt")], $0) }
        }
        let first = #expect(throws: SatchelError.self) { try write(.sample(2)) }
        #expect(first?.code == .storageFailed)
        // The disk would take it now, and is not asked.
        disk.fail(.write, .error, at: .max)
        let second = #expect(throws: SatchelError.self) { try write(.sample(3)) }
        #expect(second?.code == .storageFailed && second?.isTransient == true)
        #expect(disk.callCount == 0)
        disk.heal()
        try store.close()

        // What failed may have come to the disk or not; what is acknowledged from now on is there.
        let before = try fixture.turn { store in try store.read { try $0.ownChangeSets(.all).count } }
        #expect([1, 2].contains(before))
        try fixture.edit(.sample(4), life: .create, [.name("kept too")])
        disk.cut()
        _ = try disk.restore()
        #expect(try fixture.turn { store in try store.read { try $0.ownChangeSets(.all).count } } == before + 1)
    }
}
