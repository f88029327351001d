import Foundation
import Synchronization
import Testing

/// A race on purpose where `SATCHEL_RACE` says so, to see that the thread sanitizer has eyes (`Scripts/sanitize`).
@Suite struct PlantedRaceTests {
    // The lock guards it, unless a race is asked for.
    nonisolated(unsafe) private static var number = 0
    private static let lock = Mutex(())

    @Test func `two threads write one number under a lock, unless a race is asked for`() async {
        let isRacing = ProcessInfo.processInfo.environment["SATCHEL_RACE"] == "1"
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            for _ in 0..<10_000 { Self.count(isRacing: isRacing) }
                            continuation.resume()
                        }
                    }
                }
            }
        }
        if !isRacing { #expect(unsafe Self.number == 20_000) }
    }

    private static func count(isRacing: Bool) {
        if isRacing { unsafe number += 1 } else { lock.withLock { _ in unsafe number += 1 } }
    }
}
