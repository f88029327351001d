import SatchelClient
import SatchelSync
import Testing

struct PushPaceTests {
    @Test func `it begins with little, and grows to what the line carries in a few seconds`() {
        var pace = PushPace()
        #expect(pace.bytes == 64 * 1024)
        // 32 KiB a second: two seconds for the first push.
        pace.noteAnswer(toBytes: 64 * 1024, after: .seconds(2))
        #expect(pace.bytes == 128 * 1024)
        pace.noteAnswer(toBytes: 128 * 1024, after: .seconds(4))
        #expect(pace.bytes == 128 * 1024)
        pace.noteAnswer(toBytes: 128 * 1024, after: .seconds(8))
        #expect(pace.bytes == 64 * 1024)
    }

    @Test func `one quick answer makes it twice as large, and no more than the limit in the end`() {
        var pace = PushPace()
        pace.noteAnswer(toBytes: 64 * 1024, after: .milliseconds(1))
        #expect(pace.bytes == 128 * 1024)
        for _ in 0..<6 { pace.noteAnswer(toBytes: pace.bytes, after: .zero) }
        #expect(pace.bytes == Limits.changeSetBytesPerPushMax)
    }

    @Test func `a small push says nothing of the rate, unless it took too long`() {
        var pace = PushPace(bytes: 100_000)
        pace.noteAnswer(toBytes: 200, after: .seconds(3))
        #expect(pace.bytes == 100_000)
        pace.noteAnswer(toBytes: 0, after: .seconds(30))
        #expect(pace.bytes == 100_000)
        pace.noteAnswer(toBytes: 200, after: .seconds(6))
        #expect(pace.bytes == 50_000)
    }

    @Test func `each push without an answer halves it, so that a line that is cut all the time still carries some`() {
        var pace = PushPace()
        var sizes: [Int] = []
        for _ in 0..<5 {
            pace.noteFailure(ofBytes: pace.bytes)
            sizes.append(pace.bytes)
        }
        #expect(sizes == [32_768, 16_384, 8_192, 8_192, 8_192])
        pace.noteFailure(ofBytes: 0)
        #expect(pace.bytes == PushPace.bytesMin)
        var small = PushPace()
        small.noteFailure(ofBytes: 20_000)
        #expect(small.bytes == 10_000)
    }

    @Test(arguments: [-1, 0, 1, .max]) func `whatever was kept, it stays within its bounds`(bytes: Int) {
        var pace = PushPace(bytes: bytes)
        #expect((PushPace.bytesMin...PushPace.bytesMax).contains(pace.bytes))
        for duration in [Duration.zero, .milliseconds(1), .seconds(4), .seconds(1_000_000)] {
            pace.noteAnswer(toBytes: pace.bytes, after: duration)
            #expect((PushPace.bytesMin...PushPace.bytesMax).contains(pace.bytes))
        }
    }
}
