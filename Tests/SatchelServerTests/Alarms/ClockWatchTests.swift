import SatchelSchemaFile
import SatchelServer
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Synchronization
import Testing

@Suite struct ClockWatchTests {
    /// A wall clock that can be set, beside one that cannot.
    private final class SetClock: WallClock {
        private let state = Mutex<(wall: Int64, elapsed: Duration)>((1_772_438_400_000, .zero))
        func now() -> Timestamp { Timestamp(milliseconds: state.withLock(\.wall)) }
        func elapsed() -> Duration { state.withLock(\.elapsed) }
        func pass(_ seconds: Int64) {
            state.withLock { $0 = ($0.wall + seconds * 1_000, $0.elapsed + .seconds(seconds)) }
        }
        func set(by seconds: Int64) { state.withLock { $0.wall += seconds * 1_000 } }
    }

    @Test func `time that passes, and a clock that is set by a minute, are no jump`() {
        let clock = SetClock()
        let watch = ClockWatch(clock: clock)
        for _ in 0..<100 {
            clock.pass(3_600)
            clock.set(by: 60)
            #expect(watch.look() == 0)
        }
        #expect(watch.uncertaintyMilliseconds == 0)
    }

    @Test(arguments: [61, -61, 31_536_000, -31_536_000] as [Int64])
    func `a jump is told once, and times are uncertain by it until they are confirmed`(seconds: Int64) {
        let clock = SetClock()
        let watch = ClockWatch(clock: clock)
        clock.pass(5)
        clock.set(by: seconds)
        #expect(watch.look() == seconds * 1_000)
        clock.pass(5)
        #expect(watch.look() == 0)
        #expect(watch.uncertaintyMilliseconds == abs(seconds) * 1_000)
        watch.confirm()
        #expect(watch.uncertaintyMilliseconds == 0)
    }

    @Test func `an alarm is one row however often it comes, and comes back after it was confirmed`() async throws {
        let folder = try TemporaryFolder()
        _ = try StoreMaker.make(path: folder.path, name: "office", schemaSource: nil)
        let store = try SQLiteServerStore(folder: DataFolder(path: folder.path), purpose: "test") {
            try SchemaFile.parse($0).schema
        }
        defer { try? store.close() }
        func raise(_ seconds: Int64, doubt: Int64) async throws -> [Alarm] {
            try await store.write { transaction in
                try transaction.raiseAlarm(
                    code: "server_clock_jumped", subject: "", sentence: "It jumped.", doubtMilliseconds: doubt,
                    at: Timestamp(milliseconds: seconds * 1_000))
            }
            return try await store.read { try $0.alarms() }
        }
        _ = try await raise(1, doubt: 5)
        let twice = try await raise(2, doubt: 7)
        #expect(twice.count == 1 && twice[0].count == 2 && twice[0].doubtMilliseconds == 12)
        #expect(twice[0].since.milliseconds == 1_000 && twice[0].lastSeenAt.milliseconds == 2_000)
        let confirm: @Sendable (SQLiteServerTransaction) throws -> Int = {
            try $0.confirmAlarms(code: "server_clock_jumped", at: Timestamp(milliseconds: 3_000))
        }
        #expect(try await store.write(confirm) == 1)
        #expect(try await store.write(confirm) == 0)
        let again = try await raise(4, doubt: 1)
        #expect(again[0].since.milliseconds == 4_000 && again[0].doubtMilliseconds == 1 && again[0].count == 3)
        #expect(again[0].confirmedAt == nil)
    }
}
